#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ends runs by kill -9 at random moments, goes on with --resume, and checks
that no record is lost, doubled or torn, and nothing that is done sent again.

  kill.py [--kills N] [--urls N] [--bodies] [--seed N] [--work DIR]

A round is one list (some URLs stand in it twice, some lines have ids, some are
invalid) that is fetched until it is done, however often that takes. Some runs
are ended by SIGTERM in place of SIGKILL, so that FILE has cancelled records
which the next start takes out: it too is killed in the midst of that; and some
files lose a part of their last record, as in a power cut. After
each end all that stands in FILE is compared with what the server was asked for
by the next run. --bodies saves bodies (--output-dir) and checks each file.
Prints the figures; status 1 where something is wrong.
"""

import argparse
import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from long_run import Origin, Wrong, need

CONCURRENCY = 16
WINDOW = 50
INVALID = "mailto:someone@example.org"

# Options of a round, and what may be sent again for each end beside what is in
# flight.
VARIANTS = [
    ([], 0),
    (["--keep-order", "--order-window", str(WINDOW)], WINDOW),
    (["--dedupe"], 0),
]


class LogOrigin(Origin):
    """What was it asked for since the last look?"""

    def get(self, path):
        return urllib.request.urlopen(self.url + path, timeout=20).read().decode()

    def asked(self):
        """Targets and how often; waits until no client is there any more."""
        end = time.monotonic() + 20
        while True:
            stats = json.loads(self.get("/stats"))
            if stats["active"] == 0 and stats["open"] <= 1:
                break
            need(time.monotonic() < end, "connections stay open:", stats)
            time.sleep(0.002)
        log = self.get("/log").split("\n")[:-1]
        need(len(log) == stats["requests"], "the log is not whole")
        self.get("/stats/reset")
        return collections.Counter(line.split(" ", 1)[1] for line in log)


def make_list(origin, count):
    """Lines, and how often each target is to be sent."""
    lines = []
    for n in range(count - 2):
        name = n if n % 10 else n // 100 * 100  # ten times the same
        target = f"/bytes/{(name * 37) % 4000}?{name}"
        if n % 7 == 0:
            lines.append(json.dumps({"url": origin.url + target, "id": n % 3}))
        else:
            lines.append(origin.url + target)
    lines.insert(count // 3, INVALID)
    lines.insert(count // 2, INVALID)
    wanted = collections.Counter()
    for line in lines:
        url = json.loads(line)["url"] if line.startswith("{") else line
        if url != INVALID:
            wanted[url[len(origin.url):]] += 1
    return lines, wanted


def identity(record):
    return record["key"], json.dumps(record.get("id"))


class Round:
    def __init__(self, args, origin, work, options, spare):
        self.args = args
        self.origin = origin
        self.options = options
        self.spare = spare  # may be sent again for each end
        self.folder = os.path.join(work, "round")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        self.file = os.path.join(self.folder, "out")
        self.bodies = os.path.join(self.folder, "bodies")
        self.list = os.path.join(work, "list")
        self.ends = self.kills = self.requests = 0
        self.done = collections.Counter()

    def command(self):
        command = [os.path.join(self.args.build, "afetch"), "--resume", "-s",
                   "-o", self.file, "-c", str(CONCURRENCY), "--grace", "0",
                   "--host-concurrency", "0", "--retry", "0", *self.options]
        if self.args.bodies:
            command += ["--output-dir", self.bodies]
        return command + [self.list]

    def run(self, seconds, number):
        """True when the run came to its end before the signal did."""
        process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            process.communicate()
        if process.returncode == -signal.SIGKILL:
            self.kills += 1
        if process.returncode in (-signal.SIGKILL, 128 + signal.SIGTERM,
                                  -signal.SIGTERM):
            self.ends += 1
            return False
        need(process.returncode == 1, "exit status", process.returncode)
        return True

    def check_bodies(self, records):
        for record in records:
            if record["status"] != 200:
                continue
            need("body_file" in record, "a record has no body_file:", record["url"])
            path = os.path.join(self.bodies, record["body_file"])
            need(os.path.exists(path), "the body is missing:", path)
            need(os.path.getsize(path) == record["size"], "the body is short:", path)

    def read(self):
        """The whole records; the last line may be torn."""
        if not os.path.exists(self.file):
            return []
        data = open(self.file, "rb").read()
        lines = data.split(b"\n")[:-1]
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Wrong(f"a line of FILE is no JSON: {error}") from None

    def count(self, records):
        """What is done, by target."""
        self.done.clear()
        for record in records:
            if not (record["error"] or {}).get("class") == "cancelled" and \
                    "duplicate_of" not in record and record["url"] != INVALID:
                self.done[record["url"][len(self.origin.url):]] += 1

    def look(self, wanted):
        """After each end: what was sent was not done, what is there is whole."""
        asked = self.origin.asked()
        sent = sum(asked.values())
        self.requests += sent
        for target, count in asked.items():
            left = wanted[target] - self.done[target]
            need(count <= left, target, "was sent", count, "times, but", left, "were left")
        records = self.read()
        before = sum(self.done.values())
        self.count(records)
        lost = sent - (sum(self.done.values()) - before)
        need(lost <= CONCURRENCY + 1 + self.spare, lost, "requests without a record")
        if self.args.bodies:
            self.check_bodies(records)
        return records

    def tear(self, chance):
        """Takes a part of the last record away, as a power cut may."""
        records = self.read()
        if not records:
            return
        size = os.path.getsize(self.file)
        with open(self.file, "rb+") as file:
            last = file.read().rstrip(b"\n").rfind(b"\n") + 1
            file.truncate(chance.randrange(last + 1, size))
        self.count(records[:-1])

    def check_end(self, records, whole):
        """The round is done."""
        found = collections.Counter(map(identity, records))
        need(found == whole, "lost or doubled:", len(records), "records, differences",
             [*(found - whole), *(whole - found)][:5])
        answered = {record["key"] for record in records if "duplicate_of" not in record}
        need(answered == {key for key, _ in whole}, "a request has only duplicates")
        need(all(record["url"] == INVALID or record["ok"] for record in records),
             "a record failed")
        left = set(os.listdir(self.folder)) - {"out", "bodies"}
        for folder, _, names in os.walk(self.bodies):
            left |= {os.path.relpath(os.path.join(folder, name), self.bodies)
                     for name in names}
        left -= {record.get("body_file") for record in records}
        need(not left, "left behind:", sorted(left)[:5])


def play(args, work):
    origin = LogOrigin(args.build, work)
    chance = random.Random(args.seed)
    lines, wanted = make_list(origin, args.urls)
    with open(os.path.join(work, "list"), "w") as out:
        out.write("\n".join(lines) + "\n")

    # Without an end: what shall be there, and how long it takes.
    calm = Round(args, origin, work, [], 0)
    began = time.monotonic()
    need(calm.run(600, signal.SIGKILL), "the calm run did not end")
    length = time.monotonic() - began
    records = calm.look(wanted)
    whole = collections.Counter(map(identity, records))
    need(len(records) == args.urls, len(records), "records of the calm run")
    calm.check_end(records, whole)

    total = collections.Counter(rounds=0, kills=0, ends=0, again=0, records=0)
    while total["kills"] < args.kills or total["rounds"] < len(VARIANTS):
        options, spare = VARIANTS[total["rounds"] % len(VARIANTS)]
        # One of each is sent.
        due = collections.Counter(set(wanted)) if "--dedupe" in options else wanted
        game = Round(args, origin, work, options, spare)
        over = False
        while not over:
            number = signal.SIGTERM if chance.random() < 0.15 else signal.SIGKILL
            # On a machine that is busier now, a round must come to its end too.
            span = length / 4 * 1.1 ** max(0, game.ends - 10)
            over = game.run(chance.uniform(0, span), number)
            records = game.look(due)
            if not over and chance.random() < 0.2:
                game.tear(chance)
        game.check_end(records, whole)
        total["rounds"] += 1
        total["kills"] += game.kills
        total["ends"] += game.ends
        total["records"] += len(records)
        if spare == 0:
            total["again"] += game.requests - sum(due.values())
            total["counted"] += game.ends
    print(f"kill: {total['kills']} kills and {total['ends'] - total['kills']} SIGTERMs in "
          f"{total['rounds']} rounds of {args.urls} lines{', bodies saved' * args.bodies}: "
          f"{total['records']} records, none lost, doubled or torn; "
          f"{total['again'] / max(1, total['counted']):.1f} requests sent again for each "
          f"end of {CONCURRENCY} in flight")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--urls", type=int, default=10000)
    parser.add_argument("--bodies", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--work")
    args = parser.parse_args()
    args.build = os.path.abspath(os.environ.get("BUILD", "build"))
    work = tempfile.mkdtemp(prefix="kill.", dir=args.work)
    try:
        play(args, work)
    except Wrong as wrong:
        print(f"kill: seed {args.seed}: {wrong} (see {work})", file=sys.stderr)
        return 1
    shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
