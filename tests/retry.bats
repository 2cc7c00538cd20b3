#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Retries: how many, after what, after how long, of which methods; what
# Retry-After does to a request and to its host; and that a wait for a retry
# holds no slot. The requests are counted at the server.
#
# Elsewhere: which fault is told as what in faults.bats, the decision alone in
# tests/unit/test_retry.c, clocks over retries in time.bats.

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

# Runs it with short waits; its records sorted by index go into $OUT, in the
# order of their ends into $OUT.ends.
fetch() {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run --separate-stderr "$AFETCH" --retry-delay 1ms -m 30s -o "$OUT.ends" \
    --force "$@"
  jq -cs 'sort_by(.index)[]' "$OUT.ends" >"$OUT"
}

holds() {
  jq -se "$1" "$OUT" >/dev/null || {
    echo "not so: $1"
    cat "$OUT"
    return 1
  }
}

# The paths in the order in which the server saw them.
asked() {
  curl -s "$ORIGIN/log" | sed 's|^[A-Z]* /||' | xargs
}

# How often the server was asked.
count() {
  origin_stats .requests
}

# A JSON line: METHOD URL [MORE-MEMBERS]
line() {
  echo "{\"method\":\"$1\",\"url\":\"$2\"${3:+,$3}}"
}

@test "--retry counts what is sent after the first attempt" {
  local n
  fetch "$ORIGIN/status/503"
  [ "$(count) $status" = '3 1' ]
  for n in 1 2 5; do
    fetch --retry $n "$ORIGIN/status/503"
    [ "$(count)" -eq $((n + 1)) ]
    holds ".[0] | .attempts == $((n + 1)) and (.tries | length) == $((n + 1))"
    holds '.[0] | .ok == false and .status == 503 and
      .error.class == "http" and .error.retryable'
  done
}

@test "--retry 0 sends once" {
  fetch --retry 0 "$ORIGIN/status/503" "$ORIGIN/reset"
  [ "$(count)" -eq 2 ]
  holds 'all(.[]; .attempts == 1 and (has("tries") | not))'
}

@test "a line's retry goes before --retry" {
  {
    line GET "$ORIGIN/status/503?a" '"retry":0'
    line GET "$ORIGIN/status/503?b" '"retry":3'
    line GET "$ORIGIN/status/503?c"
  } >"$LIST"
  fetch --retry 1 "$LIST"
  holds 'map(.attempts) == [1, 4, 2]'
  [ "$(count)" -eq 7 ]
}

@test "tries tells each attempt" {
  fetch --retry 2 --retry-delay 30ms "$ORIGIN/flaky/a?fail=2"
  holds '.[0].tries | map(.status) == [503, 503, 200] and .[0].at == 0 and
    .[2].wait == 0'
  holds '.[0].tries | .[1].at >= .[0].at + .[0].wait - 0.001 and
    .[2].at >= .[1].at + .[1].wait - 0.001 and all(.[]; .time > 0) and
    .[1].at >= .[0].at + .[0].time + .[0].wait - 0.001'
  holds '.[0].tries | all(.[]; has("error") | not)'
  # What has no status to tell has an error.
  fetch "$ORIGIN/flaky/b?how=reset"
  holds '.[0].tries | .[0].error == "reset" and (.[0] | has("status") | not) and
    .[1].status == 200'
}

@test "what fails at first and then works is ok" {
  fetch -m 400ms "$ORIGIN/flaky/status" "$ORIGIN/flaky/reset?how=reset" \
    "$ORIGIN/flaky/empty?how=empty" "$ORIGIN/flaky/close?how=close" \
    "$ORIGIN/flaky/hang?how=hang" "$ORIGIN/flaky/twice?fail=2"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .ok and .status == 200 and .error == null)'
  holds 'map(.attempts) == [2, 2, 2, 2, 2, 3]'
}

@test "one failure more than retries is not ok" {
  fetch --retry 2 "$ORIGIN/flaky/thrice?fail=3"
  [ "$status" -eq 1 ]
  holds '.[0] | .attempts == 3 and .ok == false'
}

