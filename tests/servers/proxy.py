# SPDX-License-Identifier: MIT
"""A proxy for the tests: HTTP (CONNECT, and any method with a whole URL),
SOCKS5 and SOCKS4a on one port. Every name is 127.0.0.1 to it.

  --port-file FILE   where its port is written
  --log FILE         a line for each request: what was asked for, and by whom
                     ("CONNECT far.test:80 user:password", "GET URL -",
                     "SOCKS5 far.test:80 -", "SOCKS4A far.test:80 -")
  --agent            who asks is told by User-Agent, not by credentials
  --user U:P         answers 407 to others (SOCKS5 too)
  --answer STATUS    answers that to everything, and connects to nothing
  --hang             answers nothing
  --tls CERT KEY     speaks TLS itself
It ends with its parent, or after 300 seconds without a request.
"""
import argparse
import asyncio
import base64
import ctypes
import os
import signal
import ssl
import sys

IDLE_SECONDS = 300


class Refused(Exception):
    """The peer gets no connection: the text is the answer."""


class Proxy:
    def __init__(self, options):
        self.options = options
        self.idle = None
        self.touch()

    def touch(self):
        if self.idle:
            self.idle.cancel()
        self.idle = asyncio.get_running_loop().call_later(
            IDLE_SECONDS, os._exit, 0)

    def note(self, what, who):
        with open(self.options.log, "a", encoding="utf-8") as log:
            log.write(f"{what} {who or '-'}\n")

    async def serve(self, reader, writer):
        self.touch()
        try:
            first = await reader.readexactly(1)
            if self.options.hang:
                await asyncio.sleep(IDLE_SECONDS)
            if first == b"\x05":
                await self.socks5(reader, writer)
            elif first == b"\x04":
                await self.socks4(reader, writer)
            else:
                await self.http(first, reader, writer)
        except Refused as refused:
            writer.write(refused.args[0])
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    # ---- HTTP ----

    async def http(self, first, reader, writer):
        head = first + await reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")[:-2]
        method, target, version = line.split(" ")
        who, kept = None, []
        for field in fields:
            name, value = field.split(":", 1)
            if name.lower() == "proxy-authorization":
                who = base64.b64decode(value.split()[1]).decode()
            elif name.lower() not in ("proxy-connection", "connection"):
                kept.append(field)
            if name.lower() == "user-agent" and self.options.agent:
                who = f"{who} and {value.strip()}" if who else value.strip()
        self.note(f"{method} {target}", who)
        self.check_http(who)
        if method == "CONNECT":
            far = await self.connect(*target.rsplit(":", 1))
            writer.write(b"HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n")
            await self.relay(reader, writer, *far)
            return
        authority, _, path = target.split("://", 1)[1].partition("/")
        host, _, port = authority.partition(":")
        far = await self.connect(host, port or "80")
        lines = [f"{method} /{path} {version}", *kept, "Connection: close"]
        far[1].write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await self.relay(reader, writer, *far)

    def check_http(self, who):
        if self.options.user and who != self.options.user:
            raise Refused(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                          b'Proxy-Authenticate: Basic realm="proxy"\r\n'
                          b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        if self.options.answer:
            raise Refused(f"HTTP/1.1 {self.options.answer} No\r\n"
                          "Content-Length: 0\r\nConnection: close\r\n\r\n"
                          .encode())

    # ---- SOCKS ----

    async def socks5(self, reader, writer):
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        who = None
        if self.options.user:
            if 2 not in methods:
                raise Refused(b"\x05\xff")
            writer.write(b"\x05\x02")
            _, size = await reader.readexactly(2)
            name = await reader.readexactly(size)
            size = (await reader.readexactly(1))[0]
            who = (name + b":" + await reader.readexactly(size)).decode()
            writer.write(b"\x01\x00" if who == self.options.user
                         else b"\x01\x01")
        else:
            writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(map(str, await reader.readexactly(4)))
        else:
            size = (await reader.readexactly(1))[0]
            host = (await reader.readexactly(size)).decode()
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.note(f"SOCKS5 {host}:{port}", who)
        if self.options.answer:
            raise Refused(b"\x05\x02\x00\x01" + bytes(6))
        far = await self.connect(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self.relay(reader, writer, *far)

    async def socks4(self, reader, writer):
        await reader.readexactly(1)
        port = int.from_bytes(await reader.readexactly(2), "big")
        address = await reader.readexactly(4)
        who = (await reader.readuntil(b"\0"))[:-1].decode()
        host = ".".join(map(str, address))
        if address[:3] == b"\0\0\0":
            host = (await reader.readuntil(b"\0"))[:-1].decode()
        self.note(f"SOCKS4A {host}:{port}", who)
        far = await self.connect(host, port)
        writer.write(b"\0\x5a" + bytes(6))
        await self.relay(reader, writer, *far)

    # ---- both ----

    async def connect(self, host, port):
        if not host.replace(".", "").isdigit():
            host = "127.0.0.1"
        return await asyncio.open_connection(host, int(port))

    async def relay(self, reader, writer, far_reader, far_writer):
        async def pump(source, sink):
            try:
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            except OSError:
                pass
            finally:
                sink.close()

        await asyncio.gather(pump(reader, far_writer),
                             pump(far_reader, writer))


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--agent", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--answer")
    parser.add_argument("--hang", action="store_true")
    parser.add_argument("--tls", nargs=2)
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*options.tls)
    proxy = Proxy(options)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0,
                                        ssl=context)
    with open(options.port_file + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(options.port_file + ".new", options.port_file)
    await server.serve_forever()


if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
asyncio.run(main())
