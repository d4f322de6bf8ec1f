-- Lists the features of the newest version of a feature view. $1 name.
select
    feature,
    lower(dtype) as dtype,
    description
from wh.features
where view = $1
    and version = (select max(version) from wh.feature_views where name = $1)
order by position
