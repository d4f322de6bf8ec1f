"""Runs a model that is a program: makes what it reads, calls it, writes what it leaves.

Called with the path of a JSON file that says what to do; writes `left.json` beside it. What the warehouse holds is not open to
this process: relations come and go as Parquet files, which hold all types but a few, and those travel as text.
"""

import asyncio
import importlib.util
import json
import sys
import traceback
from pathlib import Path


def main():
    folder = Path(sys.argv[1]).parent
    job = json.loads(Path(sys.argv[1]).read_text())
    sys.path[:0] = job["module_paths"]
    import duckdb

    con = duckdb.connect()
    prepare(con, job)
    try:
        call(con, job["program"])
    except BaseException as error:
        ours = str(Path(__file__))
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != ours]
        text = traceback.format_list(frames) + traceback.format_exception_only(error)
        print("Traceback (most recent call last):", "".join(text), sep="\n", file=sys.stderr)
        sys.exit(1)
    (folder / "left.json").write_text(json.dumps(left(con, job, folder)))


def prepare(con, job):
    """Makes databases, schemas and a view for each relation, under the names that they have in the warehouse."""
    databases = {name for _, name in con.execute("select database_oid, database_name from duckdb_databases()").fetchall()}
    for name in job["databases"]:
        if name not in databases:
            con.execute(f"attach ':memory:' as {quoted(name)}")
    for database, schema in job["schemas"]:
        con.execute(f"create schema if not exists {quoted(database)}.{quoted(schema)}")
    con.execute(f"use {quoted(job['databases'][0])}")
    for name, value in job["settings"].items():
        con.execute(f"set {quoted(name)} = {literal(value)}")
    for read in job["reads"]:
        columns = ", ".join(f"cast({quoted(c['name'])} as {c['type']}) as {quoted(c['name'])}" for c in read["columns"])
        name = ".".join(map(quoted, read["path"]))
        con.execute(f"create view {name} as select {columns} from read_parquet({literal(read['file'])})")


def call(con, program):
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())
    spec = importlib.util.spec_from_file_location(Path(program).stem, program)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dbt = module.dbtObj(lambda name: con.query(f"select * from {name}"))
    module.materialize(module.model(dbt, con), con)


def left(con, job, folder):
    """Writes each table that the program made, and says which there are."""
    tables = con.execute(
        "select database_name, schema_name, table_name from duckdb_tables() where not temporary order by table_oid"
    ).fetchall()
    return [written(con, job, (path, folder / f"left{number}.parquet")) for number, path in enumerate(tables)]


def written(con, job, target):
    path, file = target
    name = ".".join(map(quoted, path))
    columns = [
        {"name": column, "type": kind, "as_text": any(word in kind for word in job["as_text"])}
        for column, kind, *_ in con.execute(f"describe {name}").fetchall()
    ]
    chosen = ", ".join(
        f"cast({quoted(c['name'])} as varchar) as {quoted(c['name'])}" if c["as_text"] else quoted(c["name"]) for c in columns
    )
    con.execute(f"copy (select {chosen} from {name}) to {literal(str(file))} (format parquet)")
    return {"path": list(path), "file": str(file), "columns": columns}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


main()
