#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Names: one lookup for all who want it and for how long it is kept; names that
# do not exist, that cannot be looked up now, and that hang; what a lookup
# counts in; a name's other addresses; too few threads.
#
# Elsewhere: names that the system itself knows not in local.bats, the name in
# certificates in tls.bats.

# shellcheck disable=SC2317,SC2154 # run calls the functions, and sets stderr
load helper

setup_file() {
  start_origin
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  TABLE=$BATS_TEST_TMPDIR/table
  LOG=$BATS_TEST_TMPDIR/log
  : >"$LOG"
}

# afetch, with the answers of $TABLE for names (see tests/preload/names.c).
named() {
  NAMES_TABLE=$TABLE NAMES_LOG=$LOG LD_PRELOAD=$BUILD/names.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 exec "$AFETCH" "$@"
}

# Runs it, its records sorted by index in $OUT, the exit status in $status.
fetch() {
  run --separate-stderr named -o "$BATS_TEST_TMPDIR/records" --force "$@"
  jq -cs 'sort_by(.index)[]' "$BATS_TEST_TMPDIR/records" >"$OUT"
}

# The same in the background, its number in $pid.
fetch_aside() {
  named -o "$OUT" --force "$@" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- 4>&- &
  pid=$!
}

holds() {
  jq -se "$1" "$OUT" >/dev/null || {
    echo "not so: $1"
    head -n 20 "$OUT"
    return 1
  }
}

# COUNT URLs of NAME.
urls() {
  seq "$2" | sed "s|^|http://$1:$ORIGIN_PORT/|"
}

lookups() { # NAME
  grep -cxF "$1" "$LOG"
}

records() {
  (($(wc -l <"$OUT") >= $1))
}

@test "a name is looked up once, however many wait for it" {
  echo 'many.test 0.2~127.0.0.1' >"$TABLE"
  urls many.test 500 >"$LIST"
  # Other hosts, the same name.
  echo "http://many.test:$(free_port)/" >>"$LIST"
  echo "https://many.test:$(free_port)/" >>"$LIST"
  fetch -c 100 --host-concurrency 0 --retry 0 "$LIST"
  [ "$(lookups many.test)" -eq 1 ]
  holds '.[:500] | all(.[]; .ok and .attempts == 1 and
    .remote_ip == "127.0.0.1")'
  holds '[.[500:][].error.class] == ["connect", "connect"]'
}

@test "the name stays in the Host field" {
  echo 'host.test 127.0.0.1' >"$TABLE"
  run --separate-stderr -0 named --body inline "http://host.test:$ORIGIN_PORT/echo"
  [ "$(jq -r '.body | fromjson | .headers[] | select(.[0] == "Host") | .[1]' \
    <<<"$output")" = "host.test:$ORIGIN_PORT" ]
}

@test "the time of a lookup is in time.dns of who asked, and in no other's" {
  echo 'slow.test 0.3~127.0.0.1' >"$TABLE"
  urls slow.test 3 >"$LIST"
  fetch -c 1 "$LIST"
  holds '.[0].time | .dns >= 0.29 and .ttfb >= .dns and .total >= .ttfb and
    .queue < 0.29'
  holds '.[1:] | all(.[]; .time.dns < 0.29 and .time.total < 0.29)'
}

@test "--dns-ttl says for how long a name is known" {
  echo 'ttl.test 127.0.0.1' >"$TABLE"
  urls ttl.test 4 | sed 's|$|?delay=0.1|' >"$LIST"
  fetch -c 1 "$LIST"
  [ "$(lookups ttl.test)" -eq 1 ]
  fetch -c 1 --dns-ttl 50ms "$LIST"
  [ "$(lookups ttl.test)" -eq 5 ]
  fetch -c 1 --dns-ttl 0 "$LIST"
  [ "$(lookups ttl.test)" -eq 9 ]
  holds 'all(.[]; .ok)'
}

@test "a name that does not exist costs one lookup and no retry" {
  echo 'none.test none' >"$TABLE"
  urls none.test 1000 >"$LIST"
  fetch "$LIST"
  [ "$status" -eq 1 ]
  holds 'length == 1000 and all(.[]; .attempts == 1 and .status == null and
    (.error | .class == "dns" and .code == "not_found" and .phase == "dns" and
      .retryable == false and (.message | endswith(": none.test"))))'
  (($(lookups none.test) <= 3)) # a second's worth each
}

@test "a lookup that fails for now is tried again" {
  echo 'again.test again|again|127.0.0.1' >"$TABLE"
  fetch --retry 2 --retry-delay 1ms "http://again.test:$ORIGIN_PORT/"
  [ "$status" -eq 0 ]
  [ "$(lookups again.test)" -eq 3 ]
  holds '.[0] | .attempts == 3 and
    [.tries[].error] == ["temporary", "temporary", null]'
}

