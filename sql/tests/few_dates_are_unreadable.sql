-- Checks of dates that more than one row in a hundred fails: a new shape has appeared, and parse_date_by_shape must learn it.
{{ config(tags=['sales']) }}
select check_name, n_affected, n_rows, share
from {{ ref('data_quality') }}
where check_name in ('unparsed_sale_dates', 'unparsed_review_dates') and share > 0.01
