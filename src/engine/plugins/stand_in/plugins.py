"""The class that plug-ins are made of, under dbt-duckdb's name."""

import importlib
import importlib.util
from dataclasses import fields

# Plug-ins of dbt-duckdb that are not here.
ELSEWHERE = ("delta", "glue", "gsheet", "iceberg", "motherduck", "postgres")


class PluginConfig:
    """What a plug-in is configured with: a data class."""

    @classmethod
    def from_dict(cls, values):
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in known})


class BasePlugin:
    @classmethod
    def create(cls, module, *, config=None, alias=None, credentials=None):
        name = module.split(".")[-1]
        own = f"{__name__}.{module}"
        if "." not in module and importlib.util.find_spec(own) is not None:
            module = own
        elif module in ELSEWHERE:
            raise ImportError(f"the plug-in `{module}` is part of dbt-duckdb, which this Python does not have")
        try:
            found = importlib.import_module(module)
        except ImportError as error:
            raise ImportError(f"the module `{module}` cannot be imported: {error}") from error
        if not hasattr(found, "Plugin"):
            raise ImportError(f"the module `{module}` has no class `Plugin`")
        return found.Plugin(name=alias or name, plugin_config=config or {}, credentials=credentials)

    def __init__(self, name, plugin_config, credentials=None):
        self.name = name
        self.creds = credentials
        self.initialize(plugin_config)

    def initialize(self, plugin_config):
        """Takes the configuration; for subclasses."""

    def update_connection_config(self, creds, config):
        """Changes the settings that the warehouse is opened with; for subclasses."""

    def configure_connection(self, conn):
        """Prepares the open warehouse; for subclasses."""

    def configure_cursor(self, cursor):
        """Prepares each session; for subclasses."""

    def load(self, source_config):
        raise NotImplementedError(f"the plug-in {self.name} loads nothing")

    def store(self, target_config):
        raise NotImplementedError(f"the plug-in {self.name} stores nothing")

    def default_materialization(self):
        return "table"
