# SPDX-License-Identifier: MIT
"""A server behind a gate, which opens once the file GATE is there.

gate.py PORT-FILE GATE [CERTIFICATE KEY]

Until then a request stands still in the phase that its port or path names; it
is answered with 200 and "ok\n" afterwards. The port file gets three numbers:
plain HTTP, HTTP whose connections are not accepted yet, and HTTPS that has not
begun its handshake yet; without a certificate only the first. Paths of plain HTTP: /wait (no byte is sent yet), /body
(the head and a byte are), /headers (a part of the head is); of others the
answer comes at once.
"""
import os
import socket
import ssl
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"


def wait_for_gate():
    while not os.path.exists(sys.argv[2]):
        time.sleep(0.02)


def read_request(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        got = connection.recv(65536)
        if not got:
            return None
        request += got
    return request.split(b" ")[1]


def answer(connection):
    sent = {b"/wait": 0, b"/body": len(HEAD) + 1, b"/headers": 20}
    text = HEAD + b"ok\n"
    path = read_request(connection)
    if path is None:
        return
    first = sent.get(path.split(b"?")[0], len(text))
    connection.sendall(text[:first])
    if first < len(text):
        wait_for_gate()
        connection.sendall(text[first:])


def serve_one(connection, context):
    try:
        if context:
            wait_for_gate()
            connection = context.wrap_socket(connection, server_side=True)
        answer(connection)
        connection.close()
    except OSError:
        pass


def serve(server, context=None):
    while True:
        connection, _ = server.accept()
        threading.Thread(
            target=serve_one, args=(connection, context), daemon=True
        ).start()


def fill(server):
    """Until the system takes no further connection for it."""
    clients = []
    for _ in range(8):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(server.getsockname())
        clients.append(client)
    return clients


def serve_late(server):
    clients = fill(server)
    wait_for_gate()
    for client in clients:
        client.close()
    server.listen(128)
    serve(server)


def main():
    servers = [(serve, socket.create_server(("127.0.0.1", 0), backlog=128))]
    if len(sys.argv) > 3:
        late = socket.create_server(("127.0.0.1", 0), backlog=0)
        tls = socket.create_server(("127.0.0.1", 0), backlog=128)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        servers += [(serve_late, late), (serve, tls, context)]
    for target, *arguments in servers:
        threading.Thread(target=target, args=arguments, daemon=True).start()
    with open(sys.argv[1] + ".new", "w") as file:
        print(*(server[1].getsockname()[1] for server in servers), file=file)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while os.getppid() != 1:
        time.sleep(0.2)


main()
