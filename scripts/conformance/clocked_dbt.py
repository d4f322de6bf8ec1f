"""dbt as a binary that takes the time from WH_NOW, to check the plug-in: DBT_BIN="python scripts/conformance/clocked_dbt.py"."""

import contextlib
import os
import sys
from datetime import datetime, timezone
from unittest import mock

from dbt.cli.main import cli
from dbt.materializations.incremental.microbatch import MicrobatchBuilder

now = os.environ.get("WH_NOW")
clock = contextlib.nullcontext()
if now:
    end = datetime.fromisoformat(now.replace("Z", "+00:00")).astimezone(timezone.utc)
    clock = mock.patch.object(MicrobatchBuilder, "build_end_time", return_value=end)
with clock:
    sys.argv[0] = "dbt"
    cli()
