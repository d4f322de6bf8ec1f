"""What the benchmarks share: an environment for the peers, and one measured run of a command."""

import os
import subprocess
import sys
import time
import venv


def python(work, packages):
    """Returns the Python of an environment below `work` with the packages, made on first use."""
    folder = work / "venv"
    executable = folder / "bin" / "python"
    stamp = folder / "packages.txt"
    if not stamp.exists() or stamp.read_text() != repr(packages):
        print(f"making {folder} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--only-binary", ":all:", *packages], check=True)
        stamp.write_text(repr(packages))
    return executable


def measure(command, cwd, log):
    """Runs a command and returns its wall seconds, CPU seconds and peak memory in MiB."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = "".join(log.read_text(errors="replace").splitlines(keepends=True)[-20:])
        sys.exit(f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{tail}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
