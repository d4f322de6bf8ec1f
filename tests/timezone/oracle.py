"""Evaluates each line of expressions.sql with the `duckdb` wheel, which has ICU, and prints the outcomes as JSON:
a list of [text, type], both null for NULL's text, or [null, null] for an error."""

import json
import sys

import duckdb


def main(path: str) -> None:
    connection = duckdb.connect()
    outcomes = []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("-- zone: "):
            connection.execute(f"set TimeZone = '{line.removeprefix('-- zone: ')}'")
        if not line or line.startswith("--"):
            continue
        try:
            query = f"select cast(({line}) as varchar), typeof({line})"
            outcomes.append(list(connection.execute(query).fetchone()))
        except duckdb.Error:
            outcomes.append(["error", "error"])
    json.dump(outcomes, sys.stdout)


main(sys.argv[1])
