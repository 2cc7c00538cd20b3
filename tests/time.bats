#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The four clocks, each alone: --connect-timeout, --max-time, --request-time
# and --deadline; what counts in each of them and what does not; and the guard
# against transfers that creep.
#
# Elsewhere: which phase a timeout is told with in faults.bats, the clocks of
# a run that a signal stops in stop.bats.

load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  OTHER=http://127.0.0.2:$ORIGIN_PORT
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# Runs it, its records sorted by index in $OUT, the exit status in $status.
fetch() {
  run --separate-stderr "$AFETCH" -o "$BATS_TEST_TMPDIR/records" --force "$@"
  jq -cs 'sort_by(.index)[]' "$BATS_TEST_TMPDIR/records" >"$OUT"
}

# What became of each request, one word each.
outcomes() {
  jq -r 'if .ok then "ok" else .error.code end' "$OUT" | xargs
}

holds() {
  jq -se "$1" "$OUT" >/dev/null || {
    echo "not so: $1"
    cat "$OUT"
    return 1
  }
}

@test "--connect-timeout ends a connection that is not made" {
  start_origin --no-read
  fetch --connect-timeout 200ms -m 0 --retry 0 "$ORIGIN/"
  [ "$status" -eq 1 ]
  holds '.[0].error | .class == "timeout" and .code == "connect_time" and
    .phase == "connect"'
  holds '.[0] | .attempts == 1 and .time.total >= 0.19 and .time.total < 5'
}

@test "--connect-timeout does not count once the connection is made" {
  fetch --connect-timeout 300ms "$ORIGIN/delay/0.6" "$ORIGIN/drip?bytes=6"
  [ "$status" -eq 0 ]
}

@test "a line's connect_timeout goes before --connect-timeout" {
  start_origin --no-read
  echo "{\"url\":\"$ORIGIN/\",\"connect_timeout\":0.2}" >"$LIST"
  echo "{\"url\":\"$ORIGIN/\",\"connect_timeout\":\"100ms\"}" >>"$LIST"
  fetch --connect-timeout 100s -m 0 --retry 0 "$LIST"
  [ "$(outcomes)" = 'connect_time connect_time' ]
  holds '.[1].time.total < .[0].time.total + 0.05'
}

@test "--max-time ends an attempt, and each attempt has it anew" {
  fetch -m 200ms --retry 2 --retry-delay 1ms "$ORIGIN/hang"
  [ "$status" -eq 1 ]
  holds '.[0].error | .class == "timeout" and .code == "max_time"'
  holds '.[0] | .attempts == 3 and ([.tries[].error] | unique) == ["max_time"]'
  # Not one limit for all three of them.
  holds '.[0] | .tries[2].at >= 0.38 and .time.total >= 0.19'
}

@test "--max-time holds for a redirect chain as a whole" {
  # Each hop is within the limit, the fourth at the latest ends beyond it.
  fetch -m 1s --retry 0 "$ORIGIN/redirect/5?delay=0.3"
  [ "$(outcomes)" = max_time ]
  holds '.[0] | .attempts == 1 and (.redirects | length) >= 1 and
    (.redirects | length) <= 3'
  holds '.[0].time.total >= 0.98'
}

@test "--max-time stands still while a hop waits for its host" {
  {
    echo "{\"url\":\"$OTHER/delay/1.2\"}"
    echo "{\"url\":\"$ORIGIN/redirect-to?url=$OTHER/ok\",\"timeout\":0.8}"
  } >"$LIST"
  fetch --host-concurrency 1 "$LIST"
  [ "$(outcomes)" = 'ok ok' ]
  holds '.[1] | .status == 200 and .attempts == 1 and .time.queue > 0.8'
}

@test "--max-time does not count the time in the list" {
  local n
  for n in {1..10}; do
    echo "$ORIGIN/delay/0.12?$n"
  done >"$LIST"
  fetch -c 1 -m 800ms --retry 0 "$LIST"
  [ "$status" -eq 0 ]
  holds 'length == 10 and all(.[]; .ok)'
  holds '.[9].time.queue > 1'
}

