#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --keep-order: records in the order of the list, whatever order the requests
# end in, within a window, in bounded memory, and however the run ends.
#
# Elsewhere: whose turn it is, and what is put aside, in the unit tests of
# policy/reorder, world/spill and world/ordered.

# shellcheck disable=SC2030,SC2031,SC2317 # each test is a subshell of its own
load runs

# A server that holds every request until the file `open` is there: $GATE.
start_gate() {
  start_server "$PYTHON" "$HERE/servers/gate.py" "$PWD/gate" "$PWD/open"
  wait_for 10 test -s gate
  GATE=http://127.0.0.1:$(<gate)
}

# That the file has the records of all requests, in order.
in_order() { # COUNT [FILE]
  jq -se "map(.index) == [range($1)]" "${2:-out}" >/dev/null || {
    jq -c .index "${2:-out}" | xargs | cut -c 1-300
    return 1
  }
}

@test "records come in the order of the list" {
  { urls 1 'delay/0.6' && echo mailto:a@example.org && urls 5 'delay/0.3?@' &&
    urls 1 'flaky/order?fail=1' && urls 1 reset && urls 90 'ok?@' &&
    urls 1 'delay/0.5?end'; } >list
  run -1 "$AFETCH" --keep-order --retry 1 --retry-delay 50ms -o out list
  in_order 100
  [ "$(jq -r 'select(.index < 9) | .error.code // .status' out | xargs)" = \
    '200 scheme 200 200 200 200 200 200 reset' ]
  # And without it they do not.
  run -1 "$AFETCH" --retry 1 --retry-delay 50ms -o out --force list
  run ! in_order 100
}

@test "a record whose turn it is, is printed at once" {
  start_gate
  { urls 3 'ok?@' && echo "$GATE/wait" && urls 3 'late?@'; } >list
  launch --keep-order -o out list
  wait_for 10 sent_at_least 6
  wait_for 10 lines_are 3
  in_order 3
  : >open
  finish
  [ "$status" -eq 0 ]
  in_order 7
}

@test "nothing is read beyond the window" {
  start_gate
  { echo "$GATE/wait" && urls 100 'ok?@'; } >list
  launch --keep-order -o out --order-window 20 list
  wait_for 10 sent_at_least 19
  # What would be read too far is in the log before this one.
  curl -s "$ORIGIN/mine" >/dev/null
  [ "$(origin_stats .requests)" -eq 20 ]
  : >open
  finish
  [ "$status" -eq 0 ]
  in_order 101
  # The others were sent when the first had ended.
  jq -se '(.[0] | .started_at | sub("[.].*"; "Z") | fromdate) as $first |
    all(.[20:][]; (.started_at | sub("[.].*"; "Z") | fromdate) >= $first)' out
  # A window of one is one after the other.
  run -0 "$AFETCH" --keep-order --order-window 1 -o out --force list
  in_order 101
}

@test "behind a slow first record the rest waits on the disk" {
  local count=2500
  start_gate
  mkdir tmp
  # 160 MB of bodies.
  { echo "$GATE/wait" && urls $count 'bytes/65536?@'; } >list
  TMPDIR=$PWD/tmp launch --keep-order -o out --body inline --host-concurrency 0 list
  wait_for 60 sent_at_least $count
  wait_for 10 put_aside $((count * 40000))
  [ "$(wc -l <out)" -eq 0 ]
  : >open
  # Nothing but the records themselves goes on: they must not wait for more.
  finish
  [ "$status" -eq 0 ]
  in_order $((count + 1))
  [ "$(jq -r '.body | length' out | tail -n +2 | sort -u)" -ge 65536 ]
  [ -z "$(ls -A tmp)" ]
  # 16 MiB of records, and what the rest of a run takes.
  # The sanitizers' own memory is another matter.
  [[ $BUILD == */asan ]] || [ "$peak" -lt $((80 * 1024)) ]
}

