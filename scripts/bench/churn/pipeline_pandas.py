"""The churn pipeline as people write it in pandas and scikit-learn: pipeline_pandas.py PROJECT OUT

Reads raw/crm.sqlite, raw/inbox/*.csv and tickets.ndjson of PROJECT; writes scores, the workbook and results.json to OUT.
The same steps as the demo's models, less what pandas users rarely do: no raw lake, no data tests, no reasons, no versions.
"""

import json
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_validate, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HORIZON = pd.Timedelta(days=90)
NUMERIC = ["age", "monthly_charges", "tenure_months", "avg_sessions_3m", "avg_active_days_3m", "avg_call_minutes_3m", "avg_data_gb_3m",
           "sessions_trend", "total_spend", "avg_spend_3m", "n_late_invoices_6m", "n_tickets_3m", "avg_satisfaction_6m"]
FLAGS = ["online_security", "online_backup", "streaming", "paperless_billing"]
CATEGORICAL = ["gender", "region", "contract", "payment_method", "internet_service"]


def dates(text):
    out = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    out = out.fillna(pd.to_datetime(text, format="%d.%m.%Y", errors="coerce"))
    return out.fillna(pd.to_datetime(text, format="%m/%d/%Y", errors="coerce"))


def read(project):
    database = sqlite3.connect(project / "raw/crm.sqlite")
    accounts = pd.read_sql("select * from accounts", database)
    usage = pd.concat(pd.read_csv(path) for path in sorted((project / "raw/inbox").glob("usage_*.csv")))
    invoices = pd.concat(pd.read_csv(path, dtype={"amount": str}) for path in sorted((project / "raw/inbox").glob("invoices_*.csv")))
    tickets = pd.read_json(project / "tickets.ndjson", lines=True)
    return accounts, usage, invoices, tickets


def clean(accounts, usage, invoices, tickets):
    accounts["email"] = accounts.email.str.lower().str.strip()
    accounts["age"] = accounts.age.where(accounts.age.between(16, 110))
    accounts["signup_date"] = dates(accounts.signup_date)
    accounts["cancelled_on"] = pd.to_datetime(accounts.cancelled_on)
    accounts["monthly_charges"] = accounts.monthly_charges.astype(float)
    for flag in FLAGS:
        accounts[flag] = (accounts[flag] == "Yes").astype(int)
    accounts = accounts.sort_values(["updated_at", "account_id"]).drop_duplicates("email").rename(columns={"account_id": "customer_id"})
    usage["month"] = pd.to_datetime(usage.month + "-01")
    usage = usage.drop_duplicates(["customer_id", "month"], keep="last")
    invoices = invoices.drop_duplicates("invoice_id", keep="last")
    invoices["issued_on"] = dates(invoices.issued_on)
    invoices["due_on"], invoices["paid_on"] = pd.to_datetime(invoices.due_on), pd.to_datetime(invoices.paid_on)
    invoices["amount"] = pd.to_numeric(invoices.amount.str.replace("$", "").str.replace(",", ""), errors="coerce")
    tickets["opened_at"], tickets["updated_at"] = pd.to_datetime(tickets.opened_at).dt.tz_localize(None), pd.to_datetime(tickets.updated_at).dt.tz_localize(None)
    return accounts, usage, invoices, tickets


def start(dates):
    return dates.dt.to_period("M").dt.to_timestamp()


def customer_months(accounts, usage, invoices, tickets):
    invoices["month"] = start(invoices.issued_on)
    first, last = invoices.month.min(), invoices.month.max()
    months = pd.DataFrame({"month": pd.date_range(first, last, freq="MS")})
    spine = accounts[["customer_id", "signup_date", "cancelled_on"]].merge(months, how="cross")
    until = start(spine.cancelled_on).fillna(last)
    spine = spine[(spine.month >= start(spine.signup_date)) & (spine.month <= until)]
    billed = invoices.groupby(["customer_id", "month"], as_index=False).agg(amount_billed=("amount", "sum"))
    late = invoices.assign(month=start(invoices.due_on), n_late=(invoices.paid_on.isna() | (invoices.paid_on > invoices.due_on)).astype(int))
    late = late.groupby(["customer_id", "month"], as_index=False).n_late.sum()
    opened = tickets.assign(month=start(tickets.opened_at)).groupby(["customer_id", "month"], as_index=False).agg(n_tickets=("ticket_id", "count"))
    scored = tickets.assign(month=start(tickets.updated_at)).groupby(["customer_id", "month"], as_index=False).agg(
        score_sum=("satisfaction", "sum"), n_scores=("satisfaction", "count"))
    for part in (usage, billed, late, opened, scored):
        spine = spine.merge(part, on=["customer_id", "month"], how="left")
    spine = spine.sort_values(["customer_id", "month"]).reset_index(drop=True)
    spine[["amount_billed", "n_late", "n_tickets"]] = spine[["amount_billed", "n_late", "n_tickets"]].fillna(0)
    spine["month_end"] = spine.month + pd.offsets.MonthEnd(0)
    spine["active"] = spine.cancelled_on.isna() | (spine.cancelled_on > spine.month_end)
    signup = spine.signup_date.dt
    spine["tenure_months"] = (spine.month.dt.year - signup.year) * 12 + spine.month.dt.month - signup.month
    return spine


