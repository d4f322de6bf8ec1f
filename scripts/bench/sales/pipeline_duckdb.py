"""The sales pipeline in plain DuckDB, without K-Means: pipeline_duckdb.py INBOX OUT"""

import json
import sys
from pathlib import Path

import duckdb

from results import read


def main():
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    connection = duckdb.connect(out / "warehouse.duckdb")
    connection.execute("set variable inbox = $1", [str(inbox)])
    connection.execute((Path(__file__).parent / "pipeline_duckdb.sql").read_text())
    connection.table("processed_sales_data").order("sale_id").write_csv(str(out / "processed_sales_data.csv"))
    (out / "results.json").write_text(json.dumps(read(connection)))


if __name__ == "__main__":
    main()
