-- Returns the names of all feature views that were ever built.
select distinct name
from wh.feature_views
order by name
