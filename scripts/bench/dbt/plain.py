"""Runs what a project compiles to by plain DuckDB: plain.py PROJECT MANIFEST DATABASE.

Each node's statement one after the other, parents first, on one connection: seeds read by DuckDB, models created as
what they are, tests counted. What any tool around DuckDB does comes on top of this.
"""

import json
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb


def main(project, manifest, database):
    nodes = json.loads(Path(manifest).read_text())["nodes"]
    parents = {name: [parent for parent in node["depends_on"].get("nodes", []) if parent in nodes] for name, node in nodes.items()}
    connection = duckdb.connect(database)
    for name in TopologicalSorter(parents).static_order():
        connection.execute(statement(nodes[name], project))
        connection.fetchall()


def statement(node, project):
    kind, relation = node["resource_type"], f'"{node["schema"]}"."{node["alias"]}"'
    if kind == "seed":
        return f"create or replace table {relation} as from read_csv('{project}/{node['original_file_path']}')"
    if kind == "test":
        return f"select count(*) as failures, count(*) <> 0 from ({node['compiled_code']}) as found"
    return f"create or replace {node['config']['materialized']} {relation} as {node['compiled_code']}"


main(*sys.argv[1:])
