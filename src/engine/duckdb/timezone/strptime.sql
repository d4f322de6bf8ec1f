-- Lets strptime and try_strptime read the names of zones (%Z), in this session; see strptime.rs.
create or replace temp macro strptime(text, format) as
    system.main.strptime(wh_zoned_text(text, format), wh_zoned_format(format));
create or replace temp macro try_strptime(text, format) as
    system.main.try_strptime(wh_try_zoned_text(text, format), wh_zoned_format(format));
