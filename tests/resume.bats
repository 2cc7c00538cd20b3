#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --resume: the output of a run that was cut short is its journal. What is done
# is not sent again, what is not is, and FILE ends as that of a run that was
# never cut. --retry-failed, the lock of FILE, and --fsync.
#
# Elsewhere: files that are torn or foreign in every way in the unit tests of
# policy/done and world/journal, kill -9 over and over in kill.bats.

# shellcheck disable=SC2030,SC2031,SC2317 # each test is a subshell of its own
load runs

resume() {
  "$AFETCH" --resume -o out "$@"
}

# One record for each line of the list, none twice, nothing left behind.
complete() { # COUNT
  holds "map(.index) == [range($1)]"
  [ ! -e out.lock ]
  [ -z "$(find . -name '.*afetch*')" ]
}

@test "a file that is not there is begun, and one that is complete stays" {
  urls 20 'ok?@' >list
  run -0 resume list
  complete 20
  sent 20
  cp out before
  run -0 resume list
  cmp before out
  sent 20
}

@test "lines that were added to the list are fetched, the others are not" {
  urls 20 'ok?@' >list
  run -0 "$AFETCH" -o out list
  urls 25 'ok?@' >list
  run -0 resume list
  complete 25
  sent 25
}

@test "a torn record is cut, and its request sent again" {
  urls 20 'ok?@' >list
  run -0 "$AFETCH" -o out list
  truncate -s -20 out
  run -0 resume list
  complete 20
  sent 21
  # A file that has nothing else, too.
  head -c 40 out >torn
  mv torn out
  run -0 resume list
  complete 20
  sent 41
}

@test "a record without its end of line is torn" {
  urls 3 'ok?@' >list
  run -0 "$AFETCH" -o out list
  truncate -s -1 out
  run -0 resume list
  complete 3
  sent 4
}

@test "cancelled records are taken out and their requests sent again" {
  { urls 5 'ok?@' && urls 3 'delay/1?@' && urls 5 'more?@'; } >list
  # In the midst of the file and at its end.
  run -0 "$AFETCH" -o whole list
  jq -c 'if .index % 3 == 0 then .ok = false | .status = null |
    .error = {class: "cancelled", code: "signal", phase: "queue",
      message: "the run was stopped (signal)", retryable: false} else . end' \
    whole >out
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 resume list
  complete 13
  sent 5
  holds 'all(.[]; .ok)'
}

@test "what failed is done, unless --retry-failed" {
  { urls 3 'flaky/retry@?fail=1' && urls 3 'ok?@'; } >list
  run -1 resume --retry 0 list
  sent 6
  holds 'map(.ok) == [false, false, false, true, true, true]'
  # The exit status is still that of the whole file.
  cp out before
  run -1 resume --retry 0 list
  cmp before out
  sent 6
  run -0 resume --retry-failed --retry 0 list
  complete 6
  sent 9
  holds 'all(.[]; .ok)'
  run -0 resume list
  sent 9
}

@test "a URL that stands in the list several times is done as often" {
  { urls 1 a && urls 1 b && urls 1 a && urls 1 a; } >list
  run -0 "$AFETCH" -c 1 -o out list
  sed -i '3,$d' out
  run -0 resume list
  complete 4
  sent 6
  [ "$(curl -s "$ORIGIN/log" | tail -n 2 | xargs)" = 'GET /a GET /a' ]
}

@test "the same request with another id is other work" {
  local n
  for n in 1 '"1"' '{"a": [1]}' null; do
    printf '{"url":"%s","id":%s}\n' "$ORIGIN/a" "$n"
  done >list
  printf '{"url":"%s"}\n' "$ORIGIN/a" >>list
  run -0 "$AFETCH" -c 1 -o out list
  cp out whole
  for n in 1 2 3 4 5; do
    curl -s "$ORIGIN/stats/reset" >/dev/null
    sed "${n}d" whole >out
    run -0 resume list
    complete 5
    sent 1
    diff <(jq -cs 'sort_by(.index)[] | [.index, .id]' whole) \
      <(jq -cs 'sort_by(.index)[] | [.index, .id]' out)
  done
}

