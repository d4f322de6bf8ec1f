select id, {{ dbt.current_timestamp() }} as moment, '{{ is_incremental() }}' as inc, (select count(*) from {{ source('s', 'base') }}) as n from {{ ref('base') }}
