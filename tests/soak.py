#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long run: 1,000,000 URLs through stdin, and what --dedupe and --resume cost
on as many lines.

  soak.py [--urls N] [--work DIR]

After a tenth of the URLs, and after all, the run is looked at when every record
is there and stdin is still open: its memory must not have grown by more than
2 MiB, and its descriptors be as many as before, but for the connections that the
server has too: it varies by a few which are kept. No record may be missing or
there twice. Prints the figures; status 1 where something is wrong.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from long_run import Origin, Wrong, need

CONCURRENCY = 100
GROWTH = 2048  # KiB
KEPT = 10  # connections more than before
BATCH = 1000


def memory(pid, name):
    """VmRSS or VmHWM in KiB."""
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(name + r":\s*(\d+) kB", text).group(1))


def descriptors(pid):
    """How many are open: sockets, and others."""
    folder = f"/proc/{pid}/fd"
    names = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
    sockets = sum(name.startswith("socket:") for name in names)
    return sockets, len(names) - sockets


def connections(origin):
    """Those that the server has open, but the one that asks."""
    with urllib.request.urlopen(origin.url + "/stats", timeout=20) as answer:
        return json.load(answer)["open"] - 1


class Reader(threading.Thread):
    """Counts the records of a run's stdout, and which index came."""

    def __init__(self, stream, count):
        super().__init__(daemon=True)
        self.stream = stream
        self.seen = bytearray(count)
        self.records = self.doubled = self.failed = 0

    def run(self):
        for line in self.stream:
            index = int(re.match(rb'\{"index":(\d+)', line).group(1))
            self.doubled += self.seen[index]
            self.seen[index] = 1
            self.failed += b'"ok":true' not in line
            self.records += 1

    def wait(self, count):
        end = time.monotonic() + 600
        while self.records < count:
            need(time.monotonic() < end, self.records, "records of", count)
            time.sleep(0.01)


def through_stdin(args, origin):
    process = subprocess.Popen(
        [args.program, "-s", "-c", str(CONCURRENCY), "--host-concurrency", "0",
         "--fields", "index,ok"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    reader = Reader(process.stdout, args.urls)
    reader.start()
    began = time.monotonic()
    looks = []
    for first in range(0, args.urls, BATCH):
        process.stdin.write("".join(
            f"{origin.url}/{n}\n" for n in range(first, first + BATCH)).encode())
        if first + BATCH in (args.urls // 10, args.urls):
            process.stdin.flush()
            reader.wait(first + BATCH)
            sockets, others = descriptors(process.pid)
            kept = connections(origin)
            looks.append((memory(process.pid, "VmRSS"), kept, others + sockets - kept))
    took = time.monotonic() - began
    process.stdin.close()
    need(process.wait(60) == 0, "exit status", process.returncode)
    reader.join(60)
    need(reader.records == args.urls and reader.doubled == 0 and reader.failed == 0,
         reader.records, "records,", reader.doubled, "doubled,", reader.failed, "failed")
    (early, early_kept, early_files), (late, late_kept, late_files) = looks
    print(f"soak: {args.urls} URLs through stdin in {took:.0f} s: {early / 1024:.1f} MiB "
          f"after a tenth, {late / 1024:.1f} MiB at the end; {early_kept} connections kept "
          f"after a tenth, {late_kept} at the end; {early_files} other descriptors then, "
          f"{late_files} at the end; none lost")
    need(late - early <= GROWTH, "memory has grown by", late - early, "KiB")
    need(late_files == early_files, "descriptors were", early_files, "and are", late_files)
    need(late_kept <= early_kept + KEPT, "connections were", early_kept, "and are", late_kept)


def measured(args, *options):
    """VmHWM in KiB, CPU seconds and elapsed ones of a run that ends well."""
    began = time.monotonic()
    process = subprocess.Popen(
        [args.program, "-s", "-c", str(CONCURRENCY), "--host-concurrency", "0", *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        try:
            peak = max(peak, memory(process.pid, "VmHWM"))
        except (AttributeError, OSError):
            pass  # it is ending
        time.sleep(0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    need(process.returncode == 0, options, "exit status", process.returncode)
    return peak, usage.ru_utime + usage.ru_stime, time.monotonic() - began


def costs(args, origin, work):
    """The same list plain, with --dedupe, with --resume, and resumed."""
    name = os.path.join(work, "list")
    out = os.path.join(work, "out")
    with open(name, "w") as lines:
        for n in range(args.urls):
            lines.write(f"{origin.url}/{n}\n")

    def tell(what, figures):
        peak, cpu, took = figures
        more = (peak - plain[0]) * 1024 / args.urls
        print(f"soak: {args.urls} lines {what}: {peak / 1024:.1f} MiB ({more:+.1f} bytes a "
              f"line), {cpu:.1f} s of CPU ({cpu / args.urls * 1e6:.1f} us a line), "
              f"{took:.1f} s")

    plain = measured(args, name)
    tell("plain", plain)
    tell("with --dedupe", measured(args, "--dedupe", name))
    tell("with --resume, a new file", measured(args, "--resume", "-o", out, name))
    size = os.path.getsize(out)
    tell(f"with --resume, all done ({size >> 20} MiB)",
         measured(args, "--resume", "-o", out, name))
    need(os.path.getsize(out) == size, "what was done was not skipped")
    tell("with both, all done", measured(args, "--resume", "--dedupe", "-o", out, name))
    # A record in ten is cancelled: FILE is written anew.
    with open(out) as old, open(out + ".new", "w") as new:
        for number, line in enumerate(old):
            if number % 10 == 0:
                record = json.loads(line)
                record.update(ok=False, error={"class": "cancelled"})
                line = json.dumps(record) + "\n"
            new.write(line)
    os.rename(out + ".new", out)
    tell("with --resume, a tenth cancelled", measured(args, "--resume", "-o", out, name))
    with open(out) as lines:
        need(sum(1 for _ in lines) == args.urls, "records were lost")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--urls", type=int, default=1000000)
    parser.add_argument("--work")
    args = parser.parse_args()
    build = os.path.abspath(os.environ.get("BUILD", "build"))
    args.program = os.path.join(build, "afetch")
    work = tempfile.mkdtemp(prefix="soak.", dir=args.work)
    try:
        origin = Origin(build, work)
        through_stdin(args, origin)
        costs(args, origin, work)
    except Wrong as wrong:
        print(f"soak: {wrong}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
