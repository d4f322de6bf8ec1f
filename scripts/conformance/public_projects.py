#!/usr/bin/env python3
"""Builds public dbt projects with dbt-duckdb and with `wh`, and compares what the two left.

usage: public_projects.py --wh BINARY --dbt BINARY --work FOLDER [--projects FOLDER] [--only NAME,NAME] [--table FILE]

The projects are named in projects.json (repository, commit, packages, command). Each is taken from `--projects`
(a folder of ready projects: NAME/dbt_project.yml, NAME/dbt_packages, NAME/profiles.yml of type duckdb) where it is
there, else cloned with git. Compared are the exit codes, the status and the number of failures of every node, and
every relation: kind, columns, types, and its rows as a multiset. Exit code 1 where a project differs.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))


def git_checkout(repository, commit, folder, into):
    """Puts `folder` of a commit at `into`."""
    clone = into + ".clone"
    shutil.rmtree(clone, ignore_errors=True)
    for words in (["clone", "-q", "https://github.com/" + repository, clone], ["-C", clone, "checkout", "-q", commit]):
        subprocess.run(["git", *words], check=True, capture_output=True, text=True)
    shutil.copytree(os.path.join(clone, folder), into, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    shutil.rmtree(clone)


def fetch(project, into):
    """Clones a project and its packages and gives it a profile of type duckdb."""
    git_checkout(project["repository"], project["commit"], project.get("folder", "."), into)
    for name, package in project.get("packages", {}).items():
        git_checkout(
            package["repository"], package["commit"], package.get("folder", "."), f"{into}/dbt_packages/{name}"
        )
    lock = [f"  - package: fetched/{name}\n    version: 1.0.0\n    name: {name}\n" for name in project.get("packages", {})]
    if lock:
        write(f"{into}/package-lock.yml", "packages:\n" + "".join(lock) + "sha1_hash: fetched\n")
    with open(f"{into}/dbt_project.yml", encoding="utf-8") as file:
        profile = re.search(r"^profile:\s*['\"]?([\w-]+)", file.read(), re.M)
    output = f"{{type: duckdb, path: {project['database']}, threads: 4}}"
    name = profile.group(1) if profile else "default"
    write(f"{into}/profiles.yml", f"{name}: {{target: dev, outputs: {{dev: {output}}}}}\n")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def build(binary, project, folder):
    """Runs the project's commands; returns the last exit code and the seconds they took."""
    env = {**os.environ, "DBT_PROFILES_DIR": folder, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "TZ": "UTC"}
    # Python models are run by the Python of dbt, which has what they import.
    env["WH_PYTHON"] = sys.executable
    start, code = time.monotonic(), 0
    with open(f"{folder}.log", "w", encoding="utf-8") as log:
        for command in project["commands"]:
            words = [*shlex.split(binary), *shlex.split(command)]
            code = subprocess.run(words, cwd=folder, env=env, stdout=log, stderr=log, check=False).returncode
    return code, time.monotonic() - start


def statuses(folder):
    """unique_id -> (status, failures) of the last command."""
    path = f"{folder}/target/run_results.json"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["results"]
    return {row["unique_id"]: (row["status"], row.get("failures")) for row in rows}


def relations(connection, database):
    """(schema, name) -> (kind, [(column, type), …]) of a database that is attached."""
    rows = connection.execute(
        """
        select t.table_schema, t.table_name, t.table_type, list((c.column_name, c.data_type) order by c.ordinal_position)
        from information_schema.tables t
        join information_schema.columns c using (table_catalog, table_schema, table_name)
        where t.table_catalog = ? group by all
        """,
        [database],
    ).fetchall()
    return {(schema.lower(), name.lower()): (kind, columns) for schema, name, kind, columns in rows}


def compare_databases(ours, theirs, volatile):
    """Returns how many relations there are and a line for each that differs."""
    connection = duckdb.connect()
    for tool, path in (("wh", ours), ("dbt", theirs)):
        if not os.path.exists(path):
            return 0, [f"{tool} left no database"]
    return compare_snapshots(snapshot(connection, ours), snapshot(connection, theirs), volatile)


