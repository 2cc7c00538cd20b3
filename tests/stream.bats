#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Promise: streaming. The first request leaves and the first record comes
# before the input ends, an input may stay open for hours, what cannot be
# fetched or printed is not read, and memory does not grow with the list.
# What is read is in input.bats, what is written in records.bats.

# shellcheck disable=SC2030,SC2031 # every test has its own shell
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
  mkfifo in
}

# Ends what a test that failed has left.
teardown() {
  local pid
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  stop_servers
}

# Starts afetch in the background, reading the FIFO `in`, which $feed feeds.
start_afetch() {
  "$AFETCH" "$@" <in >out 2>err 3>&- &
  pid=$!
  started+=("$pid")
  exec {feed}>in
}

end_input() {
  exec {feed}>&-
}

records() { # COUNT
  [ "$(wc -l <out)" -ge "$1" ]
}

requests() {
  origin_stats .requests
}

# Bytes that the process has written so far.
written() {
  awk '/^wchar/ { print $2 }' "/proc/$1/io"
}

# Waits until what the command prints stays the same, and prints it.
settled() {
  local before='' now still=0
  for ((i = 0; i < 200 && still < 8; i++)); do
    now=$("$@")
    [ "$now" = "$before" ] && still=$((still + 1)) || still=0
    before=$now
    sleep 0.05
  done
  [ "$still" -eq 8 ] && echo "$now"
}

# Sanitizers keep freed memory for a while; that is not what is measured here.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1

is_sanitized() {
  grep -q __asan_init "$AFETCH"
}

@test "records come while the input is open" {
  start_afetch
  echo "$ORIGIN/one" >&"$feed"
  wait_for 10 records 1
  same "$ORIGIN/one" "$(jq -r .url out)"
  echo "{\"url\":\"$ORIGIN/two\"}" >&"$feed"
  wait_for 10 records 2
  kill -0 "$pid"
  end_input
  wait "$pid"
  same 2 "$(wc -l <out)"
}

@test "an invalid line is answered while the input is open" {
  start_afetch
  echo mailto:x >&"$feed"
  wait_for 10 records 1
  end_input
  wait "$pid" || [ $? -eq 1 ]
}

@test "a list that a file begins goes on with the pipe behind it" {
  echo "$ORIGIN/file" >list
  start_afetch list -
  wait_for 10 records 1
  echo "$ORIGIN/pipe" >&"$feed"
  wait_for 10 records 2
  end_input
  wait "$pid"
}

@test "a line in pieces is one request, sent when it is whole" {
  start_afetch
  printf '%s' "$ORIGIN/on" >&"$feed"
  wait_for 10 is_read
  printf '%s' "e/lo" >&"$feed"
  wait_for 10 is_read
  same 0 "$(requests)"
  printf '%s\n%s' "ng" "$ORIGIN/las" >&"$feed"
  wait_for 10 records 1
  printf t >&"$feed"
  end_input
  wait "$pid"
  same $'GET /one/long\nGET /last' "$(curl -s "$ORIGIN/log")"
}

# Nothing is left in the FIFO.
is_read() {
  $PYTHON -c 'import fcntl, os, sys, termios
fd = os.open("in", os.O_RDONLY | os.O_NONBLOCK)
left = int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, b"    "), sys.byteorder)
sys.exit(left > 0)'
}

@test "between the lines of a slow input the connection stays" {
  start_afetch
  for i in {1..8}; do
    echo "$ORIGIN/$i" >&"$feed"
    wait_for 10 records "$i"
  done
  end_input
  wait "$pid"
  same 1 "$(origin_stats .connections)"
}

@test "an input that says nothing costs no processor time" {
  local before after
  start_afetch
  echo "$ORIGIN/one" >&"$feed"
  wait_for 10 records 1
  before=$(ticks "$pid")
  for _ in {1..10}; do
    sleep 0.05
  done
  after=$(ticks "$pid")
  ((after - before <= 5))
  end_input
  wait "$pid"
}

# Processor time so far, in 1/100 s.
ticks() {
  awk '{ print $14 + $15 }' "/proc/$1/stat"
}

@test "a writer that goes away and comes back finds the same run" {
  start_afetch in
  exec {other}>in
  echo "$ORIGIN/one" >&"$feed"
  end_input
  wait_for 10 records 1
  echo "$ORIGIN/two" >&"$other"
  exec {other}>&-
  wait "$pid"
  same 2 "$(wc -l <out)"
}

