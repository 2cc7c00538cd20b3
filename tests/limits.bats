#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# -c and --host-concurrency as the server sees them (the most requests that
# were in progress at once, in all and by host), and the order in which
# requests leave: turns of hosts, priorities, a host's own order, what goes
# before new ones.
#
# Elsewhere: the scheduler alone in tests/unit/test_sched.c, --queue in
# input.bats, hops in redirects.bats, waits for a retry in retry.bats.

load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# HOST PRIORITY PATH: as a JSON line.
prioritized() {
  printf '{"url":"http://127.0.0.%s:%s/%s","priority":%s}\n' "$1" \
    "$ORIGIN_PORT" "$3" "$2"
}

# The paths in the order in which the server saw them.
asked() {
  curl -s "$ORIGIN/log" | sed -n 's|^GET /||p' | xargs
}

# The most in progress at once: in all, and of each host.
most() {
  origin_stats '[.max_active, ([.hosts[].max_active] | min, max)] | join(" ")' |
    tr -d '"'
}

@test "-c is held in all, and used" {
  local host
  for host in {1..5}; do
    host_urls "$host" 4 'delay/0.2?@'
  done >"$LIST"
  run -0 "$AFETCH" -c 5 --host-concurrency 0 -o "$OUT" "$LIST"
  [ "$(origin_stats .max_active)" -eq 5 ]
  [ "$(wc -l <"$OUT")" -eq 20 ]
}

@test "--host-concurrency is held by each host, and used" {
  local host
  for host in {1..4}; do
    host_urls "$host" 6 'delay/0.2?@'
  done >"$LIST"
  run -0 "$AFETCH" -c 100 --host-concurrency 3 -o "$OUT" "$LIST"
  [ "$(most)" = '12 3 3' ]
}

@test "both limits are held at once" {
  # Eight of four hosts at first; then the first host is alone with its four.
  {
    host_urls 1 16 'delay/0.1?@'
    host_urls 2 2 'delay/0.1?@'
    host_urls 3 2 'delay/0.1?@'
    host_urls 4 2 'delay/0.1?@'
  } >"$LIST"
  run -0 "$AFETCH" -c 8 --host-concurrency 4 -o "$OUT" "$LIST"
  [ "$(most)" = '8 2 4' ]
  [ "$(wc -l <"$OUT")" -eq 22 ]
}

@test "--host-concurrency 0 is no limit" {
  host_urls 1 40 'delay/0.5?@' >"$LIST"
  run -0 "$AFETCH" -c 40 --host-concurrency 0 -o "$OUT" "$LIST"
  [ "$(most)" = '40 40 40' ]
}

@test "without options 64 in all and 8 of a host" {
  local host
  for host in {1..9}; do
    host_urls "$host" 9 'delay/0.3?@'
  done >"$LIST"
  run -0 "$AFETCH" -o "$OUT" "$LIST"
  [ "$(origin_stats .max_active)" -eq 64 ]
  [ "$(origin_stats '[.hosts[].max_active] | max')" -eq 8 ]
}

@test "limits hold where every answer closes its connection or fails" {
  local host
  for host in {1..3}; do
    host_urls "$host" 10 'delay/0.02?close=1&n=@'
    host_urls "$host" 10 'reset?delay=0.02&n=@'
    host_urls "$host" 10 "flaky/$host-@?fail=1&delay=0.02"
  done >"$LIST"
  run -1 "$AFETCH" -c 5 --host-concurrency 2 --retry 1 --retry-delay 5ms \
    -o "$OUT" "$LIST"
  [ "$(wc -l <"$OUT")" -eq 90 ]
  # libcurl may send again what a kept connection has lost.
  [ "$(origin_stats .requests)" -ge 150 ]
  [ "$(origin_stats .max_active)" -le 5 ]
  [ "$(origin_stats '[.hosts[].max_active] | max')" -le 2 ]
}

@test "a host is scheme, name and port, however the name is written" {
  local first=$ORIGIN
  {
    echo "http://localhost:$ORIGIN_PORT/delay/0.1?1"
    echo "http://LOCALHOST:$ORIGIN_PORT/delay/0.1?2"
    echo "http://LocalHost:$ORIGIN_PORT/delay/0.1?3"
  } >"$LIST"
  run -0 "$AFETCH" --host-concurrency 1 -o "$OUT" "$LIST"
  [ "$(most)" = '1 1 1' ]

  # Another port is another host: it does not wait for the first.
  start_origin
  run --separate-stderr -1 "$AFETCH" --host-concurrency 1 -m 1s --retry 0 \
    "$first/hang" "$ORIGIN/ok"
  [ "$(jq .index <<<"${lines[0]}")" -eq 1 ]
  [ "$(jq .ok <<<"${lines[0]}")" = true ]
}