# Whether PATH is sent again with --retry-on LIST.
retried() { # LIST PATH
  fetch --retry 1 ${1:+--retry-on "$1"} "$ORIGIN/$2"
  [ "$(jq .attempts "$OUT")" -eq 2 ]
}

@test "--retry-on: statuses, ranges, centuries, classes, codes and !" {
  local list path wanted got wrong=""
  while read -r wanted list path; do
    got=no
    if retried "${list#-}" "$path"; then
      got=yes
    fi
    [ $got = "$wanted" ] || wrong+="$wanted: $list $path"$'\n'
  done <<'TABLE'
yes - status/408
yes - status/425
yes - status/429
yes - status/500
yes - status/502
yes - status/503
yes - status/504
yes - status/522
yes - status/524
yes - reset
yes - empty
yes - truncate
no  - status/404
no  - status/501
no  - not-http
no  - bad-chunk
yes 404 status/404
no  404 status/503
no  404 empty
yes 501-504,418 status/501
yes 501-504,418 status/504
yes 501-504,418 status/418
no  501-504,418 status/505
yes 5xx status/599
no  5xx status/404
yes 5xx,!501 status/500
no  5xx,!501 status/501
no  5xx,!500-502 status/501
yes !503 status/500
no  !503 status/503
yes !503 empty
yes truncated truncate
no  truncated empty
no  truncated status/503
yes empty_reply empty
no  empty_reply truncate
yes transient empty
no  transient status/503
no  transient,!protocol empty
yes transient,!protocol truncate
no  transient,!empty_reply empty
yes protocol not-http
yes bad_chunk bad-chunk
yes 200 ok
yes 302 no-location
TABLE
  [ -z "$wrong" ] || {
    echo "$wrong"
    return 1
  }
}

@test "what --accept holds is retried all the same" {
  fetch --retry 1 --accept 200-599 "$ORIGIN/status/503"
  [ "$status" -eq 0 ]
  holds '.[0] | .attempts == 2 and .ok and .status == 503 and .error == null'
  fetch --retry 1 --accept 200,connect "http://127.0.0.1:$(free_port)/"
  [ "$status" -eq 0 ]
  holds '.[0] | .attempts == 2 and .ok and .error.class == "connect"'
}

@test "Retry-After in seconds is the least wait" {
  fetch "$ORIGIN/retry-after/a?after=1"
  [ "$status" -eq 0 ]
  holds '.[0].tries | .[0].status == 429 and .[0].wait == 1 and .[1].at >= 0.999'
}

@test "Retry-After does not shorten the backoff" {
  fetch --retry-delay 300ms --seed 3 "$ORIGIN/flaky/a"
  jq -c '.tries[0].wait' "$OUT" >"$BATS_TEST_TMPDIR/wait"
  fetch --retry-delay 300ms --seed 3 "$ORIGIN/retry-after/b?after=0"
  [ "$(jq -c '.tries[0].wait' "$OUT")" = "$(<"$BATS_TEST_TMPDIR/wait")" ]
  holds '.[0].tries[0].wait > 0'
}

@test "Retry-After as a date is the least wait" {
  fetch "$ORIGIN/retry-after/a?in=2"
  [ "$status" -eq 0 ]
  holds '.[0].tries[0].wait >= 1 and .[0].tries[0].wait <= 2'
  # A date that is over, and what is neither a date nor a number, ask nothing.
  fetch "$ORIGIN/retry-after/b?in=0" "$OTHER/retry-after/c?after=soon"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .tries[0].wait <= 1)'
}

@test "--max-retry-after caps what a server asks for" {
  fetch --max-retry-after 200ms "$ORIGIN/retry-after/a?after=3600" \
    "$OTHER/retry-after/b?in=86400"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .tries[0].wait == 0.2)'
}

@test "--no-retry-after ignores it, for the request and for the host" {
  fetch -c 1 --no-retry-after "$ORIGIN/retry-after/a?after=3600" "$ORIGIN/ok"
  [ "$status" -eq 0 ]
  holds '.[0].tries[0].wait <= 0.001'
}

