-- Forgets one version of a feature view. $1 name (text), $2 version.
delete from wh.feature_views
where name = $1 and version = $2
