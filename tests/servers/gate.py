#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gate.py PORT-FILE OPEN-FILE: holds every request until OPEN-FILE is there,
then answers "ok". So a test decides when a request ends. It ends when its
parent does."""

import os
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler

PARENT = os.getppid()


class Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        while not os.path.exists(sys.argv[2]):
            if os.getppid() != PARENT:
                os._exit(0)
            time.sleep(0.01)
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Gate) as server:
    with open(sys.argv[1] + ".new", "w") as out:
        out.write(str(server.server_address[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()
