"""Holds the plug-ins of a profile and does what it is told, in lines of JSON on its standard input; answers on its standard output.

The warehouse is not open to this process: statements of plug-ins are asked for, functions are called from there with rows of texts,
and rows that plug-ins load go there as Parquet files, which hold all types but a few; those travel as text.
"""

import gc
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path

FOLDER = Path(__file__).parent

# Types that Parquet has not, or not whole, by a part of their names.
AS_TEXT = ["HUGEINT", "INTERVAL", "BIT", "TIME WITH TIME ZONE", "TIME_NS", "UNION", "BIGNUM", "VARINT", "GEOMETRY", "VARIANT"]

# What plug-ins print is not to be among the answers.
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


class Wrong(Exception):
    """What is wrong is said by the message alone, and the profile is to be changed."""


def main():
    for line in iter(sys.stdin.readline, ""):
        HOST.do(json.loads(line))
    # Some write what they hold when they go.
    HOST.plugins.clear()
    gc.collect()


def say(message):
    print(json.dumps(message, default=str), file=ANSWERS, flush=True)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + str(text).replace("'", "''") + "'"


def traced(error):
    """The traceback of an error without the lines of this file."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if not frames:
        return None
    return "Traceback (most recent call last):\n" + "".join(traceback.format_list(frames))


class Host:
    def __init__(self):
        self.plugins = {}
        self.files = 0
        # What is on its way, for errors.
        self.doing = None

    def do(self, told):
        """Does what is told and says how it went."""
        before, self.doing = self.doing, None
        try:
            done = getattr(self, told.pop("do"))(**told)
        except Wrong as error:
            say({"failed": {"what": str(error), "traceback": None, "is_project": True}})
        except BaseException as error:
            what = traceback.format_exception_only(error)[-1].strip()
            is_project = self.doing is not None and self.doing.startswith("making")
            what = f"{self.doing} failed: {what}" if self.doing else what
            say({"failed": {"what": what, "traceback": traced(error), "is_project": is_project}})
        else:
            say({"done": done})
        finally:
            self.doing = before

    def start(self, settings):
        try:
            import duckdb
        except ImportError:
            raise Wrong(f"plug-ins need `duckdb` of Python, and `{sys.executable}` does not have it: name one that has it in WH_PYTHON") from None
        sys.path.extend(path for path in settings["module_paths"] if path not in sys.path)
        if not is_installed("dbt.adapters.duckdb"):
            sys.path.append(str(FOLDER / "stand_in"))
        from dbt.adapters.duckdb.plugins import BasePlugin

        self.here = duckdb.connect()
        self.connection = Connection(self.here)
        self.credentials = credentials(settings["target"])
        for plugin in settings["plugins"]:
            self.doing = f"making the plug-in `{plugin['alias'] or plugin['module']}`"
            config = {**(self.credentials.settings or {}), **(plugin["config"] or {})}
            made = BasePlugin.create(
                plugin["module"], config=config, alias=plugin["alias"], credentials=self.credentials
            )
            self.plugins[made.name] = made

    def options(self, options):
        for name, plugin in self.plugins.items():
            self.doing = f"the plug-in `{name}`"
            plugin.update_connection_config(self.credentials, options)
        return {name: word(value) for name, value in options.items()}

    def configure(self, id):
        self.connection.id = id
        for name, plugin in self.plugins.items():
            self.doing = f"the plug-in `{name}`"
            plugin.configure_connection(self.connection)
            plugin.configure_cursor(Cursor(self.here, id))

    def find(self, name):
        if name not in self.plugins:
            known = ", ".join(self.plugins)
            raise Wrong(f"no plug-in of the profile is called `{name}`; its plug-ins are: {known}")
        return self.plugins[name]

    def load(self, plugin, source):
        from dbt.adapters.duckdb.utils import SourceConfig

        found = self.find(plugin)
        self.doing = f"the plug-in `{plugin}`"
        config = SourceConfig(**source)
        rows = found.load(config)
        if rows is None:
            raise ValueError(f"it loaded nothing for {config.table_name()}")
        kind = config.meta.get("materialization", found.default_materialization())
        self.files += 1
        file = FOLDER / f"loaded{self.files}.parquet"
        return {"materialization": kind, "file": str(file), "columns": written(self.here, rows, file)}

    def store(self, plugin, target):
        found = self.glue(plugin) if plugin.startswith("glue|") else self.find(plugin)
        self.doing = f"the plug-in `{plugin}`"
        found.store(target_config(target))

    def glue(self, name):
        """The plug-in behind `glue_register`, which no profile names."""
        if name not in self.plugins:
            from dbt.adapters.duckdb.plugins import glue

            config = {**(self.credentials.settings or {}), "glue_database": name.split("|")[1]}
            self.plugins[name] = glue.Plugin(name=name, plugin_config=config, credentials=self.credentials)
        return self.plugins[name]

    def call(self, function, rows):
        query = self.connection.queries[function]
        return [value for (value,) in self.here.execute(query, [[json.loads(row) for row in rows]]).fetchall()]


class Connection:
    """The warehouse as plug-ins configure it: statements run there, functions run here."""

    # The queries that call functions, by name: all plug-ins share them.
    queries = {}
    keep = False

    def __init__(self, here, id=None):
        self.here = here
        self.id = id

    def execute(self, query, parameters=None):
        return Rows(self.here, ask(str(query), list(parameters or []), self.keep))

    sql = query = execute

    def install_extension(self, extension, **options):
        source = options.get("repository") or options.get("repository_url")
        self.execute(f"install {extension}" + (f" from {literal(source)}" if source else ""))

    def load_extension(self, extension):
        self.execute(f"load {extension}")

    def create_function(self, name, function, parameters=None, return_type=None, **options):
        self.here.create_function(name, function, parameters, return_type, **options)
        types, returns, more = self.here.execute(
            "select parameter_types, return_type, varargs from duckdb_functions()"
            " where function_name = ? and function_type = 'scalar'",
            [name],
        ).fetchall()[-1]
        if more is not None:
            raise Wrong(f"the function `{name}` takes any number of arguments: name its `parameters`")
        given = ", ".join(f"cast(a[{at}] as {kind})" for at, kind in enumerate(types, 1))
        self.queries[name] = f"select cast({quoted(name)}({given}) as varchar) from (select unnest(?::varchar[][]) as a)"
        words = [f"argument{at}" for at in range(len(types))]
        texts = ", ".join(f"cast(cast({word} as {kind}) as varchar)" for word, kind in zip(words, types))
        caller = "wh_python_anew" if options.get("side_effects") else "wh_python"
        # A view may outlive the session that made it, and names no database for the function.
        ask(
            f"create or replace temp macro {quoted(name)}({', '.join(words)}) as cast({caller}("
            f"{literal(f'{self.id}:{name}')}, cast(to_json([{texts}]::varchar[]) as varchar)) as {returns})",
            [],
            True,
        )
        return self

    def remove_function(self, name):
        self.here.remove_function(name)
        ask(f"drop macro if exists temp.main.{quoted(name)}", [], True)
        return self

    def register(self, view_name, python_object):
        file = FOLDER / f"view_{len(list(FOLDER.iterdir()))}.parquet"
        columns = written(self.here, python_object, file)
        chosen = ", ".join(f"cast({quoted(c['name'])} as {c['type']}) as {quoted(c['name'])}" for c in columns)
        sql = f"create or replace temp view {quoted(view_name)} as select {chosen} from read_parquet({literal(file)})"
        ask(sql, [], True)
        return self

    def unregister(self, view_name):
        ask(f"drop view if exists temp.main.{quoted(view_name)}", [], True)
        return self

    def cursor(self):
        return self

    def close(self):
        pass

    def begin(self):
        return self.execute("begin")

    def commit(self):
        return self.execute("commit")

    def rollback(self):
        return self.execute("rollback")

    def register_filesystem(self, filesystem):
        raise Wrong(
            f"the file system `{type(filesystem).__name__}` is Python, and the warehouse is read by `wh`: "
            "DuckDB's `httpfs` and `azure` read http, s3, gcs and azure"
        )

    def __getattr__(self, name):
        raise AttributeError(f"the connection that `wh` gives to plug-ins has no `{name}`")


class Cursor(Connection):
    """As [`Connection`]; what it runs, each session begins with."""

    keep = True


class Rows:
    """What a statement answered: numbers and truth values as such, all else as text."""

    def __init__(self, here, answer):
        self.here = here
        self.columns = answer["columns"]
        self.left = [tuple(row) for row in answer["rows"]]

    @property
    def description(self):
        return [(name, None, None, None, None, None, None) for name in self.columns]

    def fetchone(self):
        return self.left.pop(0) if self.left else None

    def fetchmany(self, size=1):
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def fetchall(self):
        taken, self.left = self.left, []
        return taken

    def df(self):
        import pandas

        return pandas.DataFrame(self.fetchall(), columns=self.columns)

    fetchdf = to_df = df


def ask(sql, params, keep):
    """Has a statement run in the warehouse; functions may be called meanwhile."""
    say({"asked": {"sql": sql, "params": params, "keep": keep}})
    while True:
        told = json.loads(sys.stdin.readline())
        if "answer" in told:
            return told["answer"]
        if "refused" in told:
            raise RuntimeError(told["refused"])
        HOST.do(told)


def written(here, rows, file):
    """Writes rows to a Parquet file, and says of which columns the table is to be made."""
    here.register("loaded", rows)
    columns = [{"name": name, "type": kind} for name, kind, *_ in here.execute("describe loaded").fetchall()]
    chosen = ", ".join(
        f"cast({quoted(c['name'])} as varchar) as {quoted(c['name'])}"
        if any(part in c["type"] for part in AS_TEXT)
        else quoted(c["name"])
        for c in columns
    )
    here.execute(f"copy (select {chosen} from loaded) to {literal(file)} (format parquet)")
    here.unregister("loaded")
    return columns


def word(value):
    """A value of Python as DuckDB's settings take it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_installed(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def credentials(target):
    """The target of the profile as dbt-duckdb's class."""
    import dataclasses

    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    known = {field.name for field in dataclasses.fields(DuckDBCredentials)}
    return DuckDBCredentials.from_dict({key: value for key, value in target.items() if key in known})


