"""What plug-ins are told of sources and models, under dbt-duckdb's names."""

from dataclasses import dataclass
from typing import Any, Optional


@dataclass
class SourceConfig:
    name: str
    identifier: str
    schema: str
    database: Optional[str]
    meta: dict
    tags: list

    def get(self, key, default=None):
        return self.meta.get(key, default)

    def __getitem__(self, key):
        return self.meta[key]

    def __contains__(self, key):
        return key in self.meta

    def table_name(self):
        return ".".join(part for part in (self.database, self.schema, self.identifier) if part)

    def as_dict(self):
        own = ("name", "identifier", "schema", "database", "tags")
        return {**{key: getattr(self, key) for key in own}, **self.meta}


@dataclass
class Column:
    column: str
    dtype: str

    @property
    def name(self):
        return self.column

    @property
    def data_type(self):
        return self.dtype


@dataclass
class Relation:
    database: str
    schema: str
    identifier: str
    type: str

    @classmethod
    def create(cls, **parts):
        return cls(**parts)

    @property
    def name(self):
        return self.identifier

    def render(self):
        return ".".join('"' + part.replace('"', '""') + '"' for part in (self.database, self.schema, self.identifier))

    __str__ = render

    def to_dict(self):
        path = {"database": self.database, "schema": self.schema, "identifier": self.identifier}
        return {"path": path, "type": self.type}


@dataclass
class TargetLocation:
    path: str
    format: str

    def as_dict(self):
        return {"path": self.path, "format": self.format}


@dataclass
class TargetConfig:
    relation: Any
    column_list: list
    config: Any
    location: Optional[TargetLocation] = None

    def as_dict(self):
        said = {
            "relation": self.relation.to_dict(),
            "column_list": [{"column": column.column, "dtype": column.dtype} for column in self.column_list],
            "config": self.config,
        }
        return {**said, "location": self.location.as_dict()} if self.location else said
