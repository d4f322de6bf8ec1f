#!/usr/bin/env python3
"""Prints what installed packages require, but for the package that cannot be had from PyPI alone: requirements.py PACKAGE==VERSION …"""

import re
import sys
from importlib.metadata import requires

FETCHED_FROM_ELSEWHERE = "dbt-core-experimental-parser"
OURS = {re.split("[=<>]", package)[0] for package in sys.argv[1:]}

for package in sorted(OURS):
    for line in requires(package):
        name = re.match(r"[\w.-]+", line).group()
        if "extra ==" not in line and name not in OURS | {FETCHED_FROM_ELSEWHERE}:
            print(line)
