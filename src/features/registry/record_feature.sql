-- Records a feature. $1 view, $2 version, $3 position from 1, $4 feature, $5 type, $6 description.
insert into wh.features (view, version, position, feature, dtype, description)
values ($1, $2, $3, $4, $5, $6)
