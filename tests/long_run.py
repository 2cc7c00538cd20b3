# SPDX-License-Identifier: MIT
"""What the long proofs share (kill.py, soak.py): the test server, and how a
fault is told."""

import os
import subprocess
import time


class Wrong(Exception):
    pass


def need(true, *words):
    if not true:
        raise Wrong(" ".join(str(word) for word in words))


class Origin:
    """The test server, until its parent ends; url is where it is."""

    def __init__(self, build, work):
        port_file = os.path.join(work, "port")
        self.process = subprocess.Popen(
            [os.path.join(build, "origin"), "--with-parent", "--port-file", port_file],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while not os.path.exists(port_file) or not os.path.getsize(port_file):
            need(time.monotonic() < end, "the origin does not start")
            time.sleep(0.01)
        self.url = "http://127.0.0.1:" + open(port_file).read().strip()