@test "many URLs of a name that fails for now share the lookup of each try" {
  echo 'never.test again' >"$TABLE"
  urls never.test 1000 >"$LIST"
  fetch --retry 2 --retry-delay 1ms "$LIST"
  holds 'length == 1000 and all(.[]; .attempts == 3 and .error.retryable and
    .error.class == "dns" and .error.code == "temporary")'
  (($(lookups never.test) >= 3 && $(lookups never.test) <= 60))
}

@test "any other failure is lookup_failed" {
  echo 'fail.test fail' >"$TABLE"
  fetch --retry 0 "http://fail.test:$ORIGIN_PORT/"
  holds '.[0].error | .class == "dns" and .code == "lookup_failed"'
}

@test "31 names that hang delay nobody, nor the end" {
  local pid n
  echo '*.hang.test 1000~none' >"$TABLE"
  echo 'good.test 127.0.0.1' >>"$TABLE"
  for n in {1..31}; do
    echo "http://n$n.hang.test/"
  done >"$LIST"
  urls good.test 2500 >>"$LIST"
  urls 127.0.0.1 2500 >>"$LIST"
  fetch_aside --connect-timeout 900s -m 0 "$LIST"
  wait_for 60 records 5000
  # The main thread, 32 for names, and one that a sanitizer may have.
  [ "$(ls "/proc/$pid/task" 2>/dev/null | wc -l)" -le 34 ]
  holds 'length == 5000 and all(.[]; .ok)'
  kill -TERM $pid
  wait_for 30 ended $pid
  holds '.[5000:] | length == 31 and all(.[]; .error.class == "cancelled")'
}

@test "names that hang end with their connect timeout, threads left behind" {
  local pid n
  echo '*.hang.test 1000~none' >"$TABLE"
  for n in {1..31}; do
    echo "http://n$n.hang.test/"
  done >"$LIST"
  urls 127.0.0.1 500 >>"$LIST"
  fetch_aside --connect-timeout 200ms --retry 1 --retry-delay 1ms "$LIST"
  wait_for 20 ended $pid
  holds 'map(select(.ok)) | length == 500'
  holds 'map(select(.ok | not)) | length == 31 and all(.[]; .attempts == 2 and
    (.error | .class == "timeout" and .code == "connect_time" and
      .phase == "dns" and .retryable) and
    .time.dns >= 0.19 and .time.total >= 0.19)'
  # The second try waits for the first one's lookup.
  [ "$(sort "$LOG" | uniq -d | wc -l)" -eq 0 ]
}

@test "a late answer serves the next try" {
  echo 'late.test 1~127.0.0.1' >"$TABLE"
  fetch --connect-timeout 400ms --retry 9 --retry-delay 1ms \
    "http://late.test:$ORIGIN_PORT/"
  [ "$status" -eq 0 ]
  [ "$(lookups late.test)" -eq 1 ]
  holds '.[0] | .attempts >= 2 and .tries[0].error == "connect_time"'
}

@test "--max-time and --request-time count the lookup" {
  local pid
  echo '*.hang.test 1000~none' >"$TABLE"
  fetch_aside --retry 0 -m 200ms http://a.hang.test/
  wait_for 10 ended $pid
  holds '.[0].error | .code == "max_time" and .phase == "dns"'
  fetch_aside --request-time 200ms http://a.hang.test/
  wait_for 10 ended $pid
  holds '.[0].error | .code == "request_time" and .phase == "dns"'
  holds '.[0].attempts == 1'
}

@test "a name that waits for a thread uses up no limit" {
  local n
  # 32 threads, so the others begin when the first ones end.
  echo '*.slow.test 1.5~127.0.0.1' >"$TABLE"
  for n in {1..40}; do
    urls "n$n.slow.test" 1
  done >"$LIST"
  fetch -m 2.5s --connect-timeout 2.5s --retry 0 "$LIST"
  [ "$status" -eq 0 ]
  holds 'map(select(.time.queue > 1.4 and .time.dns > 1.4)) | length == 8'
}

@test "with 32 names that hang, addresses and known names go on" {
  local pid n
  echo '*.hang.test 1000~none' >"$TABLE"
  echo 'good.test 127.0.0.1' >>"$TABLE"
  mkfifo "$LIST"
  fetch_aside -m 0 --connect-timeout 900s "$LIST"
  exec 7>"$LIST"
  urls good.test 1 >&7
  wait_for 10 records 1
  for n in {1..40}; do
    echo "http://n$n.hang.test/"
  done >&7
  urls good.test 100 >&7
  urls 127.0.0.1 100 >&7
  wait_for 20 records 201
  [ "$(grep -c hang "$LOG")" -eq 32 ]
  exec 7>&-
  kill $pid
  wait_for 10 ended $pid
  holds 'map(select(.ok)) | length == 201'
  holds 'map(select(.error.code == "signal")) | length == 40'
}

