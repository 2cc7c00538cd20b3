#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How fast a run goes: rates and delays, what RateLimit fields ask for,
# --adaptive, the circuit breaker, --bandwidth and --host-config. Times are only
# bounded from below: a slow machine makes nothing go faster.
#
# Elsewhere: the same on a clock of its own in tests/unit/test_bucket.c,
# test_sched_limits.c, test_adapt.c, test_breaker.c and test_cooldown.c.
#
# shellcheck disable=SC2154 # run sets stderr

load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# From the first to the last start of the records that $1 selects, at least so
# many milliseconds, give or take the 100 ms that a late loop may catch up.
spans() { # JQ-FILTER MILLISECONDS
  jq -se --argjson least "$2" "map(select($1) | .started_at |
    (.[:19] + \"Z\" | fromdate) * 1000 + (.[20:23] | tonumber)) |
    max - min >= \$least - 110" "$OUT" || {
    cat "$OUT"
    return 1
  }
}

@test "--rate holds for the whole run" {
  { host_urls 1 6 'a?@' && host_urls 2 6 'b?@'; } >"$LIST"
  "$AFETCH" --rate 20/s -o "$OUT" "$LIST"
  spans true 550
}

@test "--host-rate holds for each host, and a URL that waits holds no slot" {
  { host_urls 1 5 'a?@' && host_urls 2 1 'b?@'; } >"$LIST"
  "$AFETCH" --host-rate 10/s -c 1 -o "$OUT" "$LIST"
  spans 'true' 400
  # The other host's one did not wait for the first host's five.
  [ "$(jq -r .index "$OUT" | head -n 2 | sort | xargs)" = '0 5' ]
}

@test "0 takes a rate away that a file of settings gave" {
  host_urls 1 3 'a?@' >"$LIST"
  printf '%s = 1/h\n' rate host-rate >"$BATS_TEST_TMPDIR/config"
  "$AFETCH" --config "$BATS_TEST_TMPDIR/config" --rate 0 --host-rate 0 -o "$OUT" \
    "$LIST"
  echo '{"127.0.0.1": {"rate": 0}}' >"$BATS_TEST_TMPDIR/hosts"
  "$AFETCH" --config "$BATS_TEST_TMPDIR/config" --rate 0 \
    --host-config "$BATS_TEST_TMPDIR/hosts" --force -o "$OUT" "$LIST"
  holds 'length == 3'
}

@test "--burst is what a rest is worth" {
  host_urls 1 8 'a?@' >"$LIST"
  "$AFETCH" --host-rate 5/s --burst 6 -o "$OUT" "$LIST"
  spans true 400
  spans '.index >= 5' 400
}

@test "--host-delay and --jitter part the starts of a host" {
  { host_urls 1 5 'a?@' && host_urls 2 5 'b?@'; } >"$LIST"
  "$AFETCH" --host-delay 100ms --jitter 50 -o "$OUT" "$LIST"
  spans '.index < 5' 510
  spans '.index >= 5' 510
}

@test "retries and redirects count in the rates" {
  host_urls 1 1 'redirect/2' >"$LIST"
  host_urls 1 1 'flaky/rate?fail=1' >>"$LIST"
  "$AFETCH" --host-rate 10/s -c 1 --retry-delay 0 -o "$OUT" "$LIST"
  [ "$(origin_stats .requests)" -eq 5 ]
  # Five starts, but the last of them is no first send.
  holds '[.[].time.queue] | add > 0.2'
}

@test "RateLimit fields pause a host that has nothing left, and no other" {
  local field
  for field in 'RateLimit:limit=9,remaining=0,reset=1' \
    'RateLimit:"default";r=0;t=1' 'X-RateLimit-Remaining:0&header=X-RateLimit-Reset:1'; do
    {
      host_urls 1 1 "first?header=$field"
      host_urls 1 1 last
      host_urls 2 2 'other?@'
    } >"$LIST"
    "$AFETCH" --host-concurrency 1 --force -o "$OUT" "$LIST"
    spans '.index < 2' 1000
    [ "$(tail -n 1 "$OUT" | jq .index)" -eq 1 ]
  done
}

@test "RateLimit fields slow a host down when less is left than waits" {
  host_urls 1 6 'slow?@&header=RateLimit-Remaining:2&header=RateLimit-Reset:1' \
    >"$LIST"
  run --separate-stderr "$AFETCH" -v --host-concurrency 1 -o "$OUT" "$LIST"
  [[ $stderr == *"http://127.0.0.1:$ORIGIN_PORT: slowed down to 2/s"* ]]
  # Until, with two left and two to go, there is no need any more.
  spans true 1000
  run --separate-stderr "$AFETCH" -v --no-retry-after --force -o "$OUT" "$LIST"
  [[ $stderr != *'slowed down'* ]]
}

