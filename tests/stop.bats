#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How a run is stopped from outside: the first, second and third signal,
# --grace, ignored signals, --strict, and a reader that leaves. However it
# ends, all that was read has its one record.
#
# Elsewhere: --deadline in time.bats, closed and full outputs in local.bats.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

load helper

setup_file() {
  start_origin
}

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  OUT=$BATS_TEST_TMPDIR/out
  ERR=$BATS_TEST_TMPDIR/err
  PID=
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

teardown() {
  [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
  stop_servers
}

# A shell's background jobs ignore SIGINT, and so would afetch: this undoes it.
default_signals='
import os, signal, sys
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
    signal.signal(name, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])'

# Runs afetch in the background as $PID; records to $OUT, the rest to $ERR.
launch() {
  "$PYTHON" -c "$default_signals" "$AFETCH" -o "$OUT" "$@" </dev/null \
    2>"$ERR" 3>&- &
  PID=$!
}

in_flight() {
  [ "$(origin_stats .active)" -eq "$1" ]
}

drains() {
  grep -q 'in flight may finish' "$ERR"
}

# Waits for the end: its status goes into $status.
finish() { # SECONDS
  status=0
  wait_for "$1" ended "$PID" || {
    echo "still running after $1 s; $(wc -l <"$OUT") records"
    cat "$ERR"
    return 1
  }
  wait "$PID" || status=$?
  PID=
}

# One record for each that was read, none twice.
complete() {
  holds 'map(.index) == [range(length)]'
}

# What was read and not read adds up to the list.
accounted() {
  complete
  grep -qF "not read: $LIST from line $(($(wc -l <"$OUT") + 1)) on" "$ERR" || {
    echo "$(wc -l <"$OUT") records, but:"
    cat "$ERR"
    return 1
  }
}

@test "the first signal drains: in flight may end, nothing new starts" {
  local signal number
  for signal in INT:130 TERM:143; do
    curl -s "$ORIGIN/stats/reset" >/dev/null
    { urls 2 'delay/1?@' && urls 20 'new?@'; } >"$LIST"
    launch --force -c 2 --grace 60s "$LIST"
    wait_for 10 in_flight 2
    kill "-${signal%:*}" "$PID"
    finish 20
    number=${signal#*:}
    [ "$status" -eq "$number" ]
    complete
    holds 'length == 22 and all(.[:2][]; .ok and .status == 200)'
    holds 'all(.[2:][]; .ok == false and .attempts == 0 and
      .error.class == "cancelled" and .error.code == "signal" and
      .error.phase == "queue")'
    [ "$(origin_stats .requests)" -eq 2 ]
  done
}

@test "an attempt in flight is its whole redirect chain" {
  { urls 1 'redirect/3?delay=0.4' && urls 3 'new?@'; } >"$LIST"
  launch -c 1 --grace 60s "$LIST"
  wait_for 10 in_flight 1
  kill -TERM "$PID"
  finish 20
  [ "$status" -eq 143 ]
  holds '.[0].ok and (.[0].redirects | length) == 3'
  holds 'all(.[1:][]; .error.code == "signal")'
}

@test "a hop that waits for its host when the signal comes is in flight too" {
  {
    echo "${ORIGIN/127.0.0.1/localhost}/delay/1"
    echo "$ORIGIN/redirect-to?url=${ORIGIN/127.0.0.1/localhost}/end"
  } >"$LIST"
  launch --host-concurrency 1 --grace 60s "$LIST"
  wait_for 10 seen_two
  kill -TERM "$PID"
  finish 20
  [ "$status" -eq 143 ]
  holds 'length == 2 and all(.[]; .ok)'
}

@test "when --grace is over, what is in flight is cancelled" {
  { urls 2 'hang?@' && urls 5 'new?@'; } >"$LIST"
  launch -c 2 --grace 200ms -m 0 --retry 5 "$LIST"
  wait_for 10 in_flight 2
  kill -TERM "$PID"
  finish 10
  [ "$status" -eq 143 ]
  complete
  holds 'length == 7 and all(.[]; .error.class == "cancelled" and
    .error.code == "signal")'
  holds 'map(.attempts) == [1, 1, 0, 0, 0, 0, 0]'
  holds '.[0].error.phase == "wait"'
}

