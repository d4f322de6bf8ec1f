select range::integer as id, 'k' || range as "Key", case range % 2 when 0 then 'a' else 'b' end as kind, 1 as constant from range(10)