@test "RateLimit fields that allow more end the slowness" {
  {
    host_urls 1 1 'less?header=RateLimit-Remaining:2&header=RateLimit-Reset:3600'
    host_urls 1 1 'more?delay=0.3&header=RateLimit-Remaining:900&header=RateLimit-Reset:9'
    host_urls 1 7 'next?@'
  } >"$LIST"
  run --separate-stderr "$AFETCH" -v --host-concurrency 2 -o "$OUT" "$LIST"
  [[ $stderr == *'slowed down to '*'no longer slowed down'* ]]
}

@test "RateLimit fields slow a host down until the reset, and no longer" {
  {
    host_urls 1 1 'first?header=RateLimit-Remaining:1&header=RateLimit-Reset:1'
    host_urls 1 5 'next?@'
  } >"$LIST"
  run --separate-stderr "$AFETCH" -v --host-concurrency 1 -o "$OUT" "$LIST"
  [[ $stderr == *'slowed down to 1/s'*'no longer slowed down'* ]]
  spans true 1000
}

@test "a refusal with a reset pauses its host" {
  {
    host_urls 1 1 'status/429?header=X-RateLimit-Reset:1'
    host_urls 1 1 last
  } >"$LIST"
  run "$AFETCH" --retry 0 --host-concurrency 1 -o "$OUT" "$LIST"
  spans true 1000
}

@test "--adaptive begins with one, and never passes --host-concurrency" {
  host_urls 1 60 'delay/0.01?@' >"$LIST"
  run --separate-stderr "$AFETCH" -v --adaptive --host-concurrency 5 -o "$OUT" \
    "$LIST"
  [ "$(origin_stats .max_active)" -le 5 ]
  [[ $stderr == *"http://127.0.0.1:$ORIGIN_PORT: 2 at once"* ]]
  [[ $stderr != *': 6 at once'* ]]
  [[ $stderr == *'adaptive: at most '*' at once of a host, cut down '*' times'* ]]
}

@test "--adaptive: a host that answers 429 gets one at a time" {
  host_urls 1 40 'status/429?delay=0.02&@' >"$LIST"
  run -1 "$AFETCH" --adaptive --retry 0 -o "$OUT" "$LIST"
  [ "$(origin_stats .max_active)" -eq 1 ]
}

@test "--host-max-errors gives a host up that is not reached" {
  local port
  port=$(free_port)
  {
    printf "http://127.0.0.1:$port/%s\n" {1..50}
    host_urls 2 5 'ok?@'
  } >"$LIST"
  run -1 --separate-stderr "$AFETCH" -v --retry 0 --host-concurrency 1 \
    --host-max-errors 3 -o "$OUT" "$LIST"
  holds 'length == 55 and all(.[50:][]; .ok)'
  holds 'map(select(.attempts == 1 and .error.code == "refused")) | length == 3'
  holds 'map(select(.skipped)) | length == 47 and all(.[]; .ok == false and
    .attempts == 0 and .error.class == "connect" and .error.code == "refused" and
    .error.phase == "queue")'
  [[ $stderr == *"http://127.0.0.1:$port: given up"* ]]
  # Without it all are tried.
  run -1 "$AFETCH" --retry 0 --force -o "$OUT" "$LIST"
  holds 'all(.[]; .attempts == 1 and (has("skipped") | not))'
}

@test "--host-max-errors: what waits for its retry is not sent either" {
  local port
  port=$(free_port)
  printf "http://127.0.0.1:$port/%s\n" 1 2 >"$LIST"
  run -1 "$AFETCH" --retry 5 --retry-delay 1ms --host-max-errors 2 -o "$OUT" \
    "$LIST"
  holds 'map(.attempts) | add == 2'
  holds 'all(.[]; .skipped and .error.code == "refused")'
}

@test "--host-max-errors: who comes later does not wait for a slot" {
  local port
  port=$(free_port)
  printf '%s\n' "http://127.0.0.1:$port/1" "$ORIGIN/hang" \
    "http://127.0.0.1:$port/2" >"$LIST"
  run -1 "$AFETCH" --retry 0 --host-max-errors 1 -c 1 --queue 1 -m 0.5 -o "$OUT" \
    "$LIST"
  # The slot is taken meanwhile.
  [ "$(jq .index "$OUT" | xargs)" = '0 2 1' ]
  holds '.[2].skipped'
}

@test "a host that answers is not given up, whatever it answers" {
  host_urls 1 9 'status/500?@' >"$LIST"
  run -1 "$AFETCH" --retry 0 --host-max-errors 1 -o "$OUT" "$LIST"
  holds 'all(.[]; .status == 500)'
}

@test "a probe finds a host well again" {
  local port pid fifo=$BATS_TEST_TMPDIR/fifo
  port=$(free_port)
  mkfifo "$fifo"
  exec 7<>"$fifo"
  "$AFETCH" --retry 0 --host-max-errors 1 --host-retry-after 1ms -o "$OUT" \
    <"$fifo" 3>&- 7>&- &
  pid=$!
  echo "http://127.0.0.1:$port/1" >&7
  wait_for 10 lines 1
  start_origin --port "$port" 7>&-
  echo "http://127.0.0.1:$port/2" >&7
  wait_for 10 lines 2
  printf "http://127.0.0.1:$port/%s\n" {3..5} >&7
  wait_for 10 lines 5
  exec 7>&-
  wait "$pid" || [ $? -eq 1 ]
  holds '.[0].error.code == "refused" and all(.[1:][]; .status == 200)'
}

