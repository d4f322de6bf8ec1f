"""Types lines into a program on a terminal of its own, each once the program asks for one, and prints what the terminal showed.

    printf 'line\\nline\\n' | python type_lines.py PROMPT PROGRAM [ARGUMENT]...

Ends with the program's exit code; with 70 when it does not ask, or does not end, within a minute.
"""

import os
import pty
import select
import sys
import time

DEADLINE = time.monotonic() + 60
prompt, program = sys.argv[1].encode(), sys.argv[2:]
lines = sys.stdin.read().splitlines()

child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)

shown, seen = b"", 0
while True:
    ready, _, _ = select.select([terminal], [], [], 1)
    if time.monotonic() > DEADLINE:
        os.kill(child, 9)
        print(shown.decode(errors="replace"))
        sys.exit(70)
    if not ready:
        continue
    try:
        new = os.read(terminal, 65536)
    except OSError:  # Linux says so when the program has ended.
        new = b""
    if not new:
        break
    shown += new
    if lines and prompt in shown[seen:]:
        seen = len(shown)
        os.write(terminal, lines.pop(0).encode() + b"\r")

_, status = os.waitpid(child, 0)
print(shown.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(status))
