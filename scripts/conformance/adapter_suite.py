#!/usr/bin/env python3
"""Runs dbt-duckdb's tests, those of dbt-tests-adapter that it does not inherit, and dbt-core's, with `wh` in dbt's place.

usage: adapter_suite.py --wh BINARY --tests FOLDER [--core FOLDER] --work FOLDER [--only SUITE,SUITE] [--fast | --check] [--keep-dbt]
                        [--table FILE] [-- PYTEST OPTION …]

`--tests` is the unpacked source of dbt-duckdb from PyPI, `--core` a clone of dbt-core, whose tests are run on
dbt-duckdb, each file in a process of its own. Each test that passes with dbt in its own process is wanted of
`wh`; those in `not_observable.txt` are not, each for the reason written there. `--fast` runs the tests of `fast.txt`
only, and all of them have to pass. `--check` runs dbt as the binary: what the plug-in hides or makes up, it shows.
Exit code 1 where a wanted test fails.
"""

import argparse
import concurrent.futures
import contextlib
import glob
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
# Suite -> what pytest is told: dbt-duckdb's own folder, and the classes dbt-tests-adapter itself makes tests of.
SUITES = {
    "dbt-duckdb": ["tests/functional", "--ignore=tests/functional/plugins/motherduck"],
    "dbt-tests-adapter": ["tests/inherited"],
}
CORE = "dbt-core"
# What dbt-core's own conftest.py has and dbt-duckdb's lacks.
CONFTEST = """


@pytest.fixture
def parser_mode():
    return "core"
"""


def inherit(suite):
    """Gives each module of dbt-tests-adapter a module of the suite, for its tests to see the suite's fixtures."""
    root = os.path.dirname(importlib.util.find_spec("dbt.tests.util").origin)
    os.makedirs(f"{suite}/tests/inherited", exist_ok=True)
    for folder, _, files in os.walk(f"{root}/adapter"):
        for name in (f.removesuffix(".py") for f in files if f.startswith("test_") and f.endswith(".py")):
            module = os.path.relpath(f"{folder}/{name}", os.path.dirname(root)).replace("/", ".")
            with open(f"{suite}/tests/inherited/test_{module.replace('.', '_')}.py", "w", encoding="utf-8") as file:
                file.write(f"from dbt.{module} import *\n")


def adopt(options):
    """Makes a folder of dbt-core's tests with the fixtures of dbt-duckdb's, and returns it with the files of the tests."""
    suite = f"{options.work}/{CORE}"
    shutil.rmtree(suite, ignore_errors=True)
    shutil.copytree(f"{options.core}/tests", f"{suite}/tests", ignore=shutil.ignore_patterns("unit", "__pycache__"))
    for file in glob.glob(f"{options.tests}/tests/*.py") + [f"{options.tests}/pytest.ini"]:
        shutil.copy(file, f"{suite}/{os.path.relpath(file, options.tests)}")
    with open(f"{suite}/tests/conftest.py", "a", encoding="utf-8") as file:
        file.write(CONFTEST)
    files = sorted(glob.glob("tests/functional/**/test_*.py", root_dir=suite, recursive=True))
    # Folders of which nothing can be seen from outside, such as `tests.functional.events`.
    unseen = tuple(name.replace(".", "/") + "/" for name in lines("not_observable.txt") if name.startswith("tests."))
    return suite, [file for file in files if not file.startswith(unseen)]


def one_by_one(options, report, suite, binary):
    """Runs each file of a suite by itself: dbt keeps in its process what one test does to the next."""
    folder, files = suite
    shutil.rmtree(report, ignore_errors=True)
    os.makedirs(report)
    rest = argparse.Namespace(tests=folder, rest=["-n", "0", "-o", "addopts=", *options.rest])
    of = lambda file: pytest(rest, f"{report}/{file.replace('/', '.')}.xml", [file], binary)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return {test: outcome for outcomes in pool.map(of, files) for test, outcome in outcomes.items()}


