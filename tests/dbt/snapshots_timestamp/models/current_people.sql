select id, name from {{ ref('kept') }} where dbt_valid_to is null
