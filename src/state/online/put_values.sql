-- Puts the values of one entity. ?1 view, ?2 entity (JSON list of texts), ?3 when they became known (µs), ?4 values (JSON object).
insert into online_values (view, entity, known_at, feature_values)
values (?1, ?2, ?3, ?4)
