#!/usr/bin/env python3
"""Records what dbt makes of the templates in tests/jinja: writes NAME.txt beside each NAME.sql.

Needs `pip install dbt-common==1.39.0 jinja2==3.1.6` in a virtual environment. Run at the root of the repository.
The macros below tests/jinja/macros/PACKAGE/ are looked for as dbt does: `shop` is the root, `dbt` is built in.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from dbt_common.clients.jinja import CallableMacroGenerator, extract_toplevel_blocks, get_template, render_template
from dbt_common.exceptions.macros import MacroReturn

FOLDER = Path("tests/jinja")


@dataclass
class Macro:
    name: str
    macro_sql: str


def macros_of(package):
    found = {}
    for file in sorted((FOLDER / "macros" / package).glob("*.sql")):
        for block in extract_toplevel_blocks(file.read_text(), {"macro", "test"}, collect_raw_data=False):
            name = f"test_{block.block_name}" if block.block_type_name == "test" else block.block_name
            found[name] = Macro(name, block.full_block)
    return found


def do_return(value=None):
    raise MacroReturn(value)


def context():
    ctx = json.loads((FOLDER / "globals.json").read_text())
    ctx["context"] = ctx
    ctx["return"] = do_return
    ctx["ref"] = lambda name: f'"dev"."main"."{name}"'
    callable_of = lambda macros: {name: CallableMacroGenerator(macro, ctx) for name, macro in macros.items()}
    packages = {name: callable_of(macros_of(name)) for name in ("dbt", "tools", "shop")}
    ctx.update(packages["dbt"])
    ctx.update({"dbt": Namespace(packages["dbt"]), "tools": Namespace(packages["tools"]), "shop": Namespace(packages["shop"])})
    ctx.update(packages["shop"])
    return ctx


class Namespace(dict):
    pass


def main():
    for file in sorted(FOLDER.glob("*.sql")):
        ctx = context()
        text = file.read_bytes().decode()
        try:
            # dbt leaves text without any delimiter as it is.
            result = render_template(get_template(text, ctx), ctx) if re.search(r"(\{[{%#]|[#}%]\})", text) else text
        except Exception as err:
            sys.exit(f"{file}: {type(err).__name__}: {err}")
        file.with_suffix(".txt").write_bytes(result.encode())


main()
