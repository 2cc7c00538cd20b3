# SPDX-License-Identifier: MIT
"""A TLS server with a fault in the handshake, or behind it.

  python3 tls.py PORT-FILE CERTIFICATE KEY AUTHORITY FAULT

Writes its port into PORT-FILE. CERTIFICATE is shown; AUTHORITY is what client
certificates have to be of, where FAULT asks for them.

In the handshake, once the client's first bytes have come:
  close        the end of the connection
  rst          a reset
  rst-hello    a reset within the server's first message
  garbage      bytes that are no record
  alert        a fatal alert, handshake_failure
  hang         nothing
  cert12       a client certificate is demanded, TLS 1.2
  cert13       the same, TLS 1.3: the refusal comes behind the handshake
Behind it, once a request has come:
  no-notify    an answer without a length, that ends with the connection alone
  notify       the same, ended by close_notify
  no-notify-length   a whole answer with its length, and no close_notify
  no-notify-head     the end of the connection within the headers
  no-answer    the end of the connection
  bad-record   a record that cannot be decrypted, within the body
"""
import os
import socket
import ssl
import struct
import sys
import threading

port_file, certificate, key, authority, fault = sys.argv[1:]
HEAD = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "no-notify": HEAD + b"\r\nhello",
    "notify": HEAD + b"\r\nhello",
    "no-notify-length": HEAD + b"Content-Length: 5\r\n\r\nhello",
    "no-notify-head": HEAD + b"Content-Le",
    "no-answer": b"",
    "bad-record": HEAD + b"Content-Length: 100\r\n\r\nhello",
    "cert12": HEAD + b"Content-Length: 5\r\n\r\nhello",
    "cert13": HEAD + b"Content-Length: 5\r\n\r\nhello",
}


def reset(plain):
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))


def break_handshake(plain):
    plain.recv(65536)
    if fault == "rst-hello":
        plain.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")
    elif fault == "garbage":
        plain.sendall(bytes(range(256)) * 8)
    elif fault == "alert":
        plain.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
    elif fault == "hang":
        plain.recv(65536)
    if fault.startswith("rst"):
        reset(plain)


def answer(plain, context):
    connection = context.wrap_socket(plain, server_side=True,
                                     do_handshake_on_connect=False)
    try:
        connection.do_handshake()
    except ssl.SSLError:
        # An end with bytes unread would reset, and overtake the alert.
        connection.settimeout(10)
        while os.read(connection.fileno(), 65536):
            pass
        raise
    connection.recv(65536)
    if ANSWERS[fault]:
        connection.sendall(ANSWERS[fault])
    if fault == "notify":
        connection.unwrap()
    elif fault == "bad-record":
        os.write(connection.fileno(), b"\x17\x03\x03\x00\x40" + b"x" * 64)
        connection.recv(65536)
    connection.close()


def serve(plain, context):
    try:
        (answer(plain, context) if fault in ANSWERS
         else break_handshake(plain))
    except OSError:
        pass
    finally:
        plain.close()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if fault.startswith("cert"):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
    if fault == "cert12":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    while True:
        plain, _ = server.accept()
        threading.Thread(target=serve, args=(plain, context),
                         daemon=True).start()


main()