@test "another method, body or header field of the line is another request" {
  printf '{"url":"%s"%s}\n' "$ORIGIN/a" '' "$ORIGIN/a" ',"method":"PUT","body":"x"' \
    "$ORIGIN/a" ',"method":"PUT","body":"y"' "$ORIGIN/a" ',"headers":{"X-A":"1"}' >list
  run -0 "$AFETCH" -c 1 -o out list
  sed -i 3d out
  run -0 resume list
  complete 4
  sent 5
}

@test "an invalid line has one record, however often it is resumed" {
  { echo mailto:a@example.org && urls 2 'ok?@' && echo mailto:a@example.org &&
    echo '{"url":1}'; } >list
  run -1 resume list
  complete 5
  cp out before
  run -1 resume list
  cmp before out
  # One of the two, which are the same.
  grep -v '"index":0' before >out
  run -1 resume list
  [ "$(jq -s 'map(select(.error.class == "input")) | length' out)" -eq 3 ]
  [ "$(wc -l <out)" -eq 5 ]
  sent 2
}

@test "with --strict an invalid line stops the run again" {
  { echo mailto:a@example.org && urls 3 'ok?@'; } >list
  run -2 resume --strict list
  run -2 resume --strict list
  [[ $output == *'an invalid line and --strict'* ]]
  [ "$(jq -s 'map(select(.error.class == "input")) | length' out)" -eq 1 ]
}

@test "after Ctrl-C the run goes on" {
  { urls 10 'ok?@' && urls 6 'delay/0.5?@' && urls 300 'late?@'; } >list
  launch --resume -o out -c 8 --grace 0 list
  wait_for 10 sent_at_least 11
  kill -INT "$PID"
  finish
  [ "$status" -eq 130 ]
  holds 'map(.index) == [range(length)] and any(.[]; .error.code == "signal")'
  before=$(origin_stats .requests)
  kept=$(jq -s 'map(select(.ok)) | length' out)
  run -0 resume list
  complete 316
  holds 'all(.[]; .ok)'
  sent $((before + 316 - kept))
}

@test "after the deadline the run goes on" {
  { urls 10 'ok?@' && urls 3 'flaky/late@?fail=1&how=hang'; } >list
  run -4 resume --deadline 1s -c 4 list
  complete 13
  holds 'map(.error.code) == [range(10) | null] + [range(3) | "deadline"]'
  run -0 resume list
  complete 13
  holds 'all(.[]; .ok)'
  sent 16
}

@test "after kill -9 the run goes on, and the lock is taken over" {
  { urls 10 'ok?@' && urls 1 'flaky/killed?fail=1&how=hang'; } >list
  launch --resume -o out -c 4 list
  wait_for 10 lines_are 10
  kill -9 "$PID"
  wait "$PID" || true
  PID=
  [ -e out.lock ]
  run -0 resume list
  complete 11
  sent 12
}

@test "a second run on one file stops at once, exit 5" {
  local message='afetch: out is in use by another run, which holds out.lock'
  urls 1 'delay/2' >list
  for first in '-o out' '-o out --resume' '-o out --force'; do
    rm -f out
    curl -s "$ORIGIN/stats/reset" >/dev/null
    # shellcheck disable=SC2086 # words
    launch $first list
    wait_for 10 sent_at_least 1
    for second in '' --resume --force; do
      # shellcheck disable=SC2086 # none or one
      run -5 "$AFETCH" -o out $second "$ORIGIN/second"
      [ "$output" = "$message" ]
      # By another name as well.
      ln -sf out link
      # shellcheck disable=SC2086 # none or one
      run -5 "$AFETCH" -o link $second "$ORIGIN/second"
      [[ $output == *'link is in use by another run'* ]]
    done
    finish
    [ "$status" -eq 0 ]
    complete 1
    sent 1
  done
}

@test "where no lock file can be made, the file itself is locked" {
  urls 1 'delay/1' >list
  mkdir out.lock
  launch -o out list
  wait_for 10 sent_at_least 1
  run -5 "$AFETCH" -o out --force "$ORIGIN/second"
  [ "$output" = 'afetch: out is in use by another run' ]
  # FILE may be replaced by --resume, which a lock on it cannot tell.
  run -5 "$AFETCH" -o out --resume "$ORIGIN/second"
  [ "$output" = 'afetch: cannot lock out: out.lock: Is a directory' ]
  finish
  [ "$status" -eq 0 ]
  rmdir out.lock
  complete 1
  sent 1
}

