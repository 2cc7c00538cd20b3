#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A run while it runs: who is in flight (SIGUSR1), pauses (SIGUSR2), a process
# that is stopped and goes on (SIGSTOP, SIGTSTP, SIGCONT), the file of --control,
# and what --debug tells of the loop.
#
# Elsewhere: what --control may say in tests/unit/test_control.c, the signals
# that end a run in stop.bats.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

load helper

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  OUT=$BATS_TEST_TMPDIR/out
  ERR=$BATS_TEST_TMPDIR/err
  GATE=$BATS_TEST_TMPDIR/gate
  CONTROL=$BATS_TEST_TMPDIR/control
  PID=
}

teardown() {
  if [ -n "$PID" ]; then
    kill -9 "$PID" 2>/dev/null || true
  fi
  stop_servers
}

# Runs afetch in the background as $PID; records to $OUT, the rest to $ERR.
launch() {
  "$AFETCH" -o "$OUT" "$@" </dev/null 2>"$ERR" 3>&- &
  PID=$!
  wait_for 20 listens
}

# SIGUSR1 (10) is caught or ignored: it would end the process before. What the
# shell catches until it has become afetch does not count.
listens() {
  local mask
  [ "$(<"/proc/$PID/comm")" = afetch ] || return 1
  mask=$(awk '/^Sig(Ign|Cgt)/ { print $2 }' "/proc/$PID/status" | cut -c 14 |
    tr -d '\n')
  [[ $mask =~ [2367abef] ]]
}

# Waits for the end: its status goes into $status.
finish() {
  status=0
  wait_for 60 ended "$PID"
  wait "$PID" || status=$?
  PID=
}

# The server whose answers wait until the gate opens: see its head.
start_gate() {
  make_certificate "$BATS_TEST_TMPDIR/server"
  start_server "$PYTHON" "$HERE/servers/gate.py" "$BATS_TEST_TMPDIR/ports" \
    "$GATE" "$BATS_TEST_TMPDIR/server.crt" "$BATS_TEST_TMPDIR/server.key"
  wait_for 10 test -e "$BATS_TEST_TMPDIR/ports"
  read -r PLAIN LATE TLS <"$BATS_TEST_TMPDIR/ports"
}

open_gate() {
  : >"$GATE"
}

# Asks for a report, and waits for its last line, the counts.
ask() {
  local before
  before=$(grep -c '"running":' "$ERR" || true)
  kill -USR1 "$PID"
  wait_for 20 reported "$before"
}

reported() {
  [ "$(grep -c '"running":' "$ERR" || true)" -gt "$1" ]
}

# The tasks of the last report.
tasks() {
  awk '/^{"index"/ { lines = lines $0 "\n" }
    /"running":/ { last = lines; lines = "" }
    END { printf "%s", last }' "$ERR"
}

# Its counts.
counts() {
  grep '"running":' "$ERR" | tail -n 1
}

# The phases of a new report, sorted.
phases() {
  ask
  tasks | jq -r .phase | sort | xargs
}

in_phases() {
  [ "$(phases)" = "$1" ]
}

asked() {
  [ "$(origin_stats .requests)" -ge "$1" ]
}

says() {
  grep -q -- "$1" "$ERR"
}

ok_records() {
  [ "$(grep -c '"ok":true' "$OUT" || true)" -ge "$1" ]
}

# The process is stopped, as the system has it.
stands() {
  [[ $(ps -o stat= -p "$PID") == T* ]]
}

@test "SIGUSR1 prints who is in flight, a JSON line each, and the counts" {
  start_gate
  printf '%s\n' "http://me:tiger@127.0.0.1:$PLAIN/wait" \
    "http://127.0.0.1:$PLAIN/headers" "http://127.0.0.1:$PLAIN/body" \
    "http://127.0.0.1:$LATE/" "https://127.0.0.1:$TLS/" \
    "http://127.0.0.1:$PLAIN/at-once" "http://127.0.0.1:$PLAIN/more" >"$LIST"
  launch -k -c 5 --host-concurrency 3 "$LIST"
  wait_for 20 in_phases 'body connect headers tls wait'
  tasks >"$BATS_TEST_TMPDIR/tasks"
  jq -es 'map(keys_unsorted) | unique == [["index", "url", "phase", "attempt",
    "seconds", "bytes"]]' "$BATS_TEST_TMPDIR/tasks"
  jq -es --arg port "$PLAIN" 'map({(.phase): .}) | add |
    .wait.url == "http://127.0.0.1:\($port)/wait" and .wait.index == 0 and
    .wait.attempt == 1 and .wait.seconds > 0 and .wait.bytes == 0 and
    .body.bytes == 1' "$BATS_TEST_TMPDIR/tasks"
  counts |
    jq -e '.running == 5 and .waiting == 2 and .done == 0 and
      .paused == false and .seconds > 0'
  run ! grep -q tiger "$ERR"
  # Asking changes nothing.
  open_gate
  finish
  [ "$status" -eq 0 ]
  ok_records 7
}

