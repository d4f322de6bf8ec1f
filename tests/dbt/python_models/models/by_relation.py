def model(dbt, session):
    orders = dbt.ref("first")
    return orders.filter("amount > 10")