@test "two runs on two files do not mind each other" {
  urls 1 'delay/1' >list
  launch -o other list
  wait_for 10 sent_at_least 1
  run -0 resume list
  finish
  [ "$status" -eq 0 ]
}

@test "items of a stream that was cut are taken out, and come again once" {
  local text='text=a%0Ab%0A'
  { urls 1 "stream/whole?$text" && urls 1 "stream/cut?$text&end=hang&end=hang&end=done" &&
    urls 1 "stream/whole?2&$text"; } >list
  launch --resume -o out --stream lines list
  wait_for 10 lines_are 8
  kill -9 "$PID"
  wait "$PID" || true
  PID=
  # The one that was cut has items, and no record; then one that is cancelled.
  [ "$(jq -c 'select(.index == 1)' out | wc -l)" -eq 2 ]
  run -4 resume --deadline 1s --stream lines list
  [ "$(jq -c 'select(.index == 1)' out | wc -l)" -eq 3 ]
  run -0 resume --stream lines list
  jq -se '[.[] | select(.seq != null) | [.index, .seq]] | sort ==
    [range(3) as $i | range(2) as $n | [$i, $n]]' out
  jq -se 'map(select(has("ok"))) | sort_by(.index) | map([.index, .ok]) ==
    [range(3) | [., true]]' out
  sent 5
  cp out before
  run -0 resume --stream lines list
  cmp before out
}