def pytest(options, report, tests, binary):
    """Runs pytest in the suite's folder and returns test -> passed, failed or skipped; nothing where it could not."""
    env = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false"}
    words = [sys.executable, "-m", "pytest", "--profile", "file", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
    words += ["-n", "4", "--timeout", "600"]
    if binary:
        # Python models are run by the Python of the suite, which has what they import.
        env.update(DBT_BIN=binary, PYTHONPATH=f"{HERE}:{options.tests}", WH_PYTHON=sys.executable)
        words += ["-p", "binary_in_place_of_dbt"]
    words += [f"--junitxml={report}", *options.rest, *tests]
    with open(f"{report}.log", "w", encoding="utf-8") as log:
        subprocess.run(words, cwd=options.tests, env=env, stdout=log, stderr=log, check=False)
    return read(report)


def read(report):
    """test -> passed, failed or skipped, of a JUnit file or a folder of them."""
    if os.path.isdir(report):
        files = glob.glob(f"{report}/*.xml")
        return {test: outcome for file in files for test, outcome in read(file).items()}
    outcomes = {}
    if not os.path.exists(report):
        return outcomes
    for case in xml.parse(report).getroot().iter("testcase"):
        failed = case.find("failure") is not None or case.find("error") is not None
        outcome = "failed" if failed else "skipped" if case.find("skipped") is not None else "passed"
        module = case.get("classname").split("site-packages.")[-1]
        outcomes[f"{module}::{case.get('name')}"] = outcome
    return outcomes


def lines(name):
    """`text -> reason` of a list: one entry a line, its reason after ` # `."""
    with open(f"{HERE}/{name}", encoding="utf-8") as file:
        rows = [line.strip().split(" # ", 1) for line in file if line.strip() and not line.startswith("#")]
    return {row[0].strip(): row[1].strip() if len(row) > 1 else "" for row in rows}


def part(test):
    """What a test is about: `dbt-duckdb: constraints` of `dbt-duckdb: tests.functional.adapter.test_constraints.TestX::test_y`."""
    suite, test = test.split(": ", 1)
    words = [word for word in test.split("::")[0].split(".")[1:] if not word.startswith("Test")]
    if suite == CORE:
        return f"{suite}: {words[1].removeprefix('test_')}"
    if words[0] == "inherited":
        folder = os.path.dirname(importlib.util.find_spec("dbt.tests.util").origin) + "/adapter"
        name = words[1].removeprefix("test_tests_adapter_")
        areas = [area for area in os.listdir(folder) if name.startswith(area + "_")]
        return f"dbt-tests-adapter: {max(areas, key=len, default=name)}"
    words = [word.removeprefix("test_") for word in words[1:] if word != "adapter"]
    return f"{suite}: {words[0]}"


def table(wanted, ours):
    """Markdown: of each area, how many tests dbt passes and `wh` does; then those that `wh` fails, with what is known of them."""
    counts = {}
    for test in wanted:
        n_dbt, n_wh = counts.get(part(test), (0, 0))
        counts[part(test)] = (n_dbt + 1, n_wh + (ours.get(test) == "passed"))
    rows = [f"| {name} | {a} | {b} |" for name, (a, b) in sorted(counts.items())]
    total = f"| **all** | **{sum(a for a, _ in counts.values())}** | **{sum(b for _, b in counts.values())}** |"
    known = lines("differences.txt")
    why = lambda test: next((reason for name, reason in known.items() if name in test), "not looked into")
    failed = [f"| {test.split(': tests.', 1)[1]} | {why(test)} |" for test in wanted if ours.get(test) != "passed"]
    counted = ["| tests | dbt passes | `wh` passes |", "|---|--:|--:|", *rows, total, ""]
    return "\n".join([*counted, *(["| fails | why |", "|---|---|", *failed] if failed else [])]) + "\n"


def run_suites(options):
    """The tests wanted of `wh`, and its outcome of each."""
    known, wanted, ours = lines("not_observable.txt"), [], {}
    inherit(options.tests)
    suites = {**SUITES, **({CORE: adopt(options)} if options.core else {})}
    for suite, tests in suites.items():
        if options.only and suite not in options.only.split(","):
            continue
        run = one_by_one if suite == CORE else pytest
        report = f"{options.work}/{suite}.dbt.xml"
        kept = options.keep_dbt and os.path.exists(report)
        theirs = read(report) if kept else run(options, report, tests, None)
        wanted += [f"{suite}: {t}" for t, o in theirs.items() if o == "passed" and not any(k in t for k in known)]
        outcomes = run(options, f"{options.work}/{suite}.wh.xml", tests, options.wh)
        ours |= {f"{suite}: {test}": outcome for test, outcome in outcomes.items()}
    return wanted, ours


@contextlib.contextmanager
def dbt_as_binary(options):
    """A command that runs dbt, which a server holds loaded meanwhile."""
    script, path = f"{HERE}/clocked_dbt.py", os.path.join(tempfile.mkdtemp(), "dbt.sock")
    env = {**os.environ, "PYTHONPATH": options.tests}
    with subprocess.Popen([sys.executable, script, "serve", path], env=env) as server:
        try:
            while not os.path.exists(path) and server.poll() is None:
                time.sleep(0.1)
            yield f"{sys.executable} -S -E {script} {path}"
        finally:
            server.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wh", required=True)
    parser.add_argument("--tests", required=True)
    parser.add_argument("--core")
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", help="suites of dbt-duckdb, dbt-tests-adapter, dbt-core [default: all]")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep-dbt", action="store_true", help="dbt's own outcomes are those of the last time")
    parser.add_argument("--table")
    parser.add_argument("rest", nargs="*")
    options = parser.parse_args()
    if options.fast:
        inherit(options.tests)
        ours = pytest(options, f"{options.work}/fast.wh.xml", list(lines("fast.txt")), options.wh)
        wanted = list(ours)
    elif options.check:
        with dbt_as_binary(options) as options.wh:
            wanted, ours = run_suites(options)
    else:
        wanted, ours = run_suites(options)
    wrong = [test for test in wanted if ours.get(test) != "passed"]
    for test in wrong:
        print(f"{ours.get(test, 'absent')}: {test}")
    print(f"{len(wanted) - len(wrong)} of {len(wanted)} tests pass; the logs are {options.work}/*.wh.xml.log")
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            file.write(table(wanted, ours))
    sys.exit(1 if wrong or not wanted else 0)


if __name__ == "__main__":
    main()
