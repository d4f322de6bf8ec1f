"""The target of the profile, under dbt-duckdb's names."""

from dataclasses import dataclass, field
from typing import Optional


@dataclass
class DuckDBCredentials:
    database: str = "main"
    schema: str = "main"
    path: str = ":memory:"
    config_options: Optional[dict] = None
    extensions: Optional[list] = None
    settings: dict = field(default_factory=dict)
    secrets: Optional[list] = None
    external_root: str = "."
    use_credential_provider: Optional[str] = None
    attach: Optional[list] = None
    filesystems: Optional[list] = None
    plugins: Optional[list] = None
    module_paths: Optional[list] = None

    @classmethod
    def from_dict(cls, values):
        return cls(**values)
