#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The six promises of the design, each in one test of its name that puts it
# under strain: what holds in every other test holds in the worst mix too.
#
# Elsewhere: each behaviour by itself in the file of its name.
#
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

load helper

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  OUT=$BATS_TEST_TMPDIR/out
  ERR=$BATS_TEST_TMPDIR/err
  FIFO=$BATS_TEST_TMPDIR/fifo
  PID=
}

teardown() {
  [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
  stop_servers
}

holds() {
  jq -se "sort_by(.index) | $1" "$OUT" >/dev/null || {
    echo "not so: $1"
    head -c 4000 "$OUT"
    return 1
  }
}

# "CLASS CODE COUNT" of each kind of outcome, "ok" for the good ones.
kinds() {
  jq -r 'if .ok then "ok" else .error.class + " " + .error.code end' "$OUT" |
    sort | uniq -c | awk '{ n = $1; $1 = ""; print substr($0, 2), n }'
}

# One line of each kind that a list may have; 25 of them. $1 tells them apart.
every_kind() {
  cat <<KINDS
$ORIGIN/ok?$1
$ORIGIN/bytes/100000?$1
$ORIGIN/redirect/3?n=$1
$ORIGIN/loop?$1
$ORIGIN/no-location?$1
$ORIGIN/bad-location?n=$1
$ORIGIN/redirect-to?url=ftp://127.0.0.1/$1
$ORIGIN/status/404?$1
$ORIGIN/status/503?$1
$ORIGIN/flaky/$1?fail=1
$ORIGIN/flaky/r$1?fail=1&how=reset
$ORIGIN/reset?$1
$ORIGIN/empty?$1
$ORIGIN/truncate?n=$1
$ORIGIN/cut-chunk?$1
$ORIGIN/bad-chunk?$1
$ORIGIN/eof-headers?$1
$ORIGIN/not-http?$1
$ORIGIN/hang-body?$1
http://127.0.0.1:$2/refused?$1
mailto:someone-$1@example.org
{"url":"$ORIGIN/echo?$1","method":"POST","json":{"n":$1},"id":"id-$1"}
{"url":"$ORIGIN/status/503?p$1","method":"POST","body":"x","id":"id-$1"}
{"url":"http://a/","headers":{"X":"a\r\nEvil: $1"}}
{"url":
KINDS
}

@test "One request, one record: nothing is dropped, nothing is answered twice" {
  local n refused
  start_origin
  refused=$(free_port)
  for n in {1..20}; do
    every_kind "$n" "$refused"
  done >"$LIST"
  [ "$(wc -l <"$LIST")" -eq 500 ]
  run --separate-stderr "$AFETCH" -c 100 --host-concurrency 50 --retry 1 \
    --retry-delay 1ms -m 1s -o "$OUT" "$LIST"
  [ "$status" -eq 1 ]
  holds 'map(.index) == [range(500)]'
  # Each answers its own line, in full.
  holds 'all(.[]; (.key | test("^[0-9a-f]{32}$")) and (.ok | type) == "boolean")'
  holds 'map(select(.id) | .id) | sort ==
    ([range(1; 21) | "id-\(.)"] | . + . | sort)'
  [ "$(jq -sc 'sort_by(.index)[].url' "$OUT" | grep -c '/flaky/')" -eq 40 ]
  [ "$(jq -s 'sort_by(.index) | [.[] | select(.url | tostring |
    contains("/ok?"))] | map(.index) == [range(0; 500; 25)]' "$OUT")" = true ]
  diff <(kinds) - <<'WANTED'
blocked scheme 20
connect refused 20
connect reset 20
http status 60
input bad_json 20
input bad_request_header 20
input scheme 20
ok 140
protocol bad_chunk 20
protocol empty_reply 20
protocol not_http 20
redirect bad_location 20
redirect too_many 20
timeout max_time 20
truncated eof 60
WANTED
}

@test "One request, one record: also of a run that is cut off in the middle" {
  local n
  start_origin
  for n in {1..20}; do
    every_kind "$n" 1
  done >"$LIST"
  run --separate-stderr "$AFETCH" -c 10 --retry 3 --retry-delay 50ms -m 20s \
    --deadline 600ms -o "$OUT" "$LIST"
  [ "$status" -eq 4 ]
  holds 'map(.index) == [range(500)]'
  holds 'any(.[]; .error.code == "deadline")'
}

# An open input, written with `echo ... >&7`.
open_input() {
  mkfifo "$FIFO"
  exec 7<>"$FIFO"
  "$AFETCH" "$@" <"$FIFO" >"$OUT" 2>"$ERR" 3>&- 7>&- &
  PID=$!
}

records() {
  [ "$(wc -l <"$OUT")" -eq "$1" ]
}

peak() {
  awk '/VmHWM/ { print $2 }' "/proc/$PID/status"
}

# LAST COUNT: sends that many lines, and waits for all LAST records so far.
send_lines() {
  seq "$2" | sed "s|^|$ORIGIN/|" >&7
  wait_for 60 records "$1"
}

@test "Streaming: the first request leaves before stdin ends" {
  start_origin
  open_input
  echo "$ORIGIN/1" >&7
  wait_for 10 records 1
  echo "$ORIGIN/2" >&7
  wait_for 10 records 2
  # A line that has not ended is not sent yet; that of the end is.
  printf '%s' "$ORIGIN/3" >&7
  if wait_for 1 records 3; then
    return 1
  fi
  ! ended $PID || return 1
  exec 7>&-
  wait_for 10 ended $PID
  wait $PID
  PID=
  holds 'length == 3 and all(.[]; .ok)'
}

@test "Streaming: memory does not grow with the length of the list" {
  local first second
  [ -r /proc/self/status ] || skip "no /proc"
  # What a sanitizer keeps of freed memory is not the list's.
  export ASAN_OPTIONS=quarantine_size_mb=1:$ASAN_OPTIONS
  start_origin
  open_input --queue 1000 --host-concurrency 20 --fields index
  send_lines 4000 4000
  first=$(peak)
  send_lines 40000 36000
  second=$(peak)
  exec 7>&-
  wait_for 10 ended $PID
  wait $PID
  PID=
  ((second < first + 2048)) || {
    echo "$first KiB after 4000 lines, $second after 40000"
    return 1
  }
}

@test "Limits that work together: what waits holds no slot of another" {
  local host n busy=127.0.0.1 cooled=127.0.0.2 retrying=127.0.0.3
  start_origin --address 0.0.0.0
  url() { # HOST PATH
    echo "http://$1:$ORIGIN_PORT/$2"
  }
  {
    # Waits for its host, for a host that said "later", for a retry, for a hop.
    for n in {1..20}; do url $busy "delay/0.2?$n"; done
    for n in 1 2; do url $cooled "retry-after/$n?after=1"; done
    for n in 1 2; do url $retrying "retry-after/r$n?after=1&status=500"; done
    for n in {1..5}; do url 127.0.0.4 "redirect-to?url=$(url $busy "hop?$n")"; done
    for host in {5..14}; do url "127.0.0.$host" free; done
  } >"$LIST"
  run -0 "$AFETCH" -c 6 --host-concurrency 2 -o "$OUT" "$LIST"
  holds 'length == 39 and all(.[]; .ok)'
  [ "$(origin_stats '.max_active <= 6')" = true ]
  [ "$(origin_stats '[.hosts[].max_active] | max')" -eq 2 ]
  # The free hosts passed whatever stood before them.
  [ "$(jq -s '[.[].url | contains("free")] |
    (length - (reverse | index(true))) <= 20' "$OUT")" = true ]
  [ "$(jq -s 'map(select(.url | contains("free")).time.queue) | max < 1' \
    "$OUT")" = true ]
}

@test "Time limits mean what they say: attempt, request and run are clocks" {
  local quick silent
  start_origin
  quick=$ORIGIN
  start_origin --no-read
  silent=$ORIGIN
  {
    echo "$silent/"
    echo "$quick/hang"
    echo "{\"url\":\"$quick/hang?1\",\"timeout\":0,\"retry\":0}"
    echo "{\"url\":\"$quick/delay/0.9\",\"timeout\":5}"
    echo "$quick/ok"
  } >"$LIST"
  run --separate-stderr "$AFETCH" --connect-timeout 200ms -m 400ms --retry 1 \
    --retry-delay 1ms --request-time 1500ms --deadline 60s -o "$OUT" "$LIST"
  [ "$status" -eq 1 ]
  holds 'map(.error.code) ==
    ["connect_time", "max_time", "request_time", null, null]'
  holds 'map(.attempts) == [2, 2, 1, 1, 1]'
  # None before its time.
  holds '.[0].time.total > 0.19 and .[1].time.total > 0.39 and
    .[2].time.total > 1.49'
  run --separate-stderr "$AFETCH" --connect-timeout 20s -m 20s \
    --request-time 20s --deadline 300ms --force -o "$OUT" "$LIST"
  [ "$status" -eq 4 ]
  holds 'map(.error.code) ==
    ["deadline", "deadline", "deadline", "deadline", null]'
}

@test "stdout carries records, stderr carries everything else" {
  local n
  start_origin
  for n in 1 2; do
    every_kind "$n" 1
  done >"$LIST"
  # The worst case: all that it may say, an unread rest, and an error.
  run --separate-stderr "$AFETCH" -v --retry 1 --retry-delay 1ms -m 500ms \
    --headers --body inline "$LIST"
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 50 ]
  [ "$(jq -s 'length' <<<"$output")" -eq 50 ]
  [ "$(jq -sr 'map(type) | unique[]' <<<"$output")" = object ]
  [[ $stderr != *'"index":'* ]]

  seq 5000 | sed "s|^|$ORIGIN/hang?|" >"$LIST"
  run --separate-stderr "$AFETCH" -v --queue 3000 --deadline 300ms "$LIST"
  [ "$status" -eq 4 ]
  [ "$(jq -sr 'map(type) | unique[]' <<<"$output")" = object ]
  [[ $stderr == *'afetch: not read: '* ]]
  [[ $stderr != *'"index":'* ]]

  # With nothing to tell, nothing is told; wrong use is no record.
  run --separate-stderr -0 "$AFETCH" - </dev/null
  [ -z "$output$stderr" ]
  run --separate-stderr -2 "$AFETCH" --no-such-option "$ORIGIN/ok"
  [ -z "$output" ]
  run --separate-stderr -0 "$AFETCH" "$ORIGIN/ok"
  [ -z "$stderr" ]
}

@test "Safe by default: TLS is verified" {
  start_nginx
  run -1 "$AFETCH" --retry 0 "$NGINX_TLS/ok"
  [ "$(jq -r '[.error.class, .error.code, .status] | map(tostring) |
    join(" ")' <<<"$output")" = 'tls untrusted null' ]
  # Not one request was sent.
  [ ! -s "$NGINX_LOG" ]
  run -0 "$AFETCH" --cacert "$NGINX_CA" "$NGINX_TLS/ok"
  # Behind a redirect too.
  start_origin
  run -1 "$AFETCH" --retry 0 "$ORIGIN/redirect-to?url=$NGINX_TLS/ok"
  [ "$(jq -r .error.code <<<"$output")" = untrusted ]
}

@test "Safe by default: only http and https are spoken" {
  local scheme
  start_origin
  echo s3cret >"$BATS_TEST_TMPDIR/file"
  for scheme in file ftp gopher dict telnet smb ldap data; do
    echo "$scheme://$BATS_TEST_TMPDIR/file"
    echo "{\"url\":\"$scheme://$BATS_TEST_TMPDIR/file\"}"
  done >"$LIST"
  run -1 "$AFETCH" --body inline -o "$OUT" "$LIST"
  holds 'length == 16 and all(.[]; .error.class == "input" and
    .error.code == "scheme")'
  for scheme in file ftp gopher dict telnet smb ldap data; do
    echo "$ORIGIN/redirect-to?url=$scheme://$BATS_TEST_TMPDIR/file"
  done >"$LIST"
  run -1 "$AFETCH" --body inline --force -o "$OUT" "$LIST"
  holds 'length == 8 and all(.[]; .error.class == "blocked" and
    .error.code == "scheme")'
  run ! grep s3cret "$OUT"
}

