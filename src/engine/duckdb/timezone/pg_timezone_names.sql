-- Body of pg_timezone_names(): every zone with its offset from UTC at present.
select name, name as abbrev, timezone(name, now()) - timezone('UTC', now()) as utc_offset, wh_zone_is_dst(name, now()) = 1 as is_dst
from (select unnest(string_split(wh_zone_names(), ',')) as name)
