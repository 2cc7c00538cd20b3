# SPDX-License-Identifier: MIT
"""An HTTP/2 server over TLS with a fault, made of bare frames (RFC 9113).

  python3 h2.py PORT-FILE LOG CERTIFICATE KEY FAULT [FIRST]

Writes its port into PORT-FILE, and into LOG a line for each connection
("connection N") and each request ("stream N ID"). The first FIRST requests of
all connections meet the fault (all of them, when it is not given), the others
get 200 and "ok\n". It looks at no header field, so any path will do.

  rst=CODE       RST_STREAM with this error code in place of an answer
  rst-body=CODE  RST_STREAM after a head and five bytes of body
  goaway=CODE    GOAWAY that has processed no stream, then the end
  goaway-after   answers this request, and with it GOAWAY: no more of them
  goaway-body=CODE  GOAWAY and the end, after a head and five bytes
  drop           the end of the connection in place of an answer
  cut            the end of the connection after a head and five bytes
  short          Content-Length: 100, five bytes and END_STREAM
  garbage        bytes that are no frame
  big-frame      Content-Length: 100 and a frame longer than is allowed
  bad-name       a header field with an upper-case name
  bad-huffman    a header block that cannot be decoded
  flood          CONTINUATION frames without end
  fields         6000 header fields
  hang           never answers
  hang-body      a head and five bytes, and then nothing
  deaf           not even SETTINGS
"""
import itertools
import os
import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = (
    0, 1, 3, 4, 6, 7, 9)
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATUS_200 = b"\x88"

port_file, log_file, certificate, key, fault = sys.argv[1:6]
first = int(sys.argv[6]) if len(sys.argv) > 6 else None
fault, _, code = fault.partition("=")
code = int(code or 0)
log = open(log_file, "a", buffering=1)
counter = itertools.count(1)


def frame(kind, flags, stream, payload=b""):
    return (struct.pack(">I", len(payload))[1:] + bytes([kind, flags])
            + struct.pack(">I", stream) + payload)


def field(name, value):
    """A literal header field that is not indexed."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def head(stream, more=b""):
    return frame(HEADERS, END_HEADERS, stream, STATUS_200 + more)


def goaway(last, number):
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, number))


def whole(stream):
    return (head(stream, field(b"content-length", b"3"))
            + frame(DATA, END_STREAM, stream, b"ok\n"))


def part(stream):
    return head(stream) + frame(DATA, 0, stream, b"hello")


def fields(stream):
    """6000 of them, in as many frames as it takes."""
    block = field(b"x", b"y") * 6000
    frames = [STATUS_200] + [block[at:at + 16000]
                             for at in range(0, len(block), 16000)]
    kinds = itertools.chain([HEADERS], itertools.repeat(CONTINUATION))
    return b"".join(
        frame(kind, END_HEADERS if at == len(frames) - 1 else 0, stream, bytes)
        for at, (kind, bytes) in enumerate(zip(kinds, frames)))


def flood(connection, stream):
    connection.sendall(frame(HEADERS, 0, stream, STATUS_200))
    while True:
        connection.sendall(
            frame(CONTINUATION, 0, stream, field(b"x", b"y" * 100) * 100))


def answer(connection, stream):
    """False: the connection is to end."""
    reset = struct.pack(">I", code)
    plain = {
        "rst": lambda: frame(RST_STREAM, 0, stream, reset),
        "rst-body": lambda: part(stream) + frame(RST_STREAM, 0, stream, reset),
        "goaway": lambda: goaway(0, code),
        "goaway-after": lambda: goaway(stream, 0) + whole(stream),
        "goaway-body": lambda: part(stream) + goaway(stream, code),
        "cut": lambda: part(stream),
        "short": lambda: (head(stream, field(b"content-length", b"100"))
                          + frame(DATA, END_STREAM, stream, b"hello")),
        "garbage": lambda: b"HTTP/1.1 200 OK\r\n\r\n" * 10,
        "big-frame": lambda: (head(stream, field(b"content-length", b"100"))
                              + frame(DATA, 0, stream, b"x" * 16777215)),
        "bad-name": lambda: (head(stream, field(b"Upper", b"case"))
                             + frame(DATA, END_STREAM, stream, b"ok\n")),
        "bad-huffman": lambda: frame(
            HEADERS, END_HEADERS | END_STREAM, stream, b"\x00\x84\xff\xff"),
        "fields": lambda: fields(stream) + frame(DATA, END_STREAM, stream),
        "hang-body": lambda: part(stream),
        "drop": bytes,
        "hang": bytes,
    }
    if fault == "flood":
        flood(connection, stream)
    connection.sendall(plain[fault]())
    return fault not in ("goaway", "goaway-body", "cut", "drop", "garbage")


def read(connection, length):
    data = b""
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def on_request(connection, stream):
    number = next(counter)
    log.write(f"stream {number} {stream}\n")
    if first is None or number <= first:
        return answer(connection, stream)
    connection.sendall(whole(stream))
    return True


def talk(connection):
    read(connection, 24)  # the preface
    if fault != "deaf":
        connection.sendall(frame(SETTINGS, 0, 0))
    while True:
        start = read(connection, 9)
        payload = read(connection, int.from_bytes(start[:3], "big"))
        kind, flags = start[3], start[4]
        stream = int.from_bytes(start[5:], "big")
        if fault == "deaf":
            continue
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            connection.sendall(frame(PING, ACK, 0, payload))
        elif kind in (HEADERS, DATA) and flags & END_STREAM:
            if not on_request(connection, stream):
                return


def serve(plain, context):
    try:
        with context.wrap_socket(plain, server_side=True) as connection:
            talk(connection)
            connection.unwrap()
    except (OSError, ValueError):
        pass
    finally:
        plain.close()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    for number in itertools.count(1):
        plain, _ = server.accept()
        log.write(f"connection {number}\n")
        threading.Thread(target=serve, args=(plain, context),
                         daemon=True).start()


main()
