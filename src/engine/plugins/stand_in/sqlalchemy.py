"""Tables and queries of other databases as sources, and models as tables there."""

import pandas
from sqlalchemy import create_engine, text

from . import BasePlugin, pd_utils


class Plugin(BasePlugin):
    engine = None

    def initialize(self, plugin_config):
        self.engine = create_engine(plugin_config.pop("connection_url"), **plugin_config)

    def load(self, source_config):
        with self.engine.connect() as connection:
            if "query" in source_config:
                query = source_config["query"].format(**source_config.as_dict())
                return pandas.read_sql_query(text(query), con=connection, params=source_config.get("params", {}))
            table = source_config.get("table", source_config.table_name())
            return pandas.read_sql_table(table, con=connection)

    def store(self, target_config):
        rows = pd_utils.target_to_df(target_config)
        rows.to_sql(target_config.relation.identifier, self.engine, if_exists="replace", index=False)

    def __del__(self):
        if self.engine is not None:
            self.engine.dispose()
