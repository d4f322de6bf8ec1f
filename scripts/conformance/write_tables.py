#!/usr/bin/env python3
"""Puts tables between their marks in a Markdown file: write_tables.py FILE NAME=TABLE …

A table NAME stands between the lines `<!-- NAME -->` and `<!-- end of NAME -->`.
"""

import re
import sys

path = sys.argv[1]
with open(path, encoding="utf-8") as file:
    text = file.read()
for argument in sys.argv[2:]:
    name, table = argument.split("=", 1)
    with open(table, encoding="utf-8") as file:
        body = file.read()
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.S)
    if not pattern.search(text):
        sys.exit(f"error: {path} has no `<!-- {name} -->`")
    text = pattern.sub(lambda found, body=body: found.group(1) + body + found.group(2), text)
with open(path, "w", encoding="utf-8") as file:
    file.write(text)
