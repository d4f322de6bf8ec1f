import json
from pathlib import Path
from typing import Optional

import pandas
from dbt.adapters.duckdb.plugins import BasePlugin


def doubled(number: int) -> int:
    return number * 2


def shouted(text: Optional[str]) -> str:
    return "nothing" if text is None else text.upper()


class Plugin(BasePlugin):
    def initialize(self, plugin_config):
        self.config = plugin_config
        self.stored = 0

    def configure_connection(self, conn):
        if self.name == "other":
            conn.execute("create table if not exists of_the_plugin as select 5 as five")
            return
        conn.create_function("doubled", doubled)
        conn.create_function("shouted", shouted, null_handling="special")
        conn.create_function("total", lambda numbers: sum(numbers), ["DECIMAL(9,2)[]"], "DECIMAL(9,2)")
        conn.create_function("pair", lambda day: {"day": day, "next": "it's"}, ["DATE"], "STRUCT(day DATE, next VARCHAR)")

    def configure_cursor(self, cursor):
        cursor.register(f"rates_of_{self.name}", pandas.DataFrame({"rate": [1.5, 2.5]}))

    def load(self, source_config):
        said = source_config.as_dict()
        rows = range(source_config.get("rows", 2))
        moment = pandas.Timestamp("2024-02-29 12:30:00.123456")
        return pandas.DataFrame(
            {
                "row": rows,
                "said": [f"{said['schema']}.{said['identifier']} {said['tags']} {source_config['unit']}"] * len(rows),
                "currency": [self.config.get("currency")] * len(rows),
                "moment": [moment] * len(rows),
                "kind": pandas.Categorical(["a"] * len(rows)),
                "spent": [pandas.Timedelta(minutes=5)] * len(rows),
                "parts": [[1, 2]] * len(rows),
            }
        )

    def store(self, target_config):
        location = target_config.location
        rows = pandas.read_parquet(location.path)
        said = {
            "name": target_config.relation.identifier,
            "schema": target_config.relation.schema,
            "columns": [[column.name, column.dtype] for column in target_config.column_list],
            "format": location.format,
            "rows": len(rows),
            "key": target_config.config.get("key"),
            "absent": target_config.config.get("absent", "default"),
            "settings": self.config,
        }
        Path(f"{target_config.relation.identifier}.txt").write_text(json.dumps(said, indent=1, sort_keys=True))