@test "--max-time does not count while the reader stalls" {
  local pid
  seq 400 | sed "s|^|$ORIGIN/bytes/5000?|" >"$LIST"
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  "$AFETCH" -m 500ms --retry 0 --body inline "$LIST" \
    >"$BATS_TEST_TMPDIR/fifo" 3>&- &
  pid=$!
  exec 7<"$BATS_TEST_TMPDIR/fifo"
  if wait_for 1 ended $pid; then
    return 1
  fi
  cat <&7 >"$OUT"
  exec 7<&-
  wait $pid
  holds 'length == 400 and all(.[]; .ok)'
}

@test "a line's timeout goes before --max-time, 0 is none" {
  {
    echo "{\"url\":\"$ORIGIN/hang\",\"timeout\":0.2}"
    echo "{\"url\":\"$ORIGIN/hang\",\"timeout\":\"200ms\"}"
    echo "{\"url\":\"$ORIGIN/delay/0.6\",\"timeout\":20}"
    echo "{\"url\":\"$ORIGIN/delay/0.6\",\"timeout\":0}"
    echo "{\"url\":\"$ORIGIN/hang\"}"
  } >"$LIST"
  fetch -m 400ms --retry 0 "$LIST"
  [ "$(outcomes)" = 'max_time max_time ok ok max_time' ]
  holds '.[0].time.total < 0.39 and .[4].time.total > 0.39'
}

@test "--request-time holds over attempts" {
  fetch -m 200ms --request-time 500ms --retry 100 --retry-delay 1ms \
    "$ORIGIN/hang"
  [ "$(outcomes)" = request_time ]
  holds '.[0] | .attempts >= 2 and .attempts <= 3 and
    .tries[0].error == "max_time" and .tries[-1].error == "request_time"'
  holds '.[0].error | .class == "timeout" and .phase == "wait"'
}

@test "--request-time ends one attempt where --max-time is none" {
  fetch -m 0 --request-time 200ms --retry 5 "$ORIGIN/hang"
  [ "$(outcomes)" = request_time ]
  holds '.[0].attempts == 1'
}

@test "--request-time does not begin a wait that it would not outlast" {
  fetch --request-time 20s "$ORIGIN/retry-after/a?after=30"
  [ "$status" -eq 1 ]
  holds '.[0] | .attempts == 1 and .status == 429'
}

@test "--request-time holds while a hop waits for its host" {
  {
    echo "{\"url\":\"$OTHER/retry-after/b?after=30\",\"retry\":0}"
    echo "$ORIGIN/redirect-to?url=$OTHER/ok"
  } >"$LIST"
  fetch -c 1 -m 0 --request-time 400ms "$LIST"
  [ "$(outcomes)" = 'status request_time' ]
  holds '.[1] | .error.phase == "queue" and .attempts == 1 and
    .time.queue > 0.2'
  [ "$(origin_stats .requests)" -eq 2 ]
}

@test "--request-time does not count the time in the list" {
  local n
  for n in {1..10}; do
    echo "$ORIGIN/delay/0.12?$n"
  done >"$LIST"
  fetch -c 1 --request-time 800ms --retry 0 "$LIST"
  [ "$status" -eq 0 ]
  holds 'length == 10 and .[9].time.queue > 1'
}

@test "--deadline cancels what is in flight, waiting and unsent" {
  local n
  echo "$OTHER/status/503" >"$LIST"
  for n in {1..60}; do
    echo "$ORIGIN/hang?$n"
  done >>"$LIST"
  fetch -c 4 --host-concurrency 3 --deadline 600ms \
    --retry-delay 1000s --retry-max-delay 1000s --seed 1 "$LIST"
  [ "$status" -eq 4 ]
  holds '[.[].index] == [range(61)]'
  holds 'all(.[]; .ok == false and .error.class == "cancelled" and
    .error.code == "deadline")'
  # The retry that waits, three in flight, and the rest never sent.
  holds '.[0] | .status == 503 and .attempts == 1'
  holds 'map(select(.error.phase == "wait")) |
    length == 3 and all(.[]; .attempts == 1)'
  holds 'map(select(.attempts == 0)) | length == 57 and
    all(.[]; .error.phase == "queue" and (has("started_at") | not))'
  [ "$(origin_stats .requests)" -eq 4 ]
  # All was read, so nothing is said of lines that were not.
  [ "$stderr" = 'afetch: stopped: the deadline of 0.6 s was reached' ]
}