# A file without a name that has at least so many bytes: $aside; the most
# memory that the process ever had goes into $peak (KiB).
put_aside() {
  local file
  peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$PID/status")
  for file in "/proc/$PID/fd"/*; do
    [[ $(readlink "$file") == "$PWD/tmp/"* ]] || continue
    aside=$file
    [ "$(stat -L -c %s "$file")" -ge "$1" ] && return
  done
  return 1
}

@test "a folder that takes nothing aside ends the run, in order, exit 5" {
  start_gate
  { echo "$GATE/wait" && urls 2000 'bytes/65536?@'; } >list
  for folder in "$PWD/none" /dev/null; do
    TMPDIR=$folder launch --keep-order -o out --force --body inline --queue 500 list
    finish
    [ "$status" -eq 5 ]
    in_order "$(wc -l <out)"
    [ "$(wc -l <out)" -ge 300 ]
    jq -se '.[0].error | .class == "cancelled" and .code == "output"' out
    [ "$(grep -c "$folder" err)" -eq 1 ]
    grep -q '^afetch: not read: list from line' err
  done
  # Where nothing needs to be put aside none is needed.
  : >open
  TMPDIR=$PWD/none run -0 "$AFETCH" --keep-order -o out --force "$ORIGIN/a"
}

@test "a full disk of what is put aside ends the run, exit 5" {
  unshare -m mount -t tmpfs -o size=64k tmpfs /mnt 2>/dev/null ||
    skip "no file system can be mounted"
  start_gate
  mkdir disk
  { echo "$GATE/wait" && urls 1000 'bytes/65536?@'; } >list
  on_disk() {
    unshare -m bash -c 'mount -t tmpfs -o size=4m tmpfs disk || exit 99
      TMPDIR=$PWD/disk exec "$AFETCH" --keep-order --body inline -o out list'
  }
  run --separate-stderr -5 on_disk
  # shellcheck disable=SC2154 # run sets stderr
  [[ $stderr == 'afetch: cannot write a temporary file: No space left on device'* ]]
  in_order "$(wc -l <out)"
}

@test "what was put aside and cannot be read back ends the run, exit 5" {
  start_gate
  mkdir tmp
  { echo "$GATE/wait" && urls 600 'bytes/65536?@&header=ETag:%22x%22'; } >list
  TMPDIR=$PWD/tmp launch --keep-order -o out --body inline --host-concurrency 0 --etag-store store list
  wait_for 30 put_aside 10000000
  # Somebody cuts it.
  : >"$aside"
  : >open
  finish
  [ "$status" -eq 5 ]
  grep -qx 'afetch: cannot read a temporary file: Input/output error' err
  in_order "$(wc -l <out)"
  # Nothing is remembered of what nobody got.
  [ ! -s store ]
}

@test "after Ctrl-C what was read has its record, in order" {
  start_gate
  { echo "$GATE/wait" && urls 5000 'ok?@'; } >list
  launch --keep-order -o out --queue 50 --order-window 100 --grace 1h list
  wait_for 10 sent_at_least 99
  kill -INT "$PID"
  wait_for 10 grep -q 'in flight may finish' err
  kill -INT "$PID"
  finish
  [ "$status" -eq 130 ]
  in_order "$(wc -l <out)"
  jq -se '.[0].error.code == "signal" and all(.[1:99][]; .ok)' out
  grep -qF "not read: list from line $(($(wc -l <out) + 1)) on" err
}

@test "at the deadline what was read has its record, and --resume goes on" {
  start_gate
  { urls 5 'ok?@' && echo "$GATE/wait" && urls 500 'more?@'; } >list
  launch --keep-order -o out --resume --deadline 1s --order-window 100 list
  finish
  [ "$status" -eq 4 ]
  in_order "$(wc -l <out)"
  jq -se '.[5].error.code == "deadline" and .[4].ok and .[6].ok' out
  : >open
  kept=$(jq -s 'map(select(.ok)) | length' out)
  run -0 "$AFETCH" --resume --keep-order -o out list
  # What is new comes in its own order behind what was kept.
  tail -n +$((kept + 1)) out | jq -se '(map(.index) | . == sort) and .[0].index == 5'
  jq -se 'sort_by(.index) | map(.index) == [range(506)] and all(.[]; .ok)' out
}

@test "requests that are done take their turn in silence" {
  urls 300 'ok?@' >list
  "$AFETCH" --keep-order -o whole list
  # Every third is done, and a run of them that is longer than the window.
  jq -c 'select(.index % 3 == 0 or (.index > 100 and .index < 150))' whole >out
  kept=$(wc -l <out)
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 "$AFETCH" --resume --keep-order --order-window 10 -o out list
  [ "$(origin_stats .requests)" -eq $((300 - kept)) ]
  tail -n +$((kept + 1)) out | jq -se 'map(.index) | . == sort'
  jq -se 'sort_by(.index) | map(.index) == [range(300)]' out
}

@test "duplicates take their turn" {
  { urls 1 'delay/0.3' && urls 1 'delay/0.3' && urls 20 'ok?@' && urls 20 'ok?@'; } >list
  run -0 "$AFETCH" --keep-order --dedupe -o out list
  in_order 42
  jq -se '.[1].duplicate_of == 0 and [.[22:][].duplicate_of] == [range(2; 22)]' out
}

@test "a reader that leaves ends the run quietly" {
  urls 3000 'ok?@' >list
  piped() {
    "$AFETCH" --keep-order list | head -n 1
    echo "${PIPESTATUS[0]}"
  }
  run --separate-stderr piped
  [ "$(jq .index <<<"${lines[0]}")" -eq 0 ]
  [ "${lines[1]}" = 141 ]
  [ -z "$stderr" ]
}

@test "a slow reader gets all, in order" {
  urls 3000 'bytes/1000?@' >list
  "$AFETCH" --keep-order --body inline list | {
    wait_for 20 sent_at_least 100 # more than the pipe holds
    cat >out
  }
  in_order 3000
}

@test "an output that cannot be written ends the run with exit 5" {
  [ -e /dev/full ] || skip "no /dev/full"
  urls 3000 'ok?@' >list
  run -5 "$AFETCH" --keep-order -o /dev/full list
  assert_line --index 0 'afetch: cannot write /dev/full: No space left on device'
  # Before the turn of the first nothing is written, and nothing is wrong.
  start_gate
  { echo "$GATE/wait" && urls 30 'ok?@'; } >list
  curl -s "$ORIGIN/stats/reset" >/dev/null
  "$AFETCH" --keep-order -o /dev/full list 2>err 3>&- &
  PID=$!
  wait_for 10 sent_at_least 30
  [ ! -s err ]
  : >open
  finish
  [ "$status" -eq 5 ]
  grep -q 'cannot write /dev/full' err
}
