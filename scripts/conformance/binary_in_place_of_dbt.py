"""A pytest plug-in (`-p binary_in_place_of_dbt`) that runs a binary where dbt's test suites run dbt in their own process.

DBT_BIN     the command to run: one word, or several as a shell would split them
DBT_BIN_ENV JSON object of environment variables for it [default: {}]

The binary is known by what it leaves: exit code, standard output, artifacts and the database. `run_dbt` then answers
with dbt's own result classes read from the artifacts, and raises where the exit code is 2 or more.
"""

import contextlib
import gc
import json
import os
import shlex
import subprocess
import sys
import types
import weakref
from datetime import datetime, timezone

import dbt.artifacts.exceptions  # noqa: F401: defines exceptions
import dbt.tests.util as util
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.duckdb.environments.local import DuckDBConnectionWrapper
from dbt.adapters.factory import FACTORY
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessResult
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.results import NodeStatus, RunStatus, TestStatus, TimingInfo
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.cli.exceptions import DbtUsageException
from dbt.cli.main import dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.results import RunExecutionResult, RunResult
from dbt_common.dataclass_schema import ValidationError
from dbt_common.events import functions as events
from dbt_common.exceptions import DbtBaseException

CLOCK = "WH_NOW"
NO_RESULTS = ("clean", "deps", "init", "debug")


def narrowest(kind):
    """The classes of exceptions below `kind` that have none below them."""
    below = [narrow for each in kind.__subclasses__() for narrow in narrowest(each)]
    return list(dict.fromkeys(below)) or [kind]


class BinaryError(*narrowest(DbtBaseException), DbtUsageException, ValidationError):
    """The binary ended with 2 or more: no class of exception can be seen from outside, so it is each that a test asks for."""

    def __init__(self, output):
        Exception.__init__(self, output)
        self.msg = self.message = output
        self.node = None

    def __str__(self):
        return self.msg

    __repr__ = __str__


class Loose(types.SimpleNamespace):
    """A node of an artifact that dbt's classes do not read."""

    def get(self, key, default=None):
        return getattr(self, key, default)


def loose(value):
    if isinstance(value, dict):
        return Loose(**{str(k): loose(v) for k, v in value.items()})
    return [loose(x) for x in value] if isinstance(value, list) else value


open_handles = weakref.WeakSet()


def track(init):
    """Notes each handle dbt-duckdb opens: one that a test's traceback still holds keeps the file locked."""

    def noted(self, *args, **kwargs):
        init(self, *args, **kwargs)
        open_handles.add(self)

    return noted


DuckDBConnectionWrapper.__init__ = track(DuckDBConnectionWrapper.__init__)


def let_go_of_the_database():
    """Closes this process's connections, for DuckDB lets one process in at a time."""
    for adapter in FACTORY.adapters.values():
        adapter.cleanup_connections()
    for handle in list(open_handles):
        with contextlib.suppress(Exception):
            handle._cursor.close()
    open_handles.clear()
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        if getattr(environment, "conn", None) is not None:
            environment.conn.close()
            environment.conn = None
            environment.handle_count = 0
        DuckDBConnectionManager._ENV = None
    gc.collect()


def note_what_is_there(target):
    """Fills the adapter's cache, which dbt in this process has filled after a run, with what the binary left."""
    manifest = read_manifest(os.path.join(target, "manifest.json"))
    for adapter in FACTORY.adapters.values() if manifest else ():
        path = adapter.config.credentials.path
        if not os.path.exists(path):
            continue
        adapter.cache.clear()
        with adapter.connection_named("cache"):
            for schema in adapter._get_cache_schemas(manifest.nodes.values()):
                for relation in adapter.list_relations_without_caching(schema):
                    adapter.cache.add(relation)
                adapter.cache.update_schemas({(schema.database, schema.schema)})
    let_go_of_the_database()


def option(args, *names):
    for name in names:
        for at, word in enumerate(args):
            if word == name and at + 1 < len(args):
                return args[at + 1]
            if word.startswith(name + "="):
                return word.split("=", 1)[1]
    return None


def target_folder(args):
    project = option(args, "--project-dir") or os.getcwd()
    target = option(args, "--target-path") or os.environ.get("DBT_TARGET_PATH")
    return os.path.join(project, target or "target")