@test "a file that afetch did not write is refused and left alone" {
  local text
  urls 1 a >list
  for text in 'my notes' '{"name":"Ada"}' '[1,2]' "$ORIGIN/a" '{"index":0}' \
    '{"index":0,"key":"x","ok":true,"error":null}'; do
    printf '%s\nmore\n' "$text" >out
    cp out before
    run -5 resume list
    [[ $output == 'afetch: out, line 1: '*'(--resume needs afetch'\''s records, with index, key, id, ok and error)' ]]
    cmp before out
    [ ! -e out.lock ]
  done
  # Behind records as well.
  rm out
  run -0 resume list
  echo '{"name":"Ada"}' >>out
  cp out before
  run -5 resume list
  [[ $output == 'afetch: out, line 2: '* ]]
  cmp before out
  sent 1
}

@test "what is no file cannot be resumed" {
  mkfifo fifo
  mkdir folder
  for file in fifo folder /dev/null; do
    run -5 "$AFETCH" --resume -o $file "$ORIGIN/a"
    [[ $output == *"cannot write $file"* ]]
  done
  sent 0
}

# GROUP PATH...: JSON lines of a group.
racers() {
  local group=$1 path
  shift
  for path; do
    printf '{"url":"%s/%s","group":"%s"}\n' "$ORIGIN" "$path" "$group"
  done
}

@test "a race that is won is not run again" {
  { racers a 'hang?1' ok 'hang?2' && racers b 'ok?b'; } >list
  run -0 resume --race --host-concurrency 0 list
  complete 4
  holds '[.[] | .error.code] == ["race", null, "race", null]'
  cp out whole
  curl -s "$ORIGIN/stats/reset" >/dev/null
  for options in '' --retry-failed; do
    # shellcheck disable=SC2086 # none or one
    run -0 --separate-stderr resume --race $options list
    cmp whole out
    # shellcheck disable=SC2154 # run sets stderr
    [ "$stderr" = 'afetch: out: 4 skipped, 0 done, 0 left' ]
  done
  # The losers' records are missing, those before the winner too.
  jq -c 'select(.ok)' whole >out
  run -0 --separate-stderr resume --race list
  complete 4
  holds '[.[] | .error.code] == ["race", null, "race", null]'
  [ "$stderr" = 'afetch: out: 2 skipped, 2 done, 0 left' ]
  sent 0
  # The winner's is: what the losers' say does not stand for it.
  jq -c 'select(.index != 1)' whole >out
  run -0 resume --race list
  complete 4
  holds '.[1].ok'
  sent 1
}

@test "a loser that is under way when the winner of old is read is ended" {
  { racers a 'hang?1' && urls 4000 'ok?@' && racers a 'ok?won'; } >list
  run -0 "$AFETCH" -o whole --race --queue 100 -m 0 list
  jq -c 'select(.index == 4001)' whole >out
  run -0 resume --race --queue 100 -m 0 list
  complete 4002
  holds '.[0].error.code == "race" and .[0].attempts == 1'
}

@test "what failed in a race that is won is no failure later either" {
  { racers a 'status/404' 'delay/0.3?won'; } >list
  run -0 resume --race --retry 0 list
  holds '[.[] | .ok] == [false, true]'
  cp out whole
  run -0 resume --race --retry 0 list
  cmp whole out
  # The winner is of the second run.
  jq -c 'select(.index == 0)' whole >out
  run -0 resume --race --retry 0 list
  complete 2
  # It is not won: the failure stays one.
  jq -c 'select(.index == 0)' whole >out
  sed -i 2d list
  run -1 resume --race --retry 0 list
}

# Each record's file holds what its URL says, and no two have the same.
own_bodies() {
  local file url
  while IFS=$'\t' read -r file url; do
    grep -qF "?text=$url\"" "bodies/$file" || {
      echo "not of text=$url: $file"
      cat "bodies/$file"
      return 1
    }
  done < <(jq -r '[.body_file, (.url | split("=")[1])] | @tsv' out)
  [ "$(jq -r .body_file out | sort | uniq -d)" = '' ]
}

@test "no body takes the file of one that an earlier run has saved" {
  local name
  urls 6 'echo?text=@' >list
  for name in 'same' '{index}' '{index}-{path}'; do
    rm -rf out bodies
    run -0 resume -c 1 --output-dir bodies --name "$name" list
    own_bodies
    sed -i '3,$d' out
    # The list has changed: what is done stands at its end.
    { tail -n +3 list && head -n 2 list; } >turned
    run -0 resume -c 1 --output-dir bodies --name "$name" turned
    [ "$(wc -l <out)" -eq 6 ]
    own_bodies
  done
}

@test "the records of a dry run are not done" {
  urls 3 'ok?@' >list
  run -0 "$AFETCH" --dry-run --fields index,id,ok,error -o out list
  sent 0
  run -0 resume list
  complete 3
  holds 'all(.[]; .status == 200)'
  sent 3
}

@test "--first counts what is ok in the file" {
  urls 300 'ok?@' >list
  run -0 resume --first 10 list
  holds '(map(select(.ok)) | length == 10) and any(.[]; .error.code == "enough")'
  before=$(origin_stats .requests)
  run -0 --separate-stderr resume --first 10 list
  [ "$(wc -l <out)" -eq 10 ]
  [[ $stderr == *'0 skipped, 0 done, 0 left and what was not read' ]]
  sent "$before"
  run -0 resume --first 13 list
  holds 'map(select(.ok)) | length == 13'
  # Failures are counted anew: else nobody could go on.
  urls 5 'status/404?@' >list
  rm out
  run -3 resume --fail-fast --retry 0 -c 1 list
  run -3 resume --fail-fast --retry 0 -c 1 list
  holds 'map(select(.error.class == "http")) | length == 2'
}

@test "wrong use is told before anything is sent" {
  run -2 "$AFETCH" --resume "$ORIGIN/a"
  assert_output --partial '--resume needs --output FILE'
  run -2 "$AFETCH" --resume -o - "$ORIGIN/a"
  assert_output --partial '--resume needs --output FILE'
  run -2 "$AFETCH" --resume --force -o out "$ORIGIN/a"
  assert_output --partial '--force'
  run -2 "$AFETCH" --retry-failed -o out "$ORIGIN/a"
  assert_output --partial '--retry-failed needs --resume'
  run -2 "$AFETCH" --resume --dry-run -o out "$ORIGIN/a"
  assert_output --partial '--dry-run'
  run -2 "$AFETCH" --fsync end "$ORIGIN/a"
  assert_output --partial '--fsync needs --output FILE'
  run -2 "$AFETCH" --fsync 0 -o out "$ORIGIN/a"
  run -2 "$AFETCH" --fsync sometimes -o out "$ORIGIN/a"
  assert_output --partial 'sometimes'
  [ ! -e out ]
  sent 0
}

@test "what a later run must know is in the records, whatever --fields says" {
  printf '{"url":"%s","id":7}\n' "$ORIGIN/a" >list
  run -0 resume --fields status list
  [ "$(jq -c keys_unsorted out)" = '["index","key","id","ok","status","error"]' ]
  run -0 resume --fields status list
  sent 1
}

@test "records that --fields left out cannot be resumed from" {
  urls 2 'ok?@' >list
  run -0 "$AFETCH" --fields status -o out list
  cp out before
  run -5 resume list
  [[ $output == 'afetch: out, line 1: no record of afetch: no fit "index"'* ]]
  cmp before out
  sent 2
}

@test "stderr says what was skipped, is done and is left; -s does not" {
  { urls 4 'ok?@' && urls 2 'flaky/said@?fail=1&how=hang' && urls 1 'status/404'; } >list
  run --separate-stderr -4 resume --retry 0 --deadline 1s list
  [ "$(tail -n 1 <<<"$stderr")" = 'afetch: out: 0 skipped, 5 done, 2 left' ]
  run --separate-stderr -1 resume --retry 0 list
  # shellcheck disable=SC2154 # run sets stderr
  [ "$stderr" = 'afetch: out: 5 skipped, 2 done, 0 left' ]
  # With --retry-failed left is what it would send again.
  run --separate-stderr -1 resume --retry 0 --retry-failed list
  [ "$stderr" = 'afetch: out: 6 skipped, 0 done, 1 left' ]
  run --separate-stderr -1 resume -s list
  [ -z "$stderr" ]
  # A run that is not resumed says nothing.
  run --separate-stderr -1 "$AFETCH" -o other --retry 0 list
  [ -z "$stderr" ]
}

@test "stderr says that there is more than was read" {
  urls 3000 'hang?@' >list
  launch --resume -o out --queue 100 -m 0 --grace 0 list
  wait_for 10 sent_at_least 8
  kill -TERM "$PID"
  finish
  [ "$status" -eq 143 ]
  grep -q "^afetch: out: 0 skipped, 0 done, $(wc -l <out) left and what was not read$" err
}

# A file in DIR that is to be written anew, larger than the bytes of stdio.
to_rewrite() { # DIR
  local n
  urls 2000 'ok?@' >list
  "$AFETCH" -o whole list
  jq -c 'if .index % 100 == 1 then .ok = false |
    .error = {class: "cancelled", code: "signal"} else . end' whole >"$1/out"
  [ "$(stat -c %s "$1/out")" -gt 600000 ]
  cp "$1/out" before
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

@test "a limit of file sizes in the midst of the rewriting: exit 5, FILE stays" {
  to_rewrite .
  for kib in 4 300; do
    run -5 bash -c "ulimit -f $kib && exec \"\$AFETCH\" --resume -o out list"
    [ "$output" = 'afetch: cannot rewrite out: File too large' ]
    cmp before out
    [ "$(find . -name '*out*')" = ./out ]
  done
  sent 0
  run -0 resume list
  complete 2000
}

@test "a full disk in the midst of the rewriting: exit 5, FILE stays" {
  unshare -m mount -t tmpfs -o size=64k tmpfs /mnt 2>/dev/null ||
    skip "no file system can be mounted"
  mkdir disk
  to_rewrite .
  on_disk() {
    unshare -m bash -c 'mount -t tmpfs -o size=1m tmpfs disk && cp out disk || exit 99
      "$AFETCH" --resume -o disk/out list
      status=$?
      ls -A disk && cmp disk/out out
      exit $status'
  }
  run -5 on_disk
  [ "$output" = $'afetch: cannot rewrite disk/out: No space left on device\nout' ]
  sent 0
}

@test "what a killed rewriting left is taken away" {
  to_rewrite .
  echo half >.out.afetch-new
  run -0 resume list
  complete 2000
  sent 20
}

# Runs afetch with every fsync written down in the file `synced`.
syncing() {
  rm -f synced out
  FSYNC_LOG=$PWD/synced LD_PRELOAD=$BUILD/fsync.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$AFETCH" -o out "$@"
}

@test "--fsync none, end and N" {
  urls 100 'ok?@' >list
  syncing list
  [ ! -e synced ]
  syncing --fsync none list
  [ ! -e synced ]
  syncing --fsync end list
  [ "$(xargs <synced)" = "$(stat -c %s out) folder" ]
  for order in '' --keep-order; do
    # shellcheck disable=SC2086 # none or one
    syncing $order -c 1 --fsync 10 list
    # Never more than ten records, and those of one turn, are not on the disk.
    grep -v folder synced | "$PYTHON" -c '
import sys
data = open("out", "rb").read()
sizes = [0] + [int(line) for line in sys.stdin]
counts = [data[a:b].count(b"\n") for a, b in zip(sizes, sizes[1:])]
assert sizes[-1] == len(data), (sizes, len(data))
assert len(counts) >= 5 and max(counts) <= 20, counts'
  done
}

@test "--fsync: a body is on the disk before its record" {
  syncing --output-dir bodies "$ORIGIN/bytes/5000"
  [ ! -e synced ]
  for when in end 1; do
    rm -r bodies
    syncing --fsync $when --output-dir bodies "$ORIGIN/bytes/5000"
    # The body and its two folders, then the record and the folder of its file.
    [ "$(xargs <synced)" = \
      "5000 folder folder $(stat -c %s out) folder" ]
  done
}

@test "--fsync also holds for what --resume cuts" {
  urls 3 'ok?@' >list
  "$AFETCH" -o whole list
  head -c -5 whole >torn
  rm -f synced
  for options in '' '--fsync end'; do
    cp torn out
    # shellcheck disable=SC2086 # words
    FSYNC_LOG=$PWD/synced LD_PRELOAD=$BUILD/fsync.so \
      ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
      "$AFETCH" -s --resume -o out $options list
    complete 3
    [ -n "$options" ] || [ ! -e synced ]
  done
  [ "$(head -n 1 synced)" -lt "$(stat -c %s torn)" ]
  [ "$(sed -n 2p synced)" -eq "$(stat -c %s out)" ]
}

@test "what is written anew is on the disk before it takes FILE's place" {
  local size
  to_rewrite .
  for options in '' '--fsync end'; do
    cp before out
    rm -f synced
    # Nothing of the list is left to be sent.
    # shellcheck disable=SC2086 # words
    FSYNC_LOG=$PWD/synced LD_PRELOAD=$BUILD/fsync.so \
      ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
      "$AFETCH" -s --resume -o out $options "$(jq -r 'select(.index == 0).url' out)"
    size=$(stat -c %s out)
    [ "$size" -lt "$(stat -c %s before)" ]
    [ "$(xargs <synced)" = "$size${options:+ folder}" ]
  done
}

@test "a file of somebody's own that is named FILE.lock stays" {
  echo mine >out.lock
  run -0 resume "$ORIGIN/a"
  run -0 "$AFETCH" --force -o out "$ORIGIN/a"
  [ "$(cat out.lock)" = mine ]
}

@test "a disk that does not take the records ends the run with exit 5" {
  urls 30 'ok?@' >list
  export FSYNC_FAIL=1
  for when in end 10; do
    run -5 syncing --fsync $when list
    [[ ${lines[0]} == 'afetch: cannot write out: Input/output error' ]]
  done
}

# Its old output is open: it is being read.
reads_old() {
  [ -n "$(find "/proc/$PID/fd" -lname "$PWD/out" 2>/dev/null)" ]
}

@test "a question while the old output is read does not end the run" {
  run -0 "$AFETCH" -o one "$ORIGIN/ok"
  yes "$(<one)" | head -n 200000 >out
  launch --resume -o out "$ORIGIN/ok"
  wait_for 20 reads_old
  kill -USR1 "$PID"
  kill -USR2 "$PID"
  kill -USR2 "$PID"
  finish
  [ "$status" -eq 0 ]
  sent 1
}
