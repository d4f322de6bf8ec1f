-- Drops the staged rows.
drop table {{ stage }}