def features(spine):
    groups = spine.groupby("customer_id", sort=False)

    def rolling(column, n, how):
        rolled = groups[column].rolling(n, min_periods=1)
        return getattr(rolled, how)().reset_index(level=0, drop=True)

    for column in ("sessions", "active_days", "call_minutes", "data_gb"):
        spine[f"avg_{column}_3m"] = rolling(column, 3, "mean")
    before = spine.groupby("customer_id", sort=False)["avg_sessions_3m"].shift(3)
    spine["sessions_trend"] = (spine.avg_sessions_3m / before.where(before != 0)) - 1
    spine["total_spend"] = groups.amount_billed.cumsum()
    spine["avg_spend_3m"] = rolling("amount_billed", 3, "mean")
    spine["n_late_invoices_6m"] = rolling("n_late", 6, "sum")
    spine["n_tickets_3m"] = rolling("n_tickets", 3, "sum")
    spine["score_sum"] = spine.score_sum.fillna(0)
    spine["n_scores"] = spine.n_scores.fillna(0)
    spine["avg_satisfaction_6m"] = (rolling("score_sum", 6, "sum") / rolling("n_scores", 6, "sum").replace(0, np.nan)).fillna(3)
    return spine


def examples(spine, accounts):
    known_until = spine.month_end.max()
    labels = spine[spine.active & (spine.month.dt.month % 3 == 0) & (spine.tenure_months >= 1) & (spine.month_end + HORIZON <= known_until)]
    labels = labels.sample(frac=1, random_state=42).drop_duplicates("customer_id")
    labels = labels.assign(churned=(labels.cancelled_on <= labels.month_end + HORIZON).astype(int))
    current = spine[spine.active & (spine.month_end == known_until)]
    profile = accounts[["customer_id", "age", "monthly_charges", *FLAGS, *CATEGORICAL]]
    return labels.merge(profile, on="customer_id"), current.merge(profile, on="customer_id")


def prepare(train, others):
    for column in NUMERIC:
        middle = train[column].median()
        low, high = train[column].quantile([0.25, 0.75])
        low, high = low - 1.5 * (high - low), high + 1.5 * (high - low)
        for frame in (train, *others):
            frame[column] = frame[column].fillna(middle).clip(low, high)


def train_models(train, test):
    inputs = NUMERIC + FLAGS + CATEGORICAL
    encode = lambda: ColumnTransformer([("numeric", StandardScaler(), NUMERIC + FLAGS), ("text", OneHotEncoder(handle_unknown="ignore"), CATEGORICAL)])
    forest = RandomForestClassifier(n_estimators=200, max_depth=12, min_samples_leaf=5, n_jobs=-1, random_state=42)
    candidates = {"logistic_regression": make_pipeline(encode(), LogisticRegression(max_iter=1000)), "random_forest": make_pipeline(encode(), forest)}
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    metrics = {}
    for name, model in candidates.items():
        scores = cross_validate(model, train[inputs], train.churned, cv=folds, scoring=["accuracy", "precision", "recall", "f1", "roc_auc"])
        model.fit(train[inputs], train.churned)
        p = model.predict_proba(test[inputs])[:, 1]
        metrics[name] = {
            "cv_roc_auc": float(scores["test_roc_auc"].mean()), "roc_auc": float(roc_auc_score(test.churned, p)),
            "accuracy": float(accuracy_score(test.churned, p >= 0.5)), "recall": float(recall_score(test.churned, p >= 0.5)),
            "precision": float(precision_score(test.churned, p >= 0.5)), "f1": float(f1_score(test.churned, p >= 0.5)),
        }
    champion = max(metrics, key=lambda name: metrics[name]["roc_auc"])
    return candidates[champion], champion, metrics, inputs


def main():
    project, out = Path(sys.argv[1]), Path(sys.argv[2])
    accounts, usage, invoices, tickets = clean(*read(project))
    spine = features(customer_months(accounts, usage, invoices, tickets))
    labels, current = examples(spine, accounts)
    train, test = train_test_split(labels, test_size=0.2, stratify=labels.churned, random_state=42)
    train, test = train.copy(), test.copy()
    prepare(train, [test, current])
    model, champion, metrics, inputs = train_models(train, test)
    current["probability"] = model.predict_proba(current[inputs])[:, 1]
    scores = current[["customer_id", "month_end", "probability"]].sort_values("customer_id")
    scores.to_csv(out / "churn_scores.csv", index=False)
    worst = current.sort_values("probability", ascending=False).head(500)
    worst[["customer_id", "contract", "region", "monthly_charges", "probability"]].to_excel(out / "churn_retention.xlsx", index=False)
    results = {
        "customers": len(accounts), "customer_months": len(spine), "spend": round(float(spine.amount_billed.sum()), 2),
        "tickets": int(spine.n_tickets.sum()), "examples": len(labels), "scored": len(scores),
    }
    (out / "results.json").write_text(json.dumps({"results": results, "champion": champion, "metrics": metrics}))


if __name__ == "__main__":
    main()