class Config:
    """The configuration of a model, as its materialization has it."""

    def __init__(self, model):
        self.model = model
        self.values = model.get("config") or {}

    def get(self, name, default=None, validator=None):
        value = self.values.get(name)
        return default if value is None else value

    def require(self, name, validator=None):
        if name not in self.values:
            raise KeyError(f"the model configures no `{name}`")
        return self.values[name]

    def meta_get(self, name, default=None, validator=None):
        return (self.values.get("meta") or {}).get(name, default)

    def meta_require(self, name, validator=None):
        return self.values["meta"][name]

    def __getitem__(self, name):
        return self.values[name]

    def __contains__(self, name):
        return name in self.values

    def __getattr__(self, name):
        if name in ("model", "values") or name not in self.values:
            raise AttributeError(name)
        return self.values[name]


def target_config(target):
    from dbt.adapters.duckdb.utils import TargetConfig, TargetLocation

    try:
        from dbt.adapters.base.column import Column
        from dbt.adapters.duckdb.relation import DuckDBRelation
    except ImportError:
        from dbt.adapters.duckdb.utils import Column, Relation as DuckDBRelation
    relation = target["relation"]
    return TargetConfig(
        relation=DuckDBRelation.create(**relation),
        column_list=[Column(column=name, dtype=kind) for name, kind in target["columns"]],
        config=Config(target["model"]),
        location=TargetLocation(path=target["location"], format=target["format"]),
    )


HOST = Host()

if __name__ == "__main__":
    main()