def snapshot(connection, path):
    """(schema, name) -> kind, columns, number of rows, and for each column a digest of its values in any order.

    The database is attached under its own name, for views name it.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    connection.execute(f"attach '{path}' as \"{name}\" (read_only)")
    connection.execute("set timezone = 'UTC'")
    facts = {}
    for (schema, table), (kind, columns) in relations(connection, name).items():
        digests = {}
        for column, kind_of_column in columns:
            cell = '"' + column.replace('"', '""') + '"'
            if kind_of_column in ("FLOAT", "DOUBLE"):
                cell = f"format('{{:.9g}}', {cell}::double + 0.0)"
            digests[column] = f"coalesce(({cell})::varchar, '~N~')"
        sums = [f"sum(md5_number_lower({d}))::varchar" for d in digests.values()]
        query = f'select count(*), {", ".join(sums)} from "{name}"."{schema}"."{table}"'
        try:
            row = connection.execute(query).fetchone()
        except duckdb.Error as error:
            row = (str(error).splitlines()[0],) + (None,) * len(columns)
        facts[schema, table] = (kind, columns, row[0], dict(zip(digests, row[1:])))
    connection.execute(f'detach "{name}"')
    return facts


def compare_snapshots(ours, theirs, volatile):
    lines = []
    for key in sorted(theirs.keys() | ours.keys()):
        label = ".".join(key)
        if key not in ours or key not in theirs:
            lines.append(f"{label}: only {'dbt' if key in theirs else 'wh'} has it")
            continue
        (kind, columns, rows, digests), (their_kind, their_columns, their_rows, their_digests) = ours[key], theirs[key]
        if (kind, columns) != (their_kind, their_columns):
            lines.append(f"{label}: {kind} {columns} instead of {their_kind} {their_columns}")
        elif label.lower() in volatile:
            continue
        elif rows != their_rows:
            lines.append(f"{label}: {rows} rows instead of {their_rows}")
        else:
            wrong = [c for c in digests if digests[c] != their_digests[c] and f"{label}.{c}".lower() not in volatile]
            if wrong:
                lines.append(f"{label}: differs in {', '.join(wrong)}")
    return len(theirs), lines


def judge(project, options):
    """Builds one project both ways and returns the row of the table."""
    name = project["name"]
    pristine = os.path.join(options.projects or f"{options.work}/fetched", name)
    if not os.path.exists(f"{pristine}/dbt_project.yml"):
        try:
            fetch(project, pristine)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(pristine, ignore_errors=True)
            return {"name": name, "absent": f"`{shlex.join(error.cmd)}` failed: {error.stderr.strip()}"}
    runs = {}
    for tool, binary in (("wh", options.wh), ("dbt", options.dbt)):
        folder = f"{options.work}/{tool}/{name}"
        if tool == "dbt" and options.keep_dbt and os.path.exists(f"{folder}/target/run_results.json"):
            runs[tool] = (*json.load(open(f"{folder}.json", encoding="utf-8")), folder)
            continue
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(pristine, folder, symlinks=True)
        code, seconds = build(binary, project, folder)
        write(f"{folder}.json", json.dumps([code, seconds]))
        runs[tool] = (code, seconds, folder)
    volatile = {v.lower() for v in project.get("volatile", [])}
    database = project["database"]
    n_relations, lines = compare_databases(*(f"{runs[t][2]}/{database}" for t in ("wh", "dbt")), volatile)
    ours, theirs = statuses(runs["wh"][2]), statuses(runs["dbt"][2])
    for node in sorted(ours.keys() | theirs.keys()):
        if ours.get(node) != theirs.get(node) and node not in project.get("volatile_statuses", []):
            lines.append(f"{node}: {ours.get(node)} instead of {theirs.get(node)}")
    if runs["wh"][0] != runs["dbt"][0]:
        lines.append(f"exit code {runs['wh'][0]} instead of {runs['dbt'][0]}")
    return {
        "name": name, "repository": project["repository"], "commit": project["commit"][:10], "nodes": len(theirs),
        "relations": n_relations, "exit": runs["wh"][0], "lines": lines, "wh": runs["wh"][1], "dbt": runs["dbt"][1],
    }  # fmt: skip


def table(rows):
    """The rows as Markdown."""
    lines = ["| project | commit | nodes | relations | exit code | differences | `wh` s | dbt s |", "|---|---|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        lines.append(
            f"| [{row['name']}](https://github.com/{row['repository']}) | `{row['commit']}` | {row['nodes']} | {row['relations']} "
            f"| {row['exit']} | {len(row['lines'])} | {row['wh']:.1f} | {row['dbt']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wh", required=True)
    parser.add_argument("--dbt", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--projects")
    parser.add_argument("--only")
    parser.add_argument("--table")
    parser.add_argument("--keep-dbt", action="store_true", help="compare with what dbt left last time")
    options = parser.parse_args()
    with open(f"{HERE}/projects.json", encoding="utf-8") as file:
        projects = json.load(file)
    if options.only:
        projects = [p for p in projects if p["name"] in options.only.split(",")]
    rows, absent = [], []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for row in pool.map(lambda project: judge(project, options), projects):
            if "absent" in row:
                absent.append(row["name"])
                print(f"NOT FETCHED {row['name']}: {row['absent']}", flush=True)
                continue
            rows.append(row)
            print(f"{'ok ' if not row['lines'] else 'BAD'} {row['name']}: {row['relations']} relations, {row['nodes']} nodes", flush=True)
            for line in row["lines"]:
                print("      " + line)
    if absent:
        print(f"{len(absent)} of {len(projects)} projects cannot be fetched, so the table stays as it is: is there a network?")
    elif options.table:
        write(options.table, table(rows))
    sys.exit(1 if absent or any(row["lines"] for row in rows) else 0)


if __name__ == "__main__":
    main()
