# SPDX-License-Identifier: MIT
"""Runs a command in a session of its own, with a terminal or without one.

    terminal.py none COMMAND...
    terminal.py REPLY COMMAND...

With a terminal: at the first prompt that ends in ": " it types the reply
("\\x03" and the like are keys), and prints as JSON what the terminal showed,
whether it had an echo then and at the end, what the command wrote to stdout,
and its exit status (-N: ended by signal N).
"""
import codecs
import json
import os
import pty
import subprocess
import sys
import termios


def echoes(fd):
    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)


def without(command):
    return subprocess.run(command, start_new_session=True).returncode


def take_terminal():
    import fcntl
    fcntl.ioctl(2, termios.TIOCSCTTY, 0)


def read_some(fd):
    try:
        return os.read(fd, 4096)
    except OSError:  # all have closed it
        return b""


def with_terminal(reply, command):
    master, slave = pty.openpty()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=slave,
                             stdout=subprocess.PIPE, start_new_session=True,
                             preexec_fn=take_terminal)
    found = {"shown": "", "echo": None}
    while not found["shown"].endswith(": "):
        found["shown"] += os.read(master, 1).decode()
    found["echo"] = echoes(slave)
    os.write(master, codecs.decode(reply, "unicode_escape").encode())
    found["stdout"] = child.communicate()[0].decode()
    found["status"] = child.returncode
    found["echo_after"] = echoes(slave)
    os.close(slave)
    for part in iter(lambda: read_some(master), b""):
        found["shown"] += part.decode()
    print(json.dumps(found))
    return 0


if sys.argv[1] == "none":
    sys.exit(without(sys.argv[2:]))
sys.exit(with_terminal(sys.argv[1], sys.argv[2:]))
