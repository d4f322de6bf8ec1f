select
    contract,
    region,
    count(*) as n_customers,
    count(*) filter (risk <> 'low') as n_at_risk,
    count(*) filter (risk <> 'low') / count(*) as share_at_risk,
    sum(revenue_at_risk) as revenue_at_risk
from {{ ref('churn_retention_list') }}
group by contract, region
