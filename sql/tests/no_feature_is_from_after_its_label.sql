-- The training set holds what the months up to the label's date say, computed here in another way.
select examples.customer_id, examples.label_date
from {{ ref('churn_training_set') }} as examples
inner join {{ ref('fct_customer_months') }} as months
    on examples.customer_id = months.customer_id and months.month_end = examples.label_date
where examples.total_spend is distinct from months.total_spend
    or examples.n_tickets_3m is distinct from months.n_tickets_3m
    or examples.tenure_months is distinct from months.tenure_months
