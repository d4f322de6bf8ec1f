"""Reads a target folder with dbt-core's own classes: fails where an artifact is not what dbt-core can read.

    python read_artifacts.py TARGET...
"""

import json
import sys
from pathlib import Path

import jsonschema
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.contracts.graph.manifest import Manifest

KINDS = {
    "manifest.json": WritableManifest,
    "run_results.json": RunResultsArtifact,
    "catalog.json": CatalogArtifact,
    "sources.json": FreshnessExecutionResultArtifact,
}


def read(path):
    """Returns what is wrong with one artifact, as lines."""
    kind = KINDS[path.name]
    content = json.loads(path.read_text())
    wrong = []
    try:
        artifact = kind.read_and_check_versions(str(path))
        if kind is WritableManifest:
            Manifest.from_writable_manifest(artifact)
    except Exception as error:  # any failure to read is the answer
        wrong.append(f"{path}: {type(error).__name__}: {str(error)[:600]}")
    checker = jsonschema.Draft202012Validator(kind.json_schema())
    for error in list(checker.iter_errors(content))[:20]:
        place = "/".join(str(part) for part in error.absolute_path)
        deepest = error
        while deepest.context:
            deepest = min(deepest.context, key=lambda each: (-len(each.absolute_path), len(each.context or [])))
        wrong.append(f"{path}: {place}: {deepest.message[:200]}")
    return wrong


def main():
    wrong, count = [], 0
    for target in sys.argv[1:]:
        for name in KINDS:
            path = Path(target) / name
            if path.exists():
                count += 1
                wrong.extend(read(path))
    for line in wrong:
        print(line)
    print(f"{count} artifacts read, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
