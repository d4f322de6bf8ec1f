def model(dbt, session):
    dbt.ref("orders")
    return dbt.source("raw", "orders").aggregate("count(*) as n")
