"""The sales pipeline in pandas, scikit-learn and openpyxl: pipeline_pandas.py INBOX OUT [--workbook]"""

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import MinMaxScaler

FEATURES = ["total_purchase_amount", "purchase_frequency", "avg_transaction_value"]


def parse_dates(text, position, formats):
    """Returns dates read by their shape: the character at `position` says which format it is, None is any other."""
    dates = pd.Series(pd.NaT, index=text.index, dtype="datetime64[s]")
    left = pd.Series(True, index=text.index)
    for separator, date_format in formats.items():
        chosen = left if separator is None else left & (text.str[position] == separator)
        dates[chosen] = pd.to_datetime(text[chosen], format=date_format, errors="coerce").astype("datetime64[s]")
        left &= ~chosen
    return dates


def read_sales(path):
    sales = pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip")
    sales = sales[sales["sale_date"] != ""]  # on_bad_lines only skips rows with too many fields
    price = sales["sale_price"].str.replace("$", "", regex=False).str.replace(",", "", regex=False)
    return pd.DataFrame({
        "sale_id": sales["sale_id"].astype("int64"),
        "product_id": sales["product_id"],
        "customer_id": sales["customer_id"],
        "sale_price": pd.to_numeric(price, errors="coerce"),
        "quantity": pd.to_numeric(sales["quantity"].replace("", "1")).astype("int64"),
        "sale_date": parse_dates(sales["sale_date"], 2, {"-": "%d-%m-%Y", None: "%m/%d/%Y"}),
    }), {
        "missing_prices": int((price == "").sum()),
        "missing_quantities": int((sales["quantity"] == "").sum()),
    }


def read_feedback(path):
    feedback = pd.read_json(path, convert_dates=False, dtype={"customer_id": str, "product_id": str})
    feedback["review_date"] = parse_dates(
        feedback["review_date"], 4, {"-": "%Y-%m-%d", "/": "%Y/%m/%d", None: "%m/%d/%Y"}
    )
    ordered = feedback.sort_values("review_date", kind="stable", na_position="first")
    latest = ordered.drop_duplicates(["customer_id", "product_id"], keep="last")
    return latest, {
        "missing_scores": int(feedback["sentiment_score"].isna().sum()),
        "duplicate_feedback": len(feedback) - len(latest),
    }


def top_products(sales, period):
    products = sales.groupby("product_id").agg(
        total_revenue=("total_revenue", "sum"),
        n_sales=("sale_id", "size"),
        avg_sentiment=("sentiment_score", "mean"),
    )
    products = products.reset_index().sort_values(["total_revenue", "product_id"], ascending=[False, True])
    products.insert(0, "period", period)
    products["revenue_rank"] = range(1, len(products) + 1)
    return products


def find_vips(customers):
    scaled = MinMaxScaler().fit_transform(customers[FEATURES])
    model = KMeans(n_clusters=2, n_init=10, random_state=42).fit(scaled)
    means = customers.groupby(model.labels_)["total_purchase_amount"].mean()
    customers["label"] = pd.Series(model.labels_, index=customers.index).map(
        {means.idxmax(): "VIP", means.idxmin(): "Non-VIP"}
    )
    return model.inertia_


def main():
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    sales, sales_quality = read_sales(inbox / "sale_price.csv")
    feedback, feedback_quality = read_feedback(inbox / "customer_feedback.json")
    unknown = int((~feedback["customer_id"].isin(sales["customer_id"])).sum())
    quality = {**sales_quality, **feedback_quality, "unknown_customers": unknown}

    processed = sales[sales["sale_price"] > 0].merge(feedback, on=["customer_id", "product_id"])
    processed["total_revenue"] = processed["sale_price"] * processed["quantity"]
    quarter = processed["sale_date"].dt.to_period("Q")
    products = pd.concat([
        top_products(processed, "all_time"),
        top_products(processed[quarter == quarter.max()], "last_quarter"),
    ])
    trend = processed.groupby(processed["sale_date"].dt.to_period("M").rename("month")).agg(
        total_revenue=("total_revenue", "sum"),
        n_sales=("sale_id", "size"),
        avg_sentiment=("sentiment_score", "mean"),
    )
    trend = trend.reset_index()
    trend["month"] = trend["month"].dt.to_timestamp()
    customers = processed.groupby("customer_id").agg(
        total_purchase_amount=("total_revenue", "sum"),
        purchase_frequency=("sale_id", "size"),
        avg_transaction_value=("total_revenue", "mean"),
    )
    customers = customers.reset_index()
    inertia = find_vips(customers)
    with_vip = processed.merge(customers[["customer_id", "total_purchase_amount", "label"]], on="customer_id")

    processed.sort_values("sale_id").to_csv(out / "processed_sales_data.csv", index=False)
    with_vip = with_vip.sort_values("sale_id")
    with_vip.to_csv(out / "processed_sales_data_with_vip.csv", index=False)
    if "--workbook" in sys.argv:
        with pd.ExcelWriter(out / "processed_sales_data_with_vip.xlsx", engine="openpyxl") as workbook:
            with_vip.to_excel(workbook, sheet_name="Sales with VIP", index=False)
            customers.to_excel(workbook, sheet_name="Customers", index=False)
            products.to_excel(workbook, sheet_name="Top products", index=False)
            trend.to_excel(workbook, sheet_name="Monthly trend", index=False)
            pd.Series(quality).to_excel(workbook, sheet_name="Data quality")

    first = products.iloc[0]
    (out / "results.json").write_text(json.dumps({
        "processed": len(processed),
        "revenue": float(processed["total_revenue"].sum()),
        "customers": len(customers),
        "months": len(trend),
        "first": first["product_id"],
        "last_quarter": float(products.loc[products["period"] == "last_quarter", "total_revenue"].sum()),
        "sentiment": float(processed["sentiment_score"].mean()),
        **quality,
        "vip": [int((customers["label"] == "VIP").sum()), round(float(inertia), 3)],
    }))


if __name__ == "__main__":
    main()
