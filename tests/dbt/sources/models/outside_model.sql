select count(*) as n, (select count(*) from {{ source('outside', 'both') }}) as n_both from {{ source('outside', 'one') }}
union all select cast(id as integer), 0 from {{ source('outside', 'two') }}
