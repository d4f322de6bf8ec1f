-- Makes PostgreSQL write every value the same way whatever the server's and the role's settings are.
set local time zone 'UTC';
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';
set local extra_float_digits = 1;
set local standard_conforming_strings = on;
set local synchronize_seqscans = off
