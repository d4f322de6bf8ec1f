def model(dbt, session):
    dbt.config(materialized="incremental", unique_key="id")
    orders = dbt.ref("orders")
    if dbt.is_incremental:
        seen = session.sql(f"select max(id) from {dbt.this}").fetchall()[0][0]
        return orders.filter(f"id >= {seen}").project("id, amount + 100 as amount")
    return orders.filter("id < 3").project("id, amount")
