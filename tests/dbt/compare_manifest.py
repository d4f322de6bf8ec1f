"""Compares two manifests key by key and prints what differs, gathered by place.

    python compare_manifest.py EXPECTED ACTUAL [--nodes] [--all]

`--nodes` prints one line a difference instead of one a place; `--all` shows keys that differ in every run, too.
"""

import argparse
import json
from collections import defaultdict

# Different in every run, or of the machine.
VOLATILE = {"created_at", "root_path", "generated_at", "invocation_id", "invocation_started_at", "run_started_at",
            "user_id", "send_anonymous_usage_stats", "env"}
# The text of built-in macros is our own.
OWN_WORDS = {"dbt", "dbt_duckdb"}
MISSING = "(missing)"


def differences(expected, actual, place=()):
    """Yields (place, expected, actual) for every leaf that differs."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in list(expected) + [key for key in actual if key not in expected]:
            yield from differences(expected.get(key, MISSING), actual.get(key, MISSING), place + (key,))
    elif expected != actual:
        yield place, expected, actual


def plain(manifest):
    """Leaves out built-in macros, and puts in order what has none."""
    for kind in ("macros", "docs"):
        manifest[kind] = {k: v for k, v in manifest[kind].items() if v["package_name"] not in OWN_WORDS}
    for nodes in (manifest["nodes"], manifest["sources"], manifest["exposures"], manifest.get("unit_tests", {})):
        for node in nodes.values():
            order(node)
    for nodes in manifest["disabled"].values():
        for node in nodes:
            order(node)
    manifest["disabled"] = {key: {str(i): node for i, node in enumerate(nodes)}
                            for key, nodes in manifest["disabled"].items()}
    for item in manifest["macros"].values():
        order(item)
    return manifest


def order(node):
    if "depends_on" in node:
        node["depends_on"] = {key: sorted(set(items)) for key, items in node["depends_on"].items()}
    if "refs" in node:
        node["refs"] = sorted({json.dumps(ref, sort_keys=True) for ref in node["refs"]})
    if "sources" in node:
        node["sources"] = sorted({json.dumps(ref) for ref in node["sources"]})


def short(value):
    text = json.dumps(value)
    return text if len(text) < 150 else text[:150] + "…"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("expected")
    parser.add_argument("actual")
    parser.add_argument("--nodes", action="store_true")
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args()
    with open(args.expected) as a, open(args.actual) as b:
        expected, actual = plain(json.load(a)), plain(json.load(b))
    places = defaultdict(list)
    for place, left, right in differences(expected, actual):
        if not args.all and any(part in VOLATILE for part in place):
            continue
        if len(place) > 1:
            kind = place[1].split(".")[0] if "." in place[1] else "*"
            general = (place[0], kind) + place[2:]
        else:
            general = place
        places[tuple(str(part) for part in general)].append((place, left, right))
    for general, found in sorted(places.items(), key=lambda item: -len(item[1])):
        shown = found if args.nodes else found[:1]
        for place, left, right in shown:
            where = "/".join(general) if not args.nodes else "/".join(str(part) for part in place)
            print(f"{len(found):5} {where}   [{place[1] if len(place) > 1 else ''}]")
            print(f"        expected {short(left)}")
            print(f"        actual   {short(right)}")
    print(f"{sum(map(len, places.values()))} differences in {len(places)} places")


main()
