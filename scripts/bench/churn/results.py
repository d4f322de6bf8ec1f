"""Prints what a build of the churn demo found, as JSON: results.py WAREHOUSE"""

import json
import sys

import duckdb

QUERY = """
select
    (select count(*) from main.dim_customers) as customers,
    (select count(*) from main.fct_customer_months) as customer_months,
    (select sum(amount_billed)::double from main.fct_customer_months) as spend,
    (select sum(n_tickets)::bigint from main.fct_customer_months) as tickets,
    (select count(*) from main.churn_dataset) as examples,
    (select count(*) from main.churn_scores) as scored
"""
METRICS = """
select candidate, metric, value
from wh.ml_metrics
where model = 'churn_scores' and split = 'test' and version = (select max(version) from wh.ml_models where model = 'churn_scores')
"""

warehouse = duckdb.connect(sys.argv[1], read_only=True)
cursor = warehouse.execute(QUERY)
results = dict(zip([column[0] for column in cursor.description], cursor.fetchone()))
metrics = {}
for candidate, metric, value in warehouse.execute(METRICS).fetchall():
    metrics.setdefault(candidate, {})[metric] = value
print(json.dumps({"results": results, "metrics": metrics}))