@test "SIGUSR1 and SIGUSR2 that are ignored stay so" {
  start_gate
  trap '' USR1 USR2
  launch "http://127.0.0.1:$PLAIN/wait" "http://127.0.0.1:$PLAIN/at-once"
  trap - USR1 USR2
  wait_for 20 ok_records 1
  kill -USR1 "$PID"
  kill -USR2 "$PID"
  open_gate
  finish
  [ "$status" -eq 0 ]
  [ ! -s "$ERR" ]
}

@test "SIGUSR2 pauses the starting of new ones, and goes on" {
  start_gate
  start_origin
  {
    echo "http://127.0.0.1:$PLAIN/wait"
    seq 5 | sed "s|^|$ORIGIN/|"
  } >"$LIST"
  launch -c 1 "$LIST"
  wait_for 20 in_phases wait
  kill -USR2 "$PID"
  wait_for 20 says 'paused: nothing new starts, 1 in flight go on'
  open_gate
  wait_for 20 ok_records 1
  ask
  counts |
    jq -e '.running == 0 and .waiting == 5 and .paused'
  [ "$(origin_stats .requests)" -eq 0 ]
  kill -USR2 "$PID"
  finish
  [ "$status" -eq 0 ]
  says 'goes on'
  ok_records 6
}

@test "a pause ends with the run" {
  start_gate
  start_origin
  launch -c 1 "http://127.0.0.1:$PLAIN/wait" "$ORIGIN/"
  wait_for 20 in_phases wait
  kill -USR2 "$PID"
  wait_for 20 says paused
  kill -TERM "$PID"
  wait_for 20 says 'may finish'
  open_gate
  finish
  [ "$status" -eq 143 ]
  [ "$(jq -r '.error.class // "ok"' "$OUT" | sort | xargs)" = 'cancelled ok' ]
}

@test "a pause ends with the run, for hops too" {
  start_origin
  launch --grace 20 -m 0 "$ORIGIN/redirect/1?delay=1"
  wait_for 20 active 1
  kill -USR2 "$PID"
  wait_for 20 says paused
  kill -TERM "$PID"
  finish
  [ "$status" -eq 143 ]
  [ "$(jq -c '[.ok, .status]' "$OUT")" = '[true,200]' ]
}

heeded() { # SIGNAL: not ignored by who started the tests
  "$PYTHON" -c 'import signal, sys
sys.exit(signal.getsignal(signal.Signals[sys.argv[1]]) == signal.SIG_IGN)' "SIG$1"
}

# Whether this process group is an orphaned one (POSIX.1, 3.264): none of it
# has a parent elsewhere in the session. A setsid before it makes it so.
orphaned() {
  ps -e -o pid= -o ppid= -o pgid= -o sess= | awk -v me=$BASHPID '
    { parent[$1] = $2; group[$1] = $3; session[$1] = $4 }
    END {
      for (pid in group) {
        above = parent[pid]
        if (group[pid] == group[me] && group[above] != group[me] &&
            session[above] == session[me])
          exit 1
      }
    }'
}

# One of each phase, under limits of 5 s, stands still for 6 s: none of them has
# lost time by it.
# What runs under this has a clock that goes ahead by sleep_for's seconds.
jumping() {
  export CLOCK_FILE=$BATS_TEST_TMPDIR/clock LD_PRELOAD=$BUILD/clock.so
  export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
  "$@"
  unset CLOCK_FILE LD_PRELOAD
}

sleep_for() { # SECONDS
  echo "$1" >"$BATS_TEST_TMPDIR/clock.new"
  mv "$BATS_TEST_TMPDIR/clock.new" "$BATS_TEST_TMPDIR/clock"
}

