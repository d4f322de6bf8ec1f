with recursive n as (select id as n from {{ ref('e1') }} union all select n + 1 from n where n < 3) select * from n