# Asks for one more URL; fails where it was not sent.
probed() {
  asked=$((asked + 1))
  echo "http://host.test:$PORT/$asked" >&7
  wait_for 10 lines "$asked"
  [ "$(tail -n 1 "$OUT" | jq -c '[.skipped, .status]')" = '[null,200]' ]
}

@test "a probe may wait for the lookup of its name" {
  local pid fifo=$BATS_TEST_TMPDIR/fifo asked=0
  PORT=$(free_port)
  mkfifo "$fifo"
  exec 7<>"$fifo"
  # The lookup takes less than the time to the next probe.
  echo 'host.test 127.0.0.1|0.2~127.0.0.1' >"$BATS_TEST_TMPDIR/names"
  NAMES_TABLE=$BATS_TEST_TMPDIR/names LD_PRELOAD=$BUILD/names.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$AFETCH" --retry 0 \
    --host-max-errors 1 --host-retry-after 500ms --dns-ttl 0 -o "$OUT" \
    <"$fifo" 3>&- 7>&- &
  pid=$!
  run ! probed
  asked=1
  start_origin --port "$PORT" 7>&-
  wait_for 20 probed
  exec 7>&-
  wait "$pid" || [ $? -eq 1 ]
  holds '.[0].error.code == "refused" and .[-1].attempts == 1'
}

lines() {
  [ "$(cat "$OUT" 2>/dev/null | wc -l)" -ge "$1" ]
}

@test "--bandwidth holds for all transfers together" {
  host_urls 1 4 'bytes/200000?@' >"$LIST"
  local began=${EPOCHREALTIME/[.,]/}
  "$AFETCH" --bandwidth 1M/s --body inline -m 0.3 --retry 0 -o "$OUT" "$LIST"
  # 800,000 bytes, but for 0.1 s that may be caught up and a piece of 16 KiB;
  # the waits are ours, so that -m does not strike.
  ((${EPOCHREALTIME/[.,]/} - began >= 600000))
  holds 'all(.[]; .ok and .size == 200000)'
  # Who waits is woken when it is time: a look once a second would let so much
  # through in 20 seconds.
  "$AFETCH" --bandwidth 200K --deadline 14s --force -o "$OUT.slow" "$LIST"
  "$AFETCH" --body inline "$ORIGIN/bytes/200000?1" | jq -r .body |
    cmp - <(jq -r 'select(.index == 0) | .body' "$OUT")
}

@test "--host-config: hosts have limits of their own" {
  {
    host_urls 1 6 'delay/0.05?@'
    host_urls 2 6 'delay/0.05?@'
  } >"$LIST"
  cat >"$BATS_TEST_TMPDIR/hosts" <<'JSON'
{"127.0.0.*": {"concurrency": 2}, "127.0.0.2": {"concurrency": 1, "delay": 0.1}}
JSON
  "$AFETCH" --host-config "$BATS_TEST_TMPDIR/hosts" -o "$OUT" "$LIST"
  [ "$(origin_stats '[.hosts[].max_active] | sort')" = '[1,2]' ]
  spans '.index >= 6' 500
}

@test "--host-config: hosts have settings and header fields of their own" {
  cat >"$BATS_TEST_TMPDIR/hosts" <<'JSON'
{"127.0.0.2": {"accept": 404, "user_agent": "two", "headers": {"X-Of": "two"}}}
JSON
  {
    host_urls 1 1 echo
    host_urls 2 1 echo
    host_urls 2 1 status/404
    printf '{"url":"http://127.0.0.2:%s/echo","accept":200,"headers":{"X-Of":"line"}}\n' \
      "$ORIGIN_PORT"
  } >"$LIST"
  run -1 "$AFETCH" --host-config "$BATS_TEST_TMPDIR/hosts" -A one --body inline \
    -o "$OUT" "$LIST"
  holds 'map(.ok) == [true, false, true, true]'
  holds 'map(.body | fromjson? | .headers | map({(.[0]): .[1]}) | add |
    [."User-Agent", ."X-Of"]) ==
    [["one", null], ["two", "two"], ["two", "line"]]'
}

@test "--host-config: what is wrong is said before anything is sent" {
  local text
  while read -r text; do
    echo "$text" >"$BATS_TEST_TMPDIR/hosts"
    run -2 --separate-stderr "$AFETCH" --host-config "$BATS_TEST_TMPDIR/hosts" \
      "$ORIGIN/"
    [ -z "$output" ]
    [[ $stderr == *--host-config*/hosts*'"h": '* ]]
  done <<'TEXTS'
{"h": {"ratee": 1}}
{"h": {"rate": "fast"}}
{"h": {"rate": 1, "rate": 2}}
TEXTS
  run -2 "$AFETCH" --host-config /nowhere/hosts "$ORIGIN/"
  [[ $output == *--host-config*/nowhere/hosts* ]]
  [ "$(origin_stats .connections)" -eq 0 ]
}
