"""Reads a target folder with the typed models of `dbt-artifacts-parser`: fails where an artifact is none that it knows.

    python read_by_others.py TARGET
"""

import json
import sys
from pathlib import Path

from dbt_artifacts_parser import parser

READERS = {
    "manifest.json": parser.parse_manifest_v12,
    "run_results.json": parser.parse_run_results_v6,
    "catalog.json": parser.parse_catalog_v1,
    "sources.json": parser.parse_sources_v3,
}

for name, reader in READERS.items():
    path = Path(sys.argv[1]) / name
    if path.exists():
        reader(json.loads(path.read_text(encoding="utf-8")))
        print(name)
