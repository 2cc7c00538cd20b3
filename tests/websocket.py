# SPDX-License-Identifier: MIT
"""A WebSocket server (RFC 6455) on free loopback ports, for websocket.bats.

    websocket.py PORT-FILE [CERTIFICATE KEY]

Writes its ports, plain and TLS, into the file. What it does, by path:
  /hello  messages of text, bytes, and of two frames with a ping between them
  /echo   sends the first message back
  /quiet  one message, then nothing until the client closes
  /drop   one message, then the connection ends without a close frame
  /close/CODE  a close frame with this code and the reason "oops"
  /big    a message of more than 1 MiB
  /json   messages of JSON
  /many/N      N numbered messages
  /no     404
What the client's close frame said is a line of the file PORT-FILE.closed.
"""
import asyncio
import base64
import hashlib
import os
import ssl
import struct
import sys

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BYTES, CLOSE, PING = 1, 2, 8, 9


def frame(kind, data, fin=True):
    head = bytes([(0x80 if fin else 0) | kind])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 65536:
        return head + struct.pack(">BH", 126, len(data)) + data
    return head + struct.pack(">BQ", 127, len(data)) + data


async def read_frame(reader):
    first, second = await reader.readexactly(2)
    length = second & 127
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", await reader.readexactly(8))
    if not second & 128:
        raise ValueError("a client must mask its frames")
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return first & 15, bytes(c ^ mask[i & 3] for i, c in enumerate(data))


async def note_close(reader):
    kind, data = await read_frame(reader)
    while kind not in (CLOSE,):
        kind, data = await read_frame(reader)
    with open(sys.argv[1] + ".closed", "a", encoding="ascii") as out:
        print(int.from_bytes(data[:2], "big"), file=out)


async def play(path, reader, writer):
    done = frame(CLOSE, b"\x03\xe8bye")
    if path == "/hello":
        writer.write(frame(TEXT, b"a\nb") + frame(BYTES, b"\xff\0"))
        writer.write(frame(TEXT, b"ha", False) + frame(PING, b"x"))
        writer.write(frame(0, b"lf") + done)
        await note_close(reader)
    elif path == "/echo":
        kind, data = await read_frame(reader)
        writer.write(frame(kind, data) + frame(TEXT, b"%d" % kind) + done)
        await note_close(reader)
    elif path == "/quiet":
        writer.write(frame(TEXT, b"one"))
        await note_close(reader)
    elif path == "/drop":
        writer.write(frame(TEXT, b"one"))
    elif path.startswith("/close/"):
        writer.write(frame(CLOSE, struct.pack(">H", int(path[7:])) + b"oops"))
        await note_close(reader)
    elif path == "/big":
        writer.write(frame(TEXT, b"x" * 1100000))
    elif path == "/json":
        writer.write(frame(TEXT, b'{"a":1}') + frame(TEXT, b"2 [3]") + done)
    elif path.startswith("/many/"):
        for number in range(int(path[6:])):
            writer.write(frame(TEXT, b"%063d" % number))
            await writer.drain()
        writer.write(done)


async def serve(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    key = [x.split(": ", 1)[1] for x in head
           if x.lower().startswith("sec-websocket-key")]
    path = head[0].split(" ")[1]
    if path == "/no" or fields.get("upgrade") != "websocket":
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    else:
        accept = hashlib.sha1((key[0] + GUID).encode()).digest()
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n"
                     b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                     b"Sec-WebSocket-Accept: " + base64.b64encode(accept) +
                     b"\r\n\r\n")
        try:
            await play(path, reader, writer)
        except (EOFError, ConnectionError):
            pass
    try:
        await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def main():
    ports = [await asyncio.start_server(serve, "127.0.0.1", 0)]
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        ports.append(await asyncio.start_server(serve, "127.0.0.1", 0,
                                                ssl=context))
    with open(sys.argv[1] + ".new", "w", encoding="ascii") as out:
        print(*(s.sockets[0].getsockname()[1] for s in ports), file=out)
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.5)


asyncio.run(main())