outlives() { # SIGNAL
  start_gate
  printf '%s\n' http://127.0.0.1:$PLAIN/{wait,headers,body} \
    "http://127.0.0.1:$LATE/" "https://127.0.0.1:$TLS/" >"$LIST"
  jumping launch -k --connect-timeout 40s -m 40s --speed-time 40s \
    --request-time 40s --deadline 90s --retry 0 -v "$LIST"
  wait_for 20 in_phases 'body connect headers tls wait'
  kill -"$1" "$PID"
  wait_for 10 stands
  sleep_for 100 # no less than the limits: this is what is tested
  kill -CONT "$PID"
  # libcurl looks at its clocks when the loop first turns.
  wait_for 20 in_phases 'body connect headers tls wait' || {
    cat "$ERR" "$OUT"
    return 1
  }
  open_gate
  finish
  cat "$ERR" "$OUT"
  [ "$status" -eq 0 ]
  [ "$(jq -c '[.ok, .attempts]' "$OUT" | sort -u)" = '[true,1]' ]
}

@test "SIGSTOP and SIGCONT turn no waiting into a time-out" {
  outlives STOP
}

@test "SIGTSTP and SIGCONT turn no waiting into a time-out" {
  heeded TSTP || skip 'SIGTSTP is ignored here'
  ! orphaned || skip 'SIGTSTP stops nobody here: no shell could go on with it'
  outlives TSTP
}

@test "limits hold after a stop as before it" {
  start_gate
  printf '%s\n' http://127.0.0.1:$PLAIN/{wait,body} "http://127.0.0.1:$LATE/" \
    "https://127.0.0.1:$TLS/" >"$LIST"
  jumping launch -k --connect-timeout 6s -m 0 --speed-time 6s \
    --request-time 40s --retry 0 "$LIST"
  wait_for 20 in_phases 'body connect tls wait'
  kill -STOP "$PID"
  wait_for 10 stands
  sleep_for 60 # longer than --request-time: what crept may not have it twice
  kill -CONT "$PID"
  finish
  [ "$status" -eq 1 ]
  cat "$OUT"
  [ "$(jq -r .error.code "$OUT" | sort | xargs)" = \
    'connect_time connect_time slow slow' ]
  # A stop is told by --debug alone.
  run ! grep -v '^{' "$ERR"
}

@test "--debug reports turns of the loop that take long, and what ran in them" {
  start_origin
  run -0 --separate-stderr "$AFETCH" --debug --slow-callback 0.0001ms \
    "$ORIGIN/"{1..20}
  [[ $stderr =~ a\ turn\ of\ the\ loop\ took\ 0\.[0-9]{3}\ s: ]]
  [[ $stderr =~ libcurl\ 0\.[0-9]{3}\ s ]]
  [[ $stderr =~ starting\ 0\.[0-9]{3}\ s ]]
  [[ $stderr =~ reading\ 0\.[0-9]{3}\ s ]]
  run -0 --separate-stderr "$AFETCH" --debug --slow-callback 30s "$ORIGIN/"{1..20}
  [ -z "$stderr" ]
  run -0 --separate-stderr "$AFETCH" --slow-callback 0.0001ms "$ORIGIN/"
  [ -z "$stderr" ]
}

@test "--debug reports that the process stood still" {
  start_gate
  jumping launch --debug --slow-callback 30s "http://127.0.0.1:$PLAIN/wait"
  wait_for 20 in_phases wait
  kill -STOP "$PID"
  wait_for 10 stands
  sleep_for 2
  kill -CONT "$PID"
  wait_for 20 says 'the process stood still for [2-9]'
  open_gate
  finish
  [ "$status" -eq 0 ]
}

# afetch with a libcurl that misses all its timers.
untimed() {
  LD_PRELOAD=$BUILD/timers.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$AFETCH" "$@"
}

@test "a stall that the watchdog finds is counted, and told with --debug" {
  local url
  start_origin --no-read
  url=https://127.0.0.1:$ORIGIN_PORT/
  run -1 --separate-stderr untimed -v --debug --retry 0 --connect-timeout 0.5 \
    "$url"
  [ "$(jq -r .error.code <<<"$output")" = connect_time ]
  [[ $stderr == *'libcurl missed an event: found by the watchdog'* ]]
  [[ $stderr == *', 1 missed events'* ]]
  run -1 --separate-stderr untimed --retry 0 --connect-timeout 0.5 "$url"
  [ -z "$stderr" ]
}

# Puts a file of --control in place of the last one.
control() {
  echo "$1" >"$CONTROL.new"
  mv "$CONTROL.new" "$CONTROL"
}

active() {
  [ "$(origin_stats .active)" -eq "$1" ]
}