@test "--deadline answers all that was read, and names the first line not read" {
  local pid read status=0
  seq 4000 | sed "s|^|$ORIGIN/hang?|" >"$LIST"
  "$AFETCH" --queue 20 --deadline 300ms -o "$OUT" "$LIST" \
    2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
  pid=$!
  # The window is small, what was read is not: it must not take long.
  wait_for 10 ended $pid || {
    kill -9 $pid
    echo "not ended 10 s after the deadline; $(wc -l <"$OUT") records"
    return 1
  }
  wait $pid || status=$?
  [ "$status" -eq 4 ]
  read=$(wc -l <"$OUT")
  ((read >= 28 && read < 4000))
  [ "$(jq -s 'map(.index) | sort == [range(length)]' "$OUT")" = true ]
  [ "$(jq -r .error.code "$OUT" | sort -u)" = deadline ]
  grep -qF "not read: $LIST from line $((read + 1)) on" \
    "$BATS_TEST_TMPDIR/stderr"
}

@test "--deadline ends a run whose input stays open" {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  exec 7<>"$BATS_TEST_TMPDIR/fifo"
  echo "$ORIGIN/ok" >&7
  run --separate-stderr -4 "$AFETCH" --deadline 500ms \
    <"$BATS_TEST_TMPDIR/fifo" 7>&-
  exec 7>&-
  [ "${#lines[@]}" -eq 1 ]
  [ "$(jq .ok <<<"$output")" = true ]
  [[ $stderr == *'not read: stdin from line 2 on'* ]]
}

@test "--deadline does nothing to a run that ends before it" {
  fetch --deadline 60s "$ORIGIN/ok" "$ORIGIN/redirect/2"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
}

@test "the shortest clock ends a request, and only that one is named" {
  fetch -m 200ms --request-time 10s --deadline 20s --retry 0 "$ORIGIN/hang"
  [ "$(outcomes) $status" = 'max_time 1' ]
  fetch -m 10s --request-time 200ms --deadline 20s --retry 0 "$ORIGIN/hang"
  [ "$(outcomes) $status" = 'request_time 1' ]
  fetch -m 10s --request-time 20s --deadline 200ms --retry 0 "$ORIGIN/hang"
  [ "$(outcomes) $status" = 'deadline 4' ]
}

@test "--speed-limit ends a drip, not a steady stream" {
  {
    echo "$ORIGIN/drip?bytes=10000&every=0.1"
    echo "$ORIGIN/drip?bytes=20000&every=0.1&size=1000"
  } >"$LIST"
  fetch --speed-limit 500 --speed-time 1s --retry 0 -m 0 "$LIST"
  [ "$(outcomes)" = 'slow ok' ]
  holds '.[0] | .error.class == "timeout" and .size > 0 and .size < 500'
  holds '.[1].size == 20000'
}

@test "--speed-time 0 lets a drip go on" {
  fetch --speed-limit 1M --speed-time 0 "$ORIGIN/drip?bytes=16&every=0.1"
  [ "$status" -eq 0 ]
  holds '.[0].size == 16'
}

@test "a deadline that passes when all was done cuts nothing short" {
  for i in {1..200}; do
    echo "$ORIGIN/bytes/500?n=$i"
  done >"$LIST"
  # The reader begins when all were answered and the deadline is over.
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  (
    rc=0
    "$AFETCH" --body inline --deadline 3s "$LIST" || rc=$?
    echo $rc >"$BATS_TEST_TMPDIR/rc"
  ) >"$BATS_TEST_TMPDIR/fifo" &
  local run=$!
  exec 7<"$BATS_TEST_TMPDIR/fifo"
  served() { [ "$(origin_stats .requests)" -ge 200 ]; }
  wait_for 20 served
  passed=$((SECONDS + 4))
  over() { ((SECONDS >= passed)); }
  wait_for 10 over
  n=$(jq -c 'select(.ok)' <&7 | wc -l)
  exec 7<&-
  wait $run
  [ "$n" -eq 200 ]
  [ "$(<"$BATS_TEST_TMPDIR/rc")" -eq 0 ]
}