def read_json(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_manifest(path):
    """dbt's own `Manifest`, or None where the file is absent."""
    if not os.path.exists(path):
        return None
    return Manifest.from_writable_manifest(WritableManifest.read_and_check_versions(path))


class Nodes:
    """Finds the node of a result in manifest.json."""

    def __init__(self, target):
        path = os.path.join(target, "manifest.json")
        self.raw = read_json(path) or {}
        self.typed = read_manifest(path)

    def of(self, result):
        unique_id = result["unique_id"]
        for kind in ("nodes", "unit_tests", "sources", "functions", "saved_queries", "exposures"):
            node = getattr(self.typed, kind, {}).get(unique_id) if self.typed else None
            if node is None and unique_id in self.raw.get(kind, {}):
                node = loose(self.raw[kind][unique_id])
            if node is not None:
                break
        else:
            node = Loose(unique_id=unique_id, name=unique_id.split(".")[-1])
        for key in ("compiled", "compiled_code", "relation_name"):
            if result.get(key) is not None:
                with contextlib.suppress(AttributeError):
                    setattr(node, key, result[key])
        return node


def status_of(row):
    """A status as dbt's runners set it, which some tests compare by identity."""
    kinds = (TestStatus, RunStatus, NodeStatus) if row["unique_id"].startswith(("test.", "unit_test.")) else (RunStatus, NodeStatus)
    return next(kind(row["status"]) for kind in kinds if row["status"] in [status.value for status in kind])


def executions(target):
    """The results of the run, as dbt's own class holds them."""
    raw = read_json(os.path.join(target, "run_results.json"))
    if raw is None:
        return None
    nodes, results = Nodes(target), []
    for row in raw["results"]:
        batches = row.get("batch_results")
        results.append(
            RunResult(
                status=status_of(row),
                timing=[TimingInfo.from_dict(t) for t in row.get("timing", [])],
                thread_id=row.get("thread_id", ""),
                execution_time=row.get("execution_time", 0),
                adapter_response=row.get("adapter_response", {}),
                message=row.get("message"),
                failures=row.get("failures"),
                node=nodes.of(row),
                batch_results=loose(batches) if batches else None,
            )
        )
    return RunExecutionResult(
        results=results,
        elapsed_time=raw.get("elapsed_time", 0),
        generated_at=datetime.fromisoformat(raw["metadata"]["generated_at"].rstrip("Z")),
        args=raw.get("args", {}),
    )


def ages(target, args):
    """How old the rows of sources are, by what the binary wrote."""
    raw = read_json(option(args, "--output", "-o") or os.path.join(target, "sources.json"))
    if raw is None:
        return None
    nodes = Nodes(target)
    results = [Loose(**{**row, "node": nodes.of(row)}) for row in raw["results"]]
    return FreshnessResult.from_node_results(results, raw["elapsed_time"], datetime.now(timezone.utc))


def add_shown_rows(results, output):
    """Gives the results of `show --output json` the table dbt keeps in memory."""
    import agate

    start = output.find("{\n")
    if results is None or not results.results or start < 0:
        return
    shown = json.JSONDecoder().raw_decode(output[start:])[0]
    results.results[-1].agate_table = agate.Table.from_object(shown.get("show", []))


def result_of(command, args, target, process):
    if command in ("ls", "list"):
        return [line for line in process.stdout.splitlines() if line.strip()]
    if command == "parse":
        return read_manifest(os.path.join(target, "manifest.json"))
    if command == "docs" and "generate" in args:
        path = os.path.join(target, "catalog.json")
        return CatalogArtifact.read_and_check_versions(path) if os.path.exists(path) else None
    if command == "debug":
        return process.returncode == 0
    if command == "source":
        return ages(target, args)
    if command in NO_RESULTS or command == "docs":
        return None
    if command == "run-operation":
        path = os.path.join(target, "run_results.json")
        return RunResultsArtifact.read_and_check_versions(path) if os.path.exists(path) else None
    results = executions(target)
    if results is not None:
        note_what_is_there(target)
    return results


def frozen_clock():
    """The environment that tells the binary the time a test froze for this process."""
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is None or not freezegun.freeze_factories:
        return {}
    return {CLOCK: datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")}


class BinaryRunner:
    """Takes the place of `dbtRunner`."""

    def __init__(self, manifest=None, callbacks=None):
        del manifest, callbacks

    def invoke(self, args, **kwargs):
        del kwargs
        args = [str(a) for a in args]
        command = next((a for a in args if not a.startswith("-")), "")
        target = target_folder(args)
        let_go_of_the_database()
        results = os.path.join(target, "run_results.json")
        state = option(args, "--state") or ""
        if os.path.exists(results) and os.path.abspath(state) != os.path.abspath(target) and command != "retry":
            os.remove(results)
        env = {**os.environ, **json.loads(os.environ.get("DBT_BIN_ENV", "{}")), **frozen_clock()}

        def run(*more):
            words = [*shlex.split(os.environ["DBT_BIN"]), *args, *more]
            return subprocess.run(words, capture_output=True, text=True, env=env, check=False)

        process = run()
        said = process.stdout + process.stderr
        sys.stdout.write(said)
        stream = events.get_capture_stream()
        if stream is not None:
            stream.write(said)
        if process.returncode not in (0, 1):
            return dbtRunnerResult(success=False, exception=BinaryError(said))
        found = result_of(command, args, target, process)
        if command == "show" and process.returncode == 0:
            is_json = option(args, "--output") == "json"
            add_shown_rows(found, process.stdout if is_json else run("--output", "json").stdout)
        return dbtRunnerResult(success=process.returncode == 0, result=found)


@contextlib.contextmanager
def patch_microbatch_end_time(text):
    """Tells the binary the time, where the suite would patch dbt in this process."""
    before = os.environ.get(CLOCK)
    os.environ[CLOCK] = text.replace(" ", "T") + "Z"
    try:
        yield
    finally:
        if before is None:
            del os.environ[CLOCK]
        else:
            os.environ[CLOCK] = before


util.dbtRunner = BinaryRunner
util.patch_microbatch_end_time = patch_microbatch_end_time
