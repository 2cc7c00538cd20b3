#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --dedupe: the same request is sent once; the others get a record at once that
# names it, and count neither as ok nor as failed.
#
# Elsewhere: memory for each distinct request in the unit tests of policy/seen
# and in tests/soak.sh, order in order_records.bats.

# shellcheck disable=SC2030,SC2031,SC2317 # each test is a subshell of its own
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  PID=
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

teardown() {
  [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
  stop_servers
}

urls() {
  seq "$1" | awk -v url="$ORIGIN/$2" '{ n = $1; $0 = url; gsub(/@/, n) } 1'
}

sent() {
  [ "$(origin_stats .requests)" -eq "$1" ] || {
    curl -s "$ORIGIN/log" | tail -n 20
    return 1
  }
}

holds() {
  jq -se "sort_by(.index) | $1" out >/dev/null || {
    echo "not so: $1"
    cat out
    return 1
  }
}

@test "each request is sent once, and each line has its record" {
  for _ in 1 2 3 4 5; do
    urls 200 'ok?@'
  done >list
  run -0 "$AFETCH" --dedupe -o out list
  sent 200
  holds 'map(.index) == [range(1000)]'
  holds 'all(.[:200][]; .status == 200 and (has("duplicate_of") | not))'
  holds 'all(.[200:][]; .ok and .status == null and .attempts == 0 and
    .error == null and .duplicate_of == .index % 200 and
    (has("started_at") | not))'
  # The records are as the schema has them.
  "$PYTHON" - "$ROOT/man/afetch.schema.json" out <<'PYTHON'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for line in open(sys.argv[2]):
    jsonschema.validate(json.loads(line), schema)
PYTHON
  # And without it all are sent.
  run -0 "$AFETCH" -o out --force list
  sent 1200
}

@test "a duplicate does not wait for the one that is sent" {
  start_server "$PYTHON" "$HERE/servers/gate.py" "$PWD/gate" "$PWD/open"
  wait_for 10 test -s gate
  yes "http://127.0.0.1:$(<gate)/wait" | head -n 5 >list
  "$AFETCH" --dedupe -o out list 3>&- &
  PID=$!
  wait_for 10 duplicates_are 4
  [ "$(wc -l <out)" -eq 4 ]
  : >open
  wait_for 10 ended "$PID"
  wait "$PID"
  PID=
  holds 'map(.index) == [range(5)] and .[0].status == 200'
}

duplicates_are() {
  [ "$(grep -c '"duplicate_of":0' out)" -eq "$1" ]
}

@test "a duplicate is neutral: it neither fails nor saves a run" {
  { urls 3 status/404; } >list
  run -1 "$AFETCH" --dedupe -o out list
  sent 1
  holds '[.[] | .ok] == [false, true, true]'
  # Of the run only what was sent is told.
  "$PYTHON" - >shown <<'PYTHON'
import os, pty, subprocess
master, slave = pty.openpty()
child = subprocess.Popen([os.environ["AFETCH"], "--dedupe", "-o", "out", "--force",
                          "list"], stdin=subprocess.DEVNULL, stderr=slave)
os.close(slave)
assert child.wait() == 1
print(os.read(master, 65536).decode())
PYTHON
  grep -q 'afetch: 3 done, 0 ok, 2 duplicates, 1 failed (http 1)' shown
}

@test "the same is what is sent: method, normalised URL, body, header fields" {
  local upper=${ORIGIN/http:/HTTP:}
  # Each line is as the one before it.
  printf '%s\n' "$ORIGIN/a" "$upper/./b/../a#part" \
    "{\"url\":\"$ORIGIN/%61\",\"id\":7}" >list
  # None of these is as any other.
  printf '{"url":"%s"%s}\n' "$ORIGIN/a" ',"method":"PUT"' \
    "$ORIGIN/a" ',"method":"PUT","body":"x"' "$ORIGIN/a" ',"method":"PUT","body":"y"' \
    "$ORIGIN/a" ',"headers":{"X-A":"1"}' "$ORIGIN/a?" '' "$ORIGIN/A" '' >>list
  run -0 "$AFETCH" --dedupe -o out list
  sent 7
  holds '[.[] | .duplicate_of] == [null, 0, 0, null, null, null, null, null, null]'
  # The id is the line's own.
  holds '.[2].id == 7'
}

@test "invalid lines are no requests, and each has its own error" {
  { echo mailto:a@example.org && echo mailto:a@example.org && urls 1 a && urls 1 a; } >list
  run -1 "$AFETCH" --dedupe -o out list
  holds '[.[] | .error.class] == ["input", "input", null, null]'
  holds '[.[] | .duplicate_of] == [null, null, null, 2]'
}

@test "a glob and a list are one list" {
  run -0 "$AFETCH" --dedupe --glob -o out "$ORIGIN/[1-5]" "$ORIGIN/{3,4,9}"
  sent 6
  holds '[.[] | .duplicate_of] == [null, null, null, null, null, 2, 3, null]'
}

@test "what races is the same as no other" {
  {
    printf '{"url":"%s/%s","group":1}\n' "$ORIGIN" 'delay/0.5?raced' "$ORIGIN" ok "$ORIGIN" ok
    urls 1 ok && urls 1 ok && urls 1 'delay/0.5?raced' && urls 1 'delay/0.5?raced'
  } >list
  run -0 "$AFETCH" --dedupe --race -o out list
  holds '[.[] | .duplicate_of] == [null, null, null, null, 3, null, 5]'
  # A loser does not stand for what is wanted.
  holds '.[0].error.code == "race" and .[5].status == 200'
}

@test "--fields keeps what says that nothing was sent" {
  { urls 1 a && urls 1 a; } >list
  run -0 --separate-stderr "$AFETCH" --dedupe --fields index list
  [ "$(sort <<<"$output" | xargs -d '\n')" = '{"index":0} {"index":1,"duplicate_of":0}' ]
}

@test "with --resume a duplicate's record does not stand for the request" {
  { urls 1 a && urls 1 b && urls 1 a && urls 1 a; } >list
  run -0 "$AFETCH" -s --resume --dedupe -o whole list
  # The run was killed before the first was answered.
  jq -c 'select(.index == 2)' whole >out
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 "$AFETCH" -s --resume --dedupe -o out list
  sent 2
  holds 'map(.index) == [range(4)]'
  holds '[.[] | .duplicate_of] == [null, null, 0, 0]'
  # When all is there nothing is added.
  cp out before
  run -0 "$AFETCH" -s --resume --dedupe -o out list
  cmp before out
  sent 2
  # What was not sent is, once that is wished.
  run -0 "$AFETCH" -s --resume -o out list
  sent 4
}

@test "--resume --dedupe goes on with a run that sent them all" {
  { urls 3 'ok?@' && urls 3 'ok?@'; } >list
  run -0 "$AFETCH" -o whole list
  jq -c 'select(.index != 4 and .index != 2)' whole >out
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 "$AFETCH" -s --resume --dedupe -o out list
  [ "$(wc -l <out)" -eq 6 ]
  [ "$(jq -r .key out | sort | uniq -c | awk '{ print $1 }' | xargs)" = '2 2 2' ]
}
