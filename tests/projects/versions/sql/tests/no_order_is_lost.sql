select (select count(*) from {{ ref('stg_orders') }}) as staged, sum(n_orders) as counted
from {{ ref('revenue') }}
having staged <> counted
