#!/usr/bin/env python3
"""CPU seconds of a random forest of 300 trees, `wh` against scikit-learn, on the Telco churn data.

    scripts/bench/forest/run.py TELCO.csv TEST_ROWS.csv [--wh target/release/wh] [--runs 3]

TELCO.csv is IBM's Telco-Customer-Churn.csv; TEST_ROWS.csv has the row numbers of the test rows, from 0, one a line.
Training is `fit` and `predict_proba` of the test rows for scikit-learn, on data that are encoded already; for `wh`
what a build that trains takes more than one that finds the model unchanged: encoding, training, judging, recording.
The whole is all of `wh ml train`: starting, reading, predicting and explaining every row besides. Both train with the
same parameters; each figure is the least of its runs. Needs pandas and scikit-learn.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile
import time

import pandas
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

PROJECT = {
    "wh.yml": 'name: telco\nversion: "1.0"\nwarehouse: {path: warehouse.duckdb}\n',
    "models/customers.sql": """{{ config(materialized='table') }}
select
    * replace (
        SeniorCitizen::integer as SeniorCitizen,
        tenure::integer as tenure,
        MonthlyCharges::double as MonthlyCharges,
        nullif(trim(TotalCharges), '')::double as TotalCharges
    ),
    case when row_number() over () - 1 in (select row from read_csv('test_rows.csv', columns = {'row': 'bigint'}, header = false))
        then 'test' else 'train' end as split
from read_csv('telco.csv', all_varchar = true)
""",
    "models/churn.yml": """ml_models:
  - name: churn
    from: ref('customers')
    key: customerID
    target: Churn
    features: [%s]
    preprocess: [{impute: median}, {one_hot: auto}]
    split: {column: split}
    cross_validation: {folds: 0}
    algorithm: random_forest
    params: {n_trees: 300, min_samples_leaf: %d}
""",
}


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def wh(arguments, features, leaf):
    """Returns CPU seconds of one training and of the whole build, and the area under the curve."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in PROJECT.items():
            path = root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text % (", ".join(features), leaf) if name.endswith("churn.yml") else text)
        (root / "telco.csv").symlink_to(arguments.telco.resolve())
        (root / "test_rows.csv").symlink_to(arguments.test_rows.resolve())
        binary = str(arguments.wh.resolve())
        subprocess.run([binary, "run", "-q"], cwd=root, check=True)
        used = []
        for _ in range(2):
            before = cpu_of_children()
            subprocess.run([binary, "ml", "train", "churn", "-q"], cwd=root, check=True)
            used.append(cpu_of_children() - before)
        question = "select value from wh.ml_metrics where metric = 'roc_auc'"
        answer = subprocess.run(
            [binary, "query", "-q", "--format", "csv", question], cwd=root, check=True, capture_output=True, text=True
        )
        return used[0] - used[1], used[0], float(answer.stdout.split()[1])


def sklearn(arguments, features, leaf):
    """Returns CPU seconds of one training, and its area under the curve."""
    data = pandas.read_csv(arguments.telco)
    data["TotalCharges"] = pandas.to_numeric(data["TotalCharges"].str.strip(), errors="coerce")
    rows = pandas.read_csv(arguments.test_rows, header=None)[0]
    is_test = data.index.isin(rows)
    filled = data[features].fillna(data.loc[~is_test, ["TotalCharges"]].median())
    columns = pandas.get_dummies(filled, dtype=float).to_numpy()
    target = (data["Churn"] == "Yes").to_numpy()
    before = time.process_time()
    forest = RandomForestClassifier(300, min_samples_leaf=leaf, random_state=42, n_jobs=os.cpu_count())
    forest.fit(columns[~is_test], target[~is_test])
    found = forest.predict_proba(columns[is_test])[:, 1]
    return time.process_time() - before, roc_auc_score(target[is_test], found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("telco", type=pathlib.Path)
    parser.add_argument("test_rows", type=pathlib.Path)
    parser.add_argument("--wh", type=pathlib.Path, default=pathlib.Path("target/release/wh"))
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    features = [
        name
        for name in pandas.read_csv(arguments.telco, nrows=0).columns
        if name not in ("customerID", "Churn")
    ]
    print("CPU seconds")
    print(f"{'leaf':>4} {'wh training':>12} {'wh whole':>9} {'AUC':>6} {'sklearn':>9} {'AUC':>6} {'training / sklearn':>19}")
    for leaf in (1, 5):
        own = min(wh(arguments, features, leaf) for _ in range(arguments.runs))
        other = min(sklearn(arguments, features, leaf) for _ in range(arguments.runs))
        figures = f"{own[0]:>12.2f} {own[1]:>9.2f} {own[2]:>6.3f} {other[0]:>9.2f} {other[1]:>6.3f}"
        print(f"{leaf:>4} {figures} {own[0] / other[0]:>19.2f}")


if __name__ == "__main__":
    main()
