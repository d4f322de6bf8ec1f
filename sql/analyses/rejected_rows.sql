-- The rows that could not be read, and why: `wh query -f sql/analyses/rejected_rows.sql`
select 'sale_price' as source_table, _wh_file, _wh_line, reason, raw_text
from {{ source('shop', 'sale_price_rejects') }}
union all
select 'customer_feedback' as source_table, _wh_file, _wh_line, reason, raw_text
from {{ source('shop', 'customer_feedback_rejects') }}
order by source_table, _wh_file, _wh_line