@test "a URL that waits for its busy host does not make other hosts wait" {
  host_urls 1 50 'delay/0.06?@' >"$LIST"
  host_urls 2 1 free >>"$LIST"
  run --separate-stderr -0 "$AFETCH" -c 8 --host-concurrency 2 "$LIST"
  [ "${#lines[@]}" -eq 51 ]
  # It leaves with the first two, and its answer is not late either.
  [[ " $(asked | cut -d ' ' -f 1-3) " == *' free '* ]]
  [[ " $(jq .index <<<"$output" | head -n 4 | xargs) " == *' 50 '* ]]
}

@test "hosts take turns" {
  { host_urls 1 4 a@; host_urls 2 3 b@; host_urls 3 2 c@; } >"$LIST"
  run -0 "$AFETCH" -c 1 -o "$OUT" "$LIST"
  [ "$(asked)" = 'a1 b1 c1 a2 b2 c2 a3 b3 a4' ]
}

@test "the highest priority goes first, its hosts take turns" {
  {
    prioritized 1 -2 last
    prioritized 1 0 a-middle-1
    prioritized 1 0 a-middle-2
    prioritized 2 0 b-middle-1
    prioritized 2 -1 b-low
    prioritized 1 2 a-top-1
    prioritized 2 2 b-top-1
    prioritized 1 2 a-top-2
    prioritized 2 1 b-high
    host_urls 2 1 b-middle-2
  } >"$LIST"
  run -0 "$AFETCH" -c 1 -o "$OUT" "$LIST"
  [[ $(asked) == *' b-high '*' b-low last' ]]
  [ "$(asked | cut -d ' ' -f 1-3)" = 'a-top-1 b-top-1 a-top-2' ]
  [ "$(asked | tr ' ' '\n' | grep a-middle | xargs)" = 'a-middle-1 a-middle-2' ]
  [ "$(asked | tr ' ' '\n' | grep b-middle | xargs)" = 'b-middle-1 b-middle-2' ]
  [ "$(asked | wc -w)" -eq 10 ]
}

@test "a high priority whose host is busy lets a low one pass" {
  {
    prioritized 1 2 'delay/0.3?1'
    prioritized 1 2 'delay/0.3?2'
    prioritized 2 -2 low
  } >"$LIST"
  run -0 "$AFETCH" -c 2 --host-concurrency 1 -o "$OUT" "$LIST"
  [ "$(jq .index "$OUT" | xargs)" = '2 0 1' ]
}

@test "a host's own requests leave in the order of the list" {
  host_urls 1 30 @ >"$LIST"
  run -0 "$AFETCH" -c 1 -o "$OUT" "$LIST"
  [ "$(asked)" = "$(seq 30 | xargs)" ]
  # With several at once the starts are in order.
  host_urls 1 30 'delay/0.01?@' >"$LIST"
  run -0 "$AFETCH" --host-concurrency 4 --force -o "$OUT" "$LIST"
  [ "$(jq -s 'sort_by(.index) | sort_by(.started_at) | map(.index) ==
    [range(30)]' "$OUT")" = true ]
}

@test "hops and retries go before new requests of their host" {
  {
    host_urls 1 1 redirect/1
    host_urls 1 3 new@
  } >"$LIST"
  run -0 "$AFETCH" -c 1 -o "$OUT" "$LIST"
  [ "$(asked)" = 'redirect/1 redirect/0 new1 new2 new3' ]

  curl -s "$ORIGIN/stats/reset" >/dev/null
  {
    host_urls 1 1 flaky/x
    host_urls 1 4 'delay/0.1?@'
  } >"$LIST"
  run -0 "$AFETCH" -c 1 --retry-delay 1ms --force -o "$OUT" "$LIST"
  [[ $(asked) == 'flaky/x delay/0.1?1 flaky/x delay/0.1?2 '* ||
    $(asked) == 'flaky/x flaky/x '* ]]
}
