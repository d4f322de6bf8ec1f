-- How often customers leave, by contract and how long they have been with us.
select
    contract,
    case when tenure_months < 12 then 'first year' when tenure_months < 36 then '1 to 3 years' else 'longer' end as tenure,
    count(*) as n_customers,
    avg(churned::integer) as churn_rate
from {{ ref('churn_dataset') }}
group by all
order by churn_rate desc
