# SPDX-License-Identifier: MIT
"""The script that people write instead: CONCURRENCY workers on one aiohttp
session fetch the URLs of FILE. On uvloop where that is installed."""
import asyncio
import sys

import aiohttp

try:
    import uvloop
except ImportError:
    uvloop = None


async def work(session, urls, bad):
    for url in urls:
        try:
            async with session.get(url) as response:
                await response.read()
                if response.status != 200:
                    bad.append(url)
        except (aiohttp.ClientError, asyncio.TimeoutError):
            bad.append(url)


async def main(concurrency, path):
    bad = []
    connector = aiohttp.TCPConnector(limit=concurrency)
    with open(path, encoding="utf-8") as lines:
        urls = (line.rstrip("\n") for line in lines)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(
                *(work(session, urls, bad) for _ in range(concurrency)))
    return 1 if bad else 0


if __name__ == "__main__":
    if uvloop is not None:
        uvloop.install()
    sys.exit(asyncio.run(main(int(sys.argv[1]), sys.argv[2])))
