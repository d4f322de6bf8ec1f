-- Returns the values of one entity. ?1 view, ?2 entity (JSON list of texts).
select known_at, feature_values
from online_values
where view = ?1 and entity = ?2