@test "Safe by default: memory is bounded" {
  [ -r /proc/self/status ] || skip "no /proc"
  export ASAN_OPTIONS=quarantine_size_mb=1:$ASAN_OPTIONS
  start_origin
  # 10 MiB of a body are kept, and no more are read.
  run -1 "$AFETCH" --body inline --retry 0 --fields size,error,body -o "$OUT" \
    "$ORIGIN/endless?size=100000"
  holds '.[0].error.class == "too_large" and .[0].size <= 11000000'
  [ "$(wc -c <"$OUT")" -le 11000000 ]
  # A body that is not asked for is not kept at all.
  open_input --fields size
  send_lines 1 1
  local first second
  first=$(peak)
  echo "$ORIGIN/bytes/50000000" >&7
  wait_for 60 records 2
  second=$(peak)
  exec 7>&-
  wait_for 10 ended $PID
  wait $PID
  PID=
  ((second < first + 2048))
}

@test "Safe by default: secrets are not printed" {
  local with
  start_origin
  # A query is no secret; s%33cret is one only in the Location that it becomes.
  with=${ORIGIN/\/\//\/\/me:s3cret@}
  cat >"$LIST" <<LINES
$with/ok
$with/redirect-to?url=/echo
$with/status/500
$with/reset
$with/redirect-to?url=${with/s3cret/s%33cret}/ok
$with/redirect-to?url=ftp://me:s%33cret@127.0.0.1/
$with/redirect-to?url=http://me:s%33cret@[::/
{"url":"$with/ok"}
{"url":"$with/ok","bogus":1}
{"url":"$ORIGIN/ok","headers":{"Authorization":"Bearer s3cret"}}
{"url":"$ORIGIN/ok","headers":{"Cookie":"s3cret"}}
http://me:s3cret@[::1/
http://me:s3cret@127.0.0.1:99999/
ftp://me:s3cret@127.0.0.1/
me:s3cret@127.0.0.1:1/
http://me:s3cret@/
{"url":"http://me:s3cret@127.0.0.1:99999/"}
{"url":"ftp://me:s3cret@127.0.0.1/"}
LINES
  run --separate-stderr -1 "$AFETCH" -v --retry 1 --retry-delay 1ms \
    --fields +request "$LIST"
  [ "${#lines[@]}" -eq 18 ]
  # The origin knew it: it was sent.
  [ "$(jq -s 'map(select(.ok)) | length >= 5' <<<"$output")" = true ]
  [[ $stderr != *s3cret* ]] || {
    grep s3cret <<<"$stderr"
    return 1
  }
  [[ $output != *s3cret* ]] || {
    grep s3cret <<<"$output"
    return 1
  }
  # Nor where a whole run goes wrong.
  run -2 "$AFETCH" --strict 'ftp://me:s3cret@127.0.0.1/'
  [[ $output != *s3cret* ]]
}
