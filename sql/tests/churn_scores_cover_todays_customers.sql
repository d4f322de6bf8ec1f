-- Every customer of today has a score, and nobody else.
select customer_id
from {{ ref('churn_active_customers') }}
full join {{ ref('churn_scores') }} as scores using (customer_id)
where as_of is null or probability is null
