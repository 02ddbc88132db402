"""Sits at a terminal for a test: starts a program there, and types each answer when its question has come.

Reads {"command", "folder", "answers": [[question, keys], ...], "seconds"} as JSON from standard input and writes
{"output", "code", "answered"} as JSON.
"""

import json
import os
import pty
import select
import signal
import sys
import time

task = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.chdir(task["folder"])
    os.environ["TERM"] = "xterm"
    os.execvp(task["command"][0], task["command"])

output = b""
seen = 0
answered = 0
end = time.monotonic() + task["seconds"]
while time.monotonic() < end:
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if ready:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side has ended.
            break
        if not part:
            break
        output += part
    elif answered < len(task["answers"]):
        # Nothing more comes: the question stands there whole, and its keys are read.
        question, keys = task["answers"][answered]
        if question.encode() in output[seen:]:
            seen = len(output)
            os.write(terminal, keys.encode())
            answered += 1
else:
    os.kill(child, signal.SIGKILL)
_, status = os.waitpid(child, 0)
code = os.waitstatus_to_exitcode(status)
json.dump({"output": output.decode(errors="replace"), "code": code, "answered": answered}, sys.stdout)
