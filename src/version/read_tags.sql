-- Returns all tags with their versions.
select tag, version
from wh.data_tags
order by tag