@test "a full window is not read on" {
  local taken
  start_stuck
  taken=$(settled written "$writer")
  same 2 "$(origin_stats .active)"
  # A pipe's 64 KiB, the reader's buffer, and what seq has not written yet.
  ((taken <= 400 * 1024))
}

@test "what was read behind a full window is answered at once at a stop" {
  start_stuck --deadline 0.3
  wait_for 10 ended "$pid"
  wait "$pid" || [ $? -eq 4 ]
  same deadline "$(jq -r .error.code out | sort -u)"
  same "$(seq 0 $(($(wc -l <out) - 1)))" "$(jq .index out | sort -n)"
  grep -q 'not read: stdin from line' err
}

# A run of two slots that hang and a small window; $writer has more for it.
start_stuck() {
  "$AFETCH" -c 2 --queue 10 "$@" <in >out 2>err 3>&- &
  pid=$!
  seq -f "$ORIGIN/hang/%.0f" 1000000 >in 2>/dev/null 3>&- &
  writer=$!
  started+=("$pid" "$writer")
}

@test "a full window goes on when there is room" {
  seq -f "$ORIGIN/%.0f" 3000 >list
  "$AFETCH" -c 3 --queue 1 --fields index list >out
  same "$(seq 0 2999)" "$(jq .index out | sort -n)"
}

@test "a reader that stalls stops the reading and the sending, not the run" {
  local taken sent memory
  mkfifo slow
  exec {hold}<>slow # open, but nobody reads
  seq -f "$ORIGIN/%.0f" 5000 >list
  cat list >in 3>&- &
  "$AFETCH" --queue 10 --fields +headers <in >slow 2>err 3>&- &
  pid=$!
  started+=("$pid")
  sent=$(settled requests)
  memory=$(peak "$pid")
  # What is sent fits into the pipe, a queue of 256 KiB and one turn's records.
  ((sent > 0 && sent < 3000))
  kill -0 "$pid"
  taken=$(settled requests)
  same "$sent" "$taken"
  cat slow >out 3>&- {hold}>&- &
  started+=("$!")
  exec {hold}>&-
  wait "$pid"
  wait_for 10 records 5000
  same "$(seq 0 4999)" "$(jq .index out | sort -n)"
  same true "$(jq -s 'all(.ok)' out)"
  ((memory < 65536)) || is_sanitized
}

@test "memory does not grow with the list" {
  local few=20000 many=200000 room=2048 before after
  if is_sanitized; then
    few=4000 many=20000 room=8192
  fi
  start_nginx
  start_afetch -c 50 --host-concurrency 50 --queue 1000 --fields index
  seq -f "$NGINX/%.0f" $few >&"$feed"
  wait_for 60 records $few
  before=$(peak "$pid")
  seq -f "{\"id\":%.0f,\"url\":\"$NGINX/\",\"headers\":{\"X\":\"y\"}}" \
    $((many - few)) >&"$feed"
  wait_for 120 records $many
  after=$(peak "$pid")
  end_input
  wait "$pid"
  ((after - before <= room))
}

@test "memory does not grow with failures either" {
  local few=10000 many=60000 room=2048 before after dead
  if is_sanitized; then
    few=3000 many=10000 room=8192
  fi
  dead=http://127.0.0.1:$(free_port)
  start_afetch --queue 1000 --retry 1 --retry-delay 1ms --fields index
  seq -f "$dead/%.0f" $few >&"$feed"
  wait_for 60 records $few
  before=$(peak "$pid")
  seq -f "$dead/%.0f" $((many - few)) >&"$feed"
  wait_for 120 records $many
  after=$(peak "$pid")
  end_input
  wait "$pid" || [ $? -eq 1 ]
  ((after - before <= room))
}

@test "a window of large requests is bounded in bytes" {
  local body memory
  body=$(head -c 900000 /dev/zero | tr '\0' x)
  "$AFETCH" -c 1 <in >out 3>&- &
  pid=$!
  started+=("$pid")
  for _ in {1..300}; do
    echo "{\"url\":\"$ORIGIN/hang\",\"body\":\"$body\"}"
  done >in 2>/dev/null 3>&- &
  started+=("$!")
  settled written $! >taken
  memory=$(peak "$pid")
  # 64 MiB of requests, not 10,000 of them.
  (($(<taken) > 60000000 && $(<taken) < 80000000))
  ((memory < 160 * 1024)) || is_sanitized
}