@test "--grace 0 cancels at the first signal" {
  urls 2 'hang?@' >"$LIST"
  launch --grace 0 -m 0 "$LIST"
  wait_for 10 in_flight 2
  kill -INT "$PID"
  finish 10
  [ "$status" -eq 130 ]
  holds 'length == 2 and all(.[]; .error.code == "signal")'
}

@test "a second signal cancels at once, the status is the first one's" {
  { urls 2 'hang?@' && urls 5 'new?@'; } >"$LIST"
  launch -c 2 --grace 1h -m 0 "$LIST"
  wait_for 10 in_flight 2
  kill -INT "$PID"
  wait_for 10 drains
  kill -TERM "$PID"
  finish 10
  [ "$status" -eq 130 ]
  complete
  holds 'length == 7 and all(.[]; .error.code == "signal")'
}

@test "a third signal ends the process, whatever holds it up" {
  local tries=0
  urls 3000 'hang?@' >"$LIST"
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  exec 7<>"$BATS_TEST_TMPDIR/fifo"
  # A reader that takes nothing holds up the end, which is waited for.
  "$PYTHON" -c "$default_signals" "$AFETCH" --grace 1h -m 0 "$LIST" \
    >"$BATS_TEST_TMPDIR/fifo" 2>"$ERR" </dev/null 3>&- 7>&- &
  PID=$!
  wait_for 10 in_flight 8
  kill -TERM "$PID"
  wait_for 10 drains
  kill -TERM "$PID"
  if wait_for 1 ended "$PID"; then
    return 1
  fi
  until kill -TERM "$PID" && wait_for 1 ended "$PID"; do
    ((++tries < 3))
  done
  exec 7>&-
  status=0
  wait "$PID" || status=$?
  PID=
  [ "$status" -eq 143 ]
}

@test "nothing is retried once a signal came" {
  # One waits for its retry, one fails while the rest drains.
  { urls 1 status/503 && urls 1 'reset?delay=1'; } >"$LIST"
  launch -c 2 --grace 60s --retry 5 --retry-delay 1000s --retry-max-delay \
    1000s --seed 1 "$LIST"
  wait_for 10 in_flight 1
  wait_for 10 seen_two
  kill -TERM "$PID"
  finish 20
  [ "$status" -eq 143 ]
  holds 'map(.attempts) == [1, 1]'
  holds '.[0] | .error.class == "cancelled" and .error.code == "signal" and
    .status == 503'
  holds '.[1].error.code == "reset"'
  [ "$(origin_stats .requests)" -eq 2 ]
}

seen_two() {
  [ "$(origin_stats '.requests == 2 and .active == 1')" = true ]
}

@test "stderr names the first line that was not read" {
  urls 9000 'hang?@' >"$LIST"
  launch --queue 2000 --grace 0 -m 0 "$LIST"
  wait_for 10 in_flight 8
  kill -TERM "$PID"
  finish 20
  [ "$status" -eq 143 ]
  holds 'length >= 2000 and length < 9000'
  accounted
}

@test "all that was read is answered at once, however small the window" {
  urls 4000 'hang?@' >"$LIST"
  launch --queue 20 --grace 0 -m 0 "$LIST"
  wait_for 10 in_flight 8
  kill -TERM "$PID"
  finish 10
  [ "$status" -eq 143 ]
  holds 'length >= 28 and length < 4000'
  accounted
}

@test "nothing is said of unread lines when there are none" {
  urls 3 'hang?@' >"$LIST"
  launch --grace 0 -m 0 "$LIST"
  wait_for 10 in_flight 3
  kill -TERM "$PID"
  finish 10
  [ "$(wc -l <"$OUT")" -eq 3 ]
  run -1 grep 'not read' "$ERR"
}