@test "an address that refuses is followed by the next, within one attempt" {
  {
    echo 'two.test 127.0.0.2,127.0.0.1'
    echo 'six.test ::1,127.0.0.1'
    echo 'none.test 127.0.0.2,127.0.0.3'
  } >"$TABLE"
  curl -s "$ORIGIN/stats/reset" >/dev/null
  urls two.test 20 >"$LIST"
  fetch -c 1 "$LIST"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .attempts == 1 and .remote_ip == "127.0.0.1")'
  # Whoever worked is tried first, so its connection is used again.
  [ "$(origin_stats .connections)" -le 2 ]
  fetch "http://six.test:$ORIGIN_PORT/"
  [ "$status" -eq 0 ]
  holds '.[0] | .attempts == 1 and .remote_ip == "127.0.0.1"'
  fetch --retry 1 --retry-delay 1ms "http://none.test:$ORIGIN_PORT/"
  holds '.[0] | .attempts == 2 and .error.class == "connect" and
    .error.code == "refused"'
}

@test "an address that does not answer gets 300 ms, once" {
  local port=$ORIGIN_PORT
  start_origin --no-read --address 127.0.0.2 --port "$port"
  echo 'dead.test 127.0.0.2,127.0.0.1' >"$TABLE"
  # Each wants a connection of its own.
  printf '{"url":"http://dead.test:%s/","method":"POST"}\n' \
    "$port" "$port" "$port" >"$LIST"
  fetch -c 1 "$LIST"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .attempts == 1 and .remote_ip == "127.0.0.1")'
  holds '.[0].time | .connect >= 0.29 and .ttfb >= .connect and
    .total >= .ttfb'
  holds '.[1:] | all(.[]; .time.connect < 0.29)'
  # The limit of the connection holds for all addresses together.
  echo 'dead.test 127.0.0.2,127.0.0.1' >"$TABLE"
  fetch --connect-timeout 200ms --retry 0 "http://dead.test:$port/"
  holds '.[0].error | .code == "connect_time" and .phase == "connect"'
}

@test "a slow TLS handshake is no reason to try the next address" {
  local port
  port=$(free_port)
  start_server "$PYTHON" -c "if True:
    import socket, time
    server = socket.create_server(('127.0.0.2', $port))
    time.sleep(60)"
  wait_for 10 eval "(: <>/dev/tcp/127.0.0.2/$port) 2>/dev/null"
  echo 'tls.test 127.0.0.2,127.0.0.1' >"$TABLE"
  fetch --connect-timeout 800ms --retry 0 "https://tls.test:$port/"
  holds '.[0] | .error.class == "timeout" and .error.phase == "tls" and
    .remote_ip == "127.0.0.2" and .time.total >= 0.79'
}

@test "a redirect to a name looks it up" {
  {
    echo 'to.test 0.2~127.0.0.1'
    echo 'nowhere.test none'
  } >"$TABLE"
  fetch "$ORIGIN/redirect-to?url=http://to.test:$ORIGIN_PORT/ok" \
    "$ORIGIN/redirect-to?url=http://nowhere.test/"
  holds '.[0] | .ok and (.redirects | length) == 1 and .time.dns >= 0.19'
  holds '.[1] | .attempts == 1 and (.redirects | length) == 1 and
    .error.code == "not_found" and .final_url == "http://nowhere.test/"'
}

@test "the lookups of all hops count in one --max-time" {
  echo '*.hop.test 0.8~127.0.0.1' >"$TABLE"
  # Either is within the limit, both together are not.
  fetch -m 1.2s --retry 0 "http://a.hop.test:$ORIGIN_PORT/redirect-to?url=$(
    echo "http://b.hop.test:$ORIGIN_PORT/ok"
  )"
  holds '.[0] | (.redirects | length) == 1 and .error.code == "max_time" and
    .error.phase == "dns" and .time.total < 1.6'
}

@test "a name waits where this machine is short of descriptors" {
  echo 'short.test emfile|emfile|127.0.0.1' >"$TABLE"
  fetch --retry 0 "http://short.test:$ORIGIN_PORT/"
  [ "$status" -eq 0 ]
  holds '.[0] | .ok and .attempts == 1'
}

@test "with few threads, or none, no URL fails" {
  local n
  echo '*.thread.test 127.0.0.1' >"$TABLE"
  for n in {1..50}; do
    urls "n$n.thread.test" 2
  done >"$LIST"
  export NAMES_THREADS
  for NAMES_THREADS in 2 0; do
    fetch --retry 0 "$LIST"
    [ "$status" -eq 0 ]
    holds 'length == 100 and all(.[]; .ok and .attempts == 1)'
    [[ $stderr == 'afetch: out of threads: '* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
  done
  [ "$(sort "$LOG" | uniq -c | awk '$1 != 2' | wc -l)" -eq 0 ]
}

@test "what goes to a proxy is not looked up" {
  echo '*.test none' >"$TABLE"
  http_proxy=$ORIGIN fetch "http://far.test/ok"
  holds '.[0] | .status != null and .remote_ip == "127.0.0.1"'
  [ "$(lookups far.test)" -eq 0 ]
}