@test "429 and 503 with Retry-After cool their host, and no other" {
  local code
  for code in 429 503; do
    fetch -c 1 --max-retry-after 600ms \
      "$ORIGIN/retry-after/$code?after=9&status=$code" \
      "$ORIGIN/1" "$ORIGIN/2" "$OTHER/other"
    [ "$status" -eq 0 ]
    [[ $(asked) == "retry-after/$code?after=9&status=$code other "* ]]
    # One of the host's own waited as long as the one that was refused.
    holds '.[1].time.queue >= 0.59 and .[2].time.queue >= 0.59'
    [ "$(jq .index "$OUT.ends" | head -n 1)" -eq 3 ]
  done
}

@test "a host is cooled also by one that is not tried again" {
  fetch -c 1 --retry 0 --max-retry-after 600ms \
    "$ORIGIN/retry-after/a?after=9" "$ORIGIN/1" "$OTHER/other"
  [ "$(jq .index "$OUT.ends" | xargs)" = '0 2 1' ]
  holds '.[1].time.queue >= 0.59'
}

@test "other statuses, and 503 without Retry-After, cool no host" {
  fetch -c 1 --max-retry-after 600ms \
    "$ORIGIN/retry-after/a?after=9&status=500" "$ORIGIN/1" "$ORIGIN/2"
  [[ $(asked) == *' 1 2 retry-after/'* ]]
  fetch -c 1 --retry-delay 600ms --seed 1 "$ORIGIN/flaky/b" "$ORIGIN/1"
  [ "$(asked)" = 'flaky/b 1 flaky/b' ]
}

@test "a wait for a retry holds no slot" {
  fetch -c 1 --host-concurrency 1 --max-retry-after 400ms \
    "$ORIGIN/retry-after/a?after=9&status=500" "$ORIGIN/1" "$ORIGIN/2" "$OTHER/3"
  [ "$status" -eq 0 ]
  [ "$(jq .index "$OUT.ends" | tail -n 1)" -eq 0 ]
  [ "$(asked | wc -w)" -eq 5 ]
  [[ $(asked) == *'retry-after/a?after=9&status=500' ]]
}

@test "a retry starts again at the URL of the request" {
  fetch -c 1 "$ORIGIN/redirect-to?url=/flaky/a"
  [ "$status" -eq 0 ]
  [ "$(asked)" = \
    'redirect-to?url=/flaky/a flaky/a redirect-to?url=/flaky/a flaky/a' ]
  holds '.[0] | .attempts == 2 and (.redirects | length) == 1'
}

@test "--retry-max-time forbids a wait that ends beyond it" {
  fetch --retry-max-time 5s "$ORIGIN/retry-after/a?after=9"
  holds '.[0] | .attempts == 1 and .status == 429'
  fetch --retry-max-time 5s --max-retry-after 10ms "$ORIGIN/retry-after/b?after=9"
  holds '.[0].attempts == 2'
  # And all retries together.
  fetch --retry 1000 --retry-max-time 200ms --retry-delay 50ms \
    --retry-max-delay 50ms "$ORIGIN/status/503"
  [ "$status" -eq 1 ]
  holds '.[0].attempts > 1'
}

@test "only idempotent methods are sent again" {
  local method
  for method in GET HEAD PUT DELETE OPTIONS TRACE; do
    line $method "$ORIGIN/status/503?$method"
  done >"$LIST"
  for method in POST PATCH QUERY; do
    line $method "$ORIGIN/status/503?$method" '"body":"x"'
    line $method "$ORIGIN/reset?$method" '"body":"x"'
    line $method "$ORIGIN/hang?$method" '"body":"x","timeout":0.2'
  done >>"$LIST"
  fetch --retry 1 "$LIST"
  holds 'map(.attempts) == [2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1]'
  [ "$(curl -s "$ORIGIN/log" | grep -c ^POST)" -eq 3 ]
}

