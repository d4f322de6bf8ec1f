-- Customers without a cluster.
{{ config(tags=['sales']) }}
select purchases.customer_id
from {{ ref('customer_purchases') }} as purchases
anti join {{ ref('vip_customers') }} as clusters on purchases.customer_id = clusters.customer_id
