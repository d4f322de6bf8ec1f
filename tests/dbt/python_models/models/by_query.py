def model(dbt, session):
    dbt.config(materialized="table", factor=3)
    name = dbt.ref("first").select("customer").distinct().count("*").fetchall()[0][0]
    return session.sql(
        f"select customer, sum(amount) as total, {name} as customers, {dbt.config.get('factor')} as factor, "
        f"'{dbt.this.schema}.{dbt.this.identifier}' as this from main.first group by customer"
    )