@test "--retry-unsafe sends all methods again, body and all" {
  {
    line POST "$ORIGIN/status/503" '"body":"x"'
    line POST "$ORIGIN/reset" '"body":"x"'
    line PATCH "$ORIGIN/status/503" '"body":"x"'
    line POST "$ORIGIN/echo?status=503" '"body":"all of it"'
  } >"$LIST"
  fetch --retry 1 --retry-unsafe --body inline "$LIST"
  holds 'map(.attempts) == [2, 2, 2, 2]'
  holds '.[3].body | fromjson | .body == "all of it"'
  [ "$(count)" -eq 8 ]
}

@test "a POST that cannot have been sent is sent again" {
  line POST "http://127.0.0.1:$(free_port)/" '"body":"x"' >"$LIST"
  fetch --retry 3 "$LIST"
  holds '.[0] | .attempts == 4 and .error.code == "refused"'
  # But not when an earlier hop was.
  line POST "$ORIGIN/redirect-to?status=307&url=http://127.0.0.1:$(free_port)/" \
    '"body":"x"' >"$LIST"
  fetch --retry 3 "$LIST"
  holds '.[0] | .attempts == 1 and .error.code == "refused"'
}

waits() {
  jq -sc 'map([.tries[].wait])' "$OUT"
}

@test "--seed repeats the waits, another one does not" {
  local first
  fetch --retry 4 --retry-delay 20ms --seed 5 "$ORIGIN/status/503"
  first=$(waits)
  fetch --retry 4 --retry-delay 20ms --seed 5 "$ORIGIN/status/503"
  [ "$(waits)" = "$first" ]
  fetch --retry 4 --retry-delay 20ms --seed 6 "$ORIGIN/status/503"
  [ "$(waits)" != "$first" ]
}

@test "waits are random up to a bound that doubles up to --retry-max-delay" {
  local n
  for n in {1..40}; do
    echo "$ORIGIN/status/503?$n"
  done >"$LIST"
  fetch --host-concurrency 0 --retry 4 --retry-delay 20ms \
    --retry-max-delay 60ms --seed 7 "$LIST"
  holds 'all(.[].tries; .[0].wait <= 0.02 and .[1].wait <= 0.04 and
    .[2].wait <= 0.06 and .[3].wait <= 0.06 and .[4].wait == 0)'
  # From near 0 to near the bound, for each of them.
  local bounds='[[0, 0.02], [1, 0.04], [2, 0.06], [3, 0.06]]'
  holds "[.[].tries] as \$tries | all(${bounds}[]; . as [\$n, \$bound] |
    [\$tries[][\$n].wait] | min < \$bound * 0.2 and max > \$bound * 0.8)"
}

@test "what libcurl would send again behind one's back is sent once" {
  # The kept connection is closed without an answer to a POST.
  { echo "$ORIGIN/name" && line POST "$ORIGIN/empty" '"body":""' &&
    line POST "$ORIGIN/empty" '"body":"x"' && line POST "$ORIGIN/empty"; } >"$LIST"
  fetch -c 1 --retry 0 "$LIST"
  [ "$(asked)" = 'name empty empty empty' ]
  holds '[.[].attempts] == [1, 1, 1, 1]'
}

@test "what waits for a retry counts in the window" {
  for i in {1..200}; do
    echo "$ORIGIN/status/503?n=$i"
  done >"$LIST"
  fetch --queue 20 -c 4 --host-concurrency 4 --retry 1 --retry-delay 60s --seed 5 \
    --deadline 2s "$LIST"
  [ "$status" -eq 4 ]
  [ "$(count)" -ge 20 ]
  [ "$(count)" -le 40 ]
}

@test "a request that ends while it waits was not tried again" {
  fetch --retry 3 --retry-delay 60s --seed 3 --deadline 1s "$ORIGIN/status/503"
  holds '.[0] | .attempts == 1 and .tries == null and .error.code == "deadline" and
    .time.queue > 0.5 and .status == 503'
  # Nor does the end of the waiting count as one more.
  fetch --retry 9 --retry-delay 1ms --retry-max-delay 60s --seed 3 --deadline 1s \
    "$ORIGIN/retry-after/ends?fail=99&after=600" --max-retry-after 400ms
  holds '.[0] | .attempts >= 2 and .attempts == (.tries | length)'
}
