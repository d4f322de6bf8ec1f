"""What a warehouse of the sales pipeline holds, as numbers to compare: results.py WAREHOUSE"""

import json
import sys

import duckdb

CHECKS = ["missing_prices", "missing_quantities", "missing_scores", "duplicate_feedback", "unknown_customers"]


def read(connection):
    def one(sql):
        return connection.execute(sql).fetchone()[0]

    found = {
        "processed": one("select count(*) from processed_sales_data"),
        "revenue": one("select sum(total_revenue)::double from processed_sales_data"),
        "customers": one("select count(*) from customer_purchases"),
        "months": one("select count(*) from monthly_trend"),
        "first": one("select product_id from top_products where period = 'all_time' and revenue_rank = 1"),
        "last_quarter": one("select sum(total_revenue)::double from top_products where period = 'last_quarter'"),
        "sentiment": one("select avg(sentiment_score) from processed_sales_data"),
    }
    quality = dict(connection.execute("select check_name, n_affected from data_quality").fetchall())
    found.update({name: quality[name] for name in CHECKS})
    if one("select count(*) from information_schema.tables where table_name = 'vip_customers'"):
        found["vip"] = [
            one("select count(*) from vip_customers where label = 'VIP'"),
            round(one("select sum(distance * distance) from vip_customers"), 3),
        ]
    return found


if __name__ == "__main__":
    print(json.dumps(read(duckdb.connect(sys.argv[1], read_only=True))))
