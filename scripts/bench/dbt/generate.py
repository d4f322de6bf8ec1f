#!/usr/bin/env python3
"""Writes a synthetic dbt-duckdb project: generate.py FOLDER N [--seed 7].

One seed of 200 rows for every 50 models, each also a source. A tenth of the models read a seed and its source, the
others join one to three models written before them, mostly near ones, so that the graph is deep. Three in ten are
tables, the rest views; a chain of views ends in a table after five. Every model calls three macros, is described
together with its columns (one docs block for twenty models), and has two tests, unique and not_null, on its key.
"""

import argparse
import random
from pathlib import Path

PROJECT = """\
name: synth
version: "1.0"
config-version: 2
profile: synth
flags: {send_anonymous_usage_stats: false}
models:
  synth:
    +materialized: view
"""

PROFILES = """\
synth:
  target: dev
  outputs:
    dev: {type: duckdb, path: synth.duckdb, threads: 4}
"""

MACROS = """\
{% macro cents(column, scale=2) %}round({{ column }} / 100.0, {{ scale }}){% endmacro %}

{% macro bucket(column, n=10) -%}
    {%- set ns = namespace(branches=[]) -%}
    {%- for i in range(n) -%}
        {%- do ns.branches.append('when ' ~ column ~ ' % ' ~ n ~ ' = ' ~ i ~ " then 'b" ~ i ~ "'") -%}
    {%- endfor -%}
    case {{ ns.branches | join(' ') }} end
{%- endmacro %}

{% macro keep(relation, columns) -%}
    {%- for column in columns -%}
        {{ relation }}.{{ adapter.quote(column) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
"""

MODEL = """\
{{{{ config(materialized='{kind}', tags=['g{group}']) }}}}

with base as (
{source}
)

select
    id,
    val + {shift} as val,
    grp,
    day,
    {{{{ cents('val') }}}} as amount,
    {{{{ bucket('id', {n_buckets}) }}}} as bucket
from base
{{% if target.name == 'prod' %}}where day > '2024-01-01'{{% endif %}}
"""

PROPERTIES = """\
version: 2
models:
  - name: {name}
    description: "Synthetic model {number} of group {group}."
    columns:
      - name: id
        description: key
        data_tests: [unique, not_null]
      - name: val
        description: '{{{{ doc("d_{block:05d}") }}}}'
      - name: bucket
        description: bucket of id
"""

BLOCK = """\
{{% docs d_{number:05d} %}}
Block {number}: an amount, in **cents**.
{{% enddocs %}}
"""

VIEWS_IN_A_ROW = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("n_models", type=int)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    generate(options.folder, options.n_models, options.seed)


def generate(folder, n_models, seed=7):
    chance = random.Random(seed)
    write(folder / "dbt_project.yml", PROJECT)
    write(folder / "profiles.yml", PROFILES)
    write(folder / "macros/columns.sql", MACROS)
    n_seeds = (n_models + 49) // 50
    seeds(folder, n_seeds, chance)
    depths = []
    for number in range(n_models):
        model(folder, number, n_models, n_seeds, depths, chance)


def seeds(folder, n_seeds, chance):
    tables = []
    for number in range(n_seeds):
        name = f"seed_{number:03d}"
        rows = (f"{key},{chance.randint(1, 99999)},g{chance.randint(1, 9)},{day(chance)}\n" for key in range(1, 201))
        write(folder / f"seeds/{name}.csv", "id,val,grp,day\n" + "".join(rows))
        tables.append(f"      - name: {name}\n        description: raw feed {number}\n")
    write(folder / "models/sources.yml", SOURCES + "".join(tables))


SOURCES = """\
version: 2
sources:
  - name: raw
    schema: main
    tables:
"""


def day(chance):
    return f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"


def model(folder, number, n_models, n_seeds, depths, chance):
    name, group = f"m_{number:05d}", number // 100
    if number < max(1, n_models // 10):
        source, depth, kind = staged(chance.randrange(n_seeds)), 0, "view"
    else:
        parents = near(number, n_models, chance)
        source, depth = joined(parents), 1 + max(depths[parent] for parent in parents)
        kind = "table" if depth % VIEWS_IN_A_ROW == 0 or chance.random() < 0.3 else "view"
    depths.append(depth if kind == "view" else depth // VIEWS_IN_A_ROW * VIEWS_IN_A_ROW)
    here = folder / f"models/g{group:02d}"
    text = MODEL.format(kind=kind, group=group, source=source, shift=number % 7, n_buckets=2 + number % 9)
    write(here / f"{name}.sql", text)
    block = number - number % 20
    write(here / f"{name}.yml", PROPERTIES.format(name=name, number=number, group=group, block=block))
    if number == block:
        with (here / "docs.md").open("a") as file:
            file.write(BLOCK.format(number=number))


def near(number, n_models, chance):
    """Returns one to three models before this one, the nearer the likelier."""
    back = [int(chance.expovariate(1 / (n_models / 8 + 1))) for _ in range(chance.randint(1, 3))]
    return sorted({max(0, number - 1 - steps) for steps in back})


def staged(seed):
    name = f"seed_{seed:03d}"
    return f"-- depends_on: {{{{ ref('{name}') }}}}\nselect id, val, grp, day from {{{{ source('raw', '{name}') }}}}"


def joined(parents):
    first, *others = (f"{{{{ ref('m_{parent:05d}') }}}}" for parent in parents)
    joins = (f"\njoin {other} as j{number} on a.id = j{number}.id" for number, other in enumerate(others))
    return f"select {{{{ keep('a', ['id', 'val', 'grp', 'day']) }}}} from {first} as a" + "".join(joins)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


if __name__ == "__main__":
    main()