@test "a signal ends the wait for stdin" {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  exec 7<>"$BATS_TEST_TMPDIR/fifo"
  "$AFETCH" -o "$OUT" <"$BATS_TEST_TMPDIR/fifo" 2>"$ERR" 3>&- 7>&- &
  PID=$!
  urls 3 'ok?@' >&7
  wait_for 10 seen_three
  kill -TERM "$PID"
  finish 10
  exec 7>&-
  [ "$status" -eq 143 ]
  holds 'length == 3 and all(.[]; .ok)'
  grep -qF 'not read: stdin from line 4 on' "$ERR"
}

seen_three() {
  [ "$(wc -l 2>/dev/null <"$OUT")" -eq 3 ]
}

@test "a signal between requests cuts a glob, which is told" {
  launch --glob --queue 5 --grace 0 -m 0 "$ORIGIN/hang/[1-1000000]"
  wait_for 10 in_flight 8
  kill -TERM "$PID"
  finish 10
  [ "$status" -eq 143 ]
  complete
  holds 'length <= 15'
  grep -qF 'not read: argument' "$ERR"
}

@test "an ignored SIGINT stays ignored, SIGTERM does not" {
  urls 1 'delay/1' >"$LIST"
  (trap '' INT && exec "$AFETCH" -o "$OUT" "$LIST") 2>"$ERR" 3>&- </dev/null &
  PID=$!
  wait_for 10 in_flight 1
  kill -INT "$PID"
  kill -INT "$PID"
  kill -INT "$PID"
  finish 20
  [ "$status" -eq 0 ]
  holds 'length == 1 and .[0].ok'
  [ ! -s "$ERR" ]

  urls 1 hang >"$LIST"
  (trap '' INT && exec "$AFETCH" --force --grace 0 -m 0 -o "$OUT" "$LIST") \
    2>"$ERR" 3>&- </dev/null &
  PID=$!
  wait_for 10 in_flight 1
  kill -INT "$PID"
  kill -TERM "$PID"
  finish 10
  [ "$status" -eq 143 ]
}

@test "-s keeps quiet about the signal, not about what was not read" {
  urls 4000 'hang?@' >"$LIST"
  launch -s --queue 1000 --grace 0 -m 0 "$LIST"
  wait_for 10 in_flight 8
  kill -TERM "$PID"
  finish 10
  [ "$(wc -l <"$ERR")" -eq 1 ]
  grep -qF 'not read' "$ERR"
}

@test "--strict stops at the first invalid line" {
  { urls 3 'hang?@' && echo 'mailto:someone@example.org' && urls 4000 'new?@'; } \
    >"$LIST"
  status=0
  "$AFETCH" --strict -m 0 -o "$OUT" "$LIST" 2>"$ERR" 3>&- </dev/null &
  PID=$!
  finish 10
  [ "$status" -eq 2 ]
  holds '.[3].error.class == "input" and .[3].line == 4'
  holds 'map(select(.index != 3)) | all(.[]; .error.class == "cancelled" and
    .error.code == "strict")'
  accounted
  grep -q 'stopped: an invalid line and --strict' "$ERR"
}

@test "--strict leaves alone what had ended" {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  exec 7<>"$BATS_TEST_TMPDIR/fifo"
  "$AFETCH" --strict -o "$OUT" <"$BATS_TEST_TMPDIR/fifo" 2>"$ERR" 3>&- 7>&- &
  PID=$!
  urls 3 'ok?@' >&7
  wait_for 10 seen_three
  echo '{"url":"http://a/","uri":1}' >&7
  finish 10
  exec 7>&-
  [ "$status" -eq 2 ]
  holds 'length == 4 and all(.[:3][]; .ok)'
  holds '.[3].error.code == "unknown_key" and (.[3].error.message |
    contains("url"))'
}

@test "a reader that leaves ends the run by SIGPIPE, whatever is in flight" {
  { urls 4 'hang?@' && urls 5000 'ok?@'; } >"$LIST"
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  "$PYTHON" -c "$default_signals" "$AFETCH" -m 0 "$LIST" \
    >"$BATS_TEST_TMPDIR/fifo" 2>"$ERR" </dev/null 3>&- &
  PID=$!
  head -n 1 <"$BATS_TEST_TMPDIR/fifo" >"$OUT"
  finish 10
  [ "$status" -eq 141 ]
  [ ! -s "$ERR" ]
  jq -e .ok "$OUT"
}
