"""dbt as a binary, to check the plug-in with: DBT_BIN="python scripts/conformance/clocked_dbt.py SOCKET".

usage: clocked_dbt.py serve SOCKET    loads dbt once, then runs each call in a process of its own
       clocked_dbt.py SOCKET WORD …   a call: its folder, environment and output are those of this process

It takes the time from WH_NOW. Loading dbt anew for each call would take most of the time of the check.
"""

import contextlib
import json
import os
import socket
import sys
import tempfile
from datetime import datetime, timezone
from unittest import mock

COUNT = 4
PROJECT = {
    "dbt_project.yml": "{name: nothing, profile: nothing}",
    "profiles.yml": "{nothing: {target: dev, outputs: {dev: {type: duckdb}}}}",
}


def clock():
    """Patches dbt's clock of microbatches where WH_NOW is set."""
    from dbt.materializations.incremental.microbatch import MicrobatchBuilder

    now = os.environ.get("WH_NOW")
    if not now:
        return contextlib.nullcontext()
    end = datetime.fromisoformat(now.replace("Z", "+00:00")).astimezone(timezone.utc)
    return mock.patch.object(MicrobatchBuilder, "build_end_time", return_value=end)


def run(call, outputs):
    """Runs one call in this process and returns its exit code."""
    from dbt.cli.main import cli
    from dbt_common.events.functions import reset_metadata_vars

    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["env"])
    reset_metadata_vars()
    for number, output in zip((1, 2), outputs):
        os.dup2(output, number)
    sys.argv = ["dbt", *call["words"]]
    with clock():
        try:
            cli()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
    return 0


def answer(connection):
    """Runs the call that a connection asks for, in a process of its own."""
    head, outputs, _, _ = socket.recv_fds(connection, COUNT, 2)
    size = int.from_bytes(head, "big")
    text = b""
    while len(text) < size:
        text += connection.recv(size - len(text))
    code = run(json.loads(text), outputs)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(bytes([code]))


def warm():
    """Parses a project of nothing: dbt's own macros, parsed, are then there for all calls."""
    from dbt.cli.main import dbtRunner
    from dbt_common.tests import enable_test_caching

    enable_test_caching()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PROJECT.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        places = [f"--{key}={folder}" for key in ("project-dir", "profiles-dir", "target-path", "log-path")]
        result = dbtRunner().invoke(["parse", "--quiet", *places])
    if not result.success:
        sys.exit(f"error: dbt cannot parse: {result.exception}")


def serve(path):
    """Answers calls until it is killed."""
    warm()
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()
    while True:
        connection, _ = server.accept()
        if os.fork() == 0:
            # A second process in between: nobody has to wait for this one to end.
            if os.fork() == 0:
                answer(connection)
            os._exit(0)
        os.wait()
        connection.close()


def call(path, words):
    """Sends a call and returns its exit code."""
    text = json.dumps({"words": words, "folder": os.getcwd(), "env": dict(os.environ)}).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [len(text).to_bytes(COUNT, "big")], [1, 2])
        connection.sendall(text)
        return (connection.recv(1) or b"\1")[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    sys.exit(call(sys.argv[1], sys.argv[2:]))
