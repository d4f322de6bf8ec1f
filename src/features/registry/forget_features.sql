-- Forgets the features of one version of a feature view. $1 name (text), $2 version.
delete from wh.features
where view = $1 and version = $2
