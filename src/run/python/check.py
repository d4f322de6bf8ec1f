"""Says what keeps programs from running: a list of programs as JSON comes in, what is wrong with each goes out."""

import ast
import importlib.metadata
import importlib.util
import json
import re
import sys


def main():
    job = json.load(sys.stdin)
    sys.path[:0] = job["module_paths"]
    json.dump([checked(program) for program in job["programs"]], sys.stdout)


def checked(program):
    try:
        body = ast.parse(program["text"]).body
    except SyntaxError as error:
        return {"missing": [], "syntax": [error.msg, error.lineno or 0, error.offset or 0]}
    needed = ["duckdb", *(re.split(r"[<>=!~;\[ ]", name)[0] for name in program["packages"])]
    # A program that changes where modules are looked for knows better.
    if "sys.path" not in program["text"]:
        for statement in body:
            if isinstance(statement, ast.Import):
                needed += [name.name.split(".")[0] for name in statement.names]
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                needed.append(statement.module.split(".")[0])
    return {"missing": sorted({name for name in needed if not is_there(name)}), "syntax": None}


def is_there(name):
    try:
        if importlib.util.find_spec(name.replace("-", "_")):
            return True
        importlib.metadata.distribution(name)
        return True
    except (ImportError, ValueError):
        return False


main()
