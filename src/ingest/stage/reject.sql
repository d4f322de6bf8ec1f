-- Sets the staged rows aside that cannot be loaded.
insert into {{ rejects }} (_wh_file, _wh_line, raw_text, reason, _wh_loaded_at)
select _wh_file, _wh_line, _wh_raw, {{ reason }}, _wh_loaded_at
from {{ stage }}
where {{ reason }} is not null