@test "--control changes the limits of a run, and what is taken out of it goes back" {
  start_origin
  control '{"concurrency": 2, "host_concurrency": 0}'
  seq 30 | sed "s|.*|$ORIGIN/delay/60?&|" >"$LIST"
  launch -c 5 --host-concurrency 4 --grace 0 --control "$CONTROL" "$LIST"
  wait_for 20 active 2
  control '{"concurrency": 20}'
  wait_for 20 active 4
  control '{"concurrency": 20, "host_concurrency": 0}'
  wait_for 20 active 20
  kill "$PID"
  finish
  [ "$(origin_stats .max_active)" -eq 20 ]
}

@test "--control pauses and goes on, and SIGHUP has it read at once" {
  heeded HUP || skip 'SIGHUP is ignored here'
  start_origin
  control '{"pause": true}'
  launch --control "$CONTROL" -v "$ORIGIN/"{1..3}
  ask
  kill -HUP "$PID"
  wait_for 20 says 'was read'
  ask
  counts |
    jq -e '.paused and .waiting == 3 and .done == 0'
  # A pause by signal is one of its own.
  kill -USR2 "$PID"
  ask
  kill -USR2 "$PID"
  wait_for 20 says 'still says "pause"'
  [ "$(origin_stats .requests)" -eq 0 ]
  # What is wrong ends no pause.
  control '{"pause": false, "concurency": 1}'
  wait_for 20 says 'did you mean'
  ask
  counts | jq -e .paused
  control '{}'
  finish
  [ "$status" -eq 0 ]
  ok_records 3
}

@test "--control holds rates" {
  start_origin
  # The first at once; the next would be an hour away.
  control '{"rate": "1/h"}'
  launch --control "$CONTROL" "$ORIGIN/"{1..9}
  wait_for 20 ok_records 1
  control '{"host_rate": "1/h"}'
  wait_for 20 ok_records 2
  control '{"rate": 1000, "host_rate": null}'
  finish
  [ "$status" -eq 0 ]
  ok_records 9
}

@test "--control goes before --rate and --host-rate, where it speaks of them" {
  start_origin
  control '{}'
  launch --rate 1/h --host-rate 1/h --control "$CONTROL" "$ORIGIN/"{1..9}
  wait_for 20 ok_records 1
  control '{"rate": 1000}'
  ask
  control '{"rate": 1000, "host_rate": 1000}'
  finish
  [ "$status" -eq 0 ]
  ok_records 9
}

@test "a file of --control that is wrong is told, and changes nothing" {
  start_origin
  control '{"concurrency": 3}'
  seq 30 | sed "s|.*|$ORIGIN/delay/60?&|" >"$LIST"
  launch -c 1 --host-concurrency 0 --grace 0 --control "$CONTROL" "$LIST"
  wait_for 20 active 3
  control '{"concurrency": 0}'
  wait_for 20 says "$CONTROL: concurrency: .*still holds"
  control '{"concurency": 9}'
  wait_for 20 says 'did you mean "concurrency"'
  control '{"concurrency": 9'
  wait_for 20 says "$CONTROL: .*byte"
  rm "$CONTROL"
  wait_for 20 says "$CONTROL cannot be read"
  ask
  [ "$(origin_stats .max_active)" -eq 3 ]
  # Looked at again, it is not told again.
  kill -HUP "$PID"
  ask
  control '{"concurrency": 5}'
  wait_for 20 active 5
  kill "$PID"
  finish
  # Each is told once.
  [ "$(grep -c 'cannot be read' "$ERR")" -eq 1 ]
  [ "$(grep -c 'did you mean' "$ERR")" -eq 1 ]
}

@test "a file of --control that is wrong at the start ends it" {
  start_origin
  local text
  run -2 --separate-stderr "$AFETCH" --control "$CONTROL" "$ORIGIN/"
  [[ $stderr == *"--control: $CONTROL is no file"* ]]
  for text in '' '[]' '{"pause": 1}' '{"rate": "x"}' '{"rate": -1}' \
    '{"concurrency": 1.5}' '{"concurrency": 2, "concurrency": 3}'; do
    control "$text"
    run -2 --separate-stderr "$AFETCH" --control "$CONTROL" "$ORIGIN/"
    [[ $stderr == *"--control: $CONTROL: "* ]]
    [ -z "$output" ]
  done
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  run -2 "$AFETCH" --control "$BATS_TEST_TMPDIR/fifo" "$ORIGIN/"
  [ "$(origin_stats .requests)" -eq 0 ]
}
