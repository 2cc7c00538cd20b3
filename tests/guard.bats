#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The guard: what --block-private, --allow-host and --deny-host refuse, however
# it is spelled, whatever leads there, and before anything is sent. The origin
# on 127.0.0.1 must see none of it; that on 127.0.0.2 is allowed by address.
#
# Elsewhere: the ranges and the order of the lists in tests/unit/test_special.c
# and test_guard.c.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin --address 127.0.0.2
  export OPEN=http://127.0.0.2:$ORIGIN_PORT
  start_origin --port "$ORIGIN_PORT"
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  TABLE=$BATS_TEST_TMPDIR/table
  LOG=$BATS_TEST_TMPDIR/log
  : >"$TABLE"
  : >"$LOG"
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# Runs afetch with the names of $TABLE, its records sorted by index in $OUT.
fetch() {
  run --separate-stderr env NAMES_TABLE="$TABLE" NAMES_LOG="$LOG" \
    LD_PRELOAD="$BUILD/names.so" \
    ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
    "$AFETCH" --retry-delay 1ms "$@"
  jq -cs 'sort_by(.index)[]' <<<"$output" >"$OUT"
}

# The same behind a guard that lets only 127.0.0.2 through.
guarded() {
  fetch --block-private --allow-host 127.0.0.2 "$@"
}

holds() {
  jq -se "$1" "$OUT" >/dev/null || {
    echo "not so: $1"
    head -n 20 "$OUT"
    echo "$stderr"
    return 1
  }
}

# URL MEMBERS: a line
line() {
  echo "{\"url\":\"$1\",$2}"
}

# The origin on 127.0.0.1 was not even connected to (but by this question).
untouched() {
  [ "$(origin_stats .connections)" -le 1 ]
}

# Every record is blocked by this code, at the first try.
all_blocked() { # CODE
  holds "length > 0 and all(.[]; .ok == false and .status == null and
    .attempts == 1 and .remote_ip == null and .error.class == \"blocked\" and
    .error.code == \"$1\" and .error.retryable == false)"
}

@test "--block-private: addresses in all their spellings" {
  local host
  for host in 127.0.0.1 127.1 0 0.0.0.0 2130706433 0x7f.1 0x7f000001 0177.0.0.1 \
    017700000001 127.0.1 %31%32%37.0.0.1 '①②⑦.0.0.1' '127。0。0。1' \
    '[::1]' '[::]' '[0:0:0:0:0:0:0:1]' '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' \
    '[::127.0.0.1]' '[::ffff:0:127.0.0.1]' \
    '[64:ff9b::127.0.0.1]' '[64:ff9b::7f00:1]' '[64:ff9b:1::7f00:1]' \
    '[2002:7f00:1::]' '[2002:a9fe:a9fe::1]' \
    '[2001:0:7f00:1::]' '[2001::80ff:fffe]' '[fe80::1]' '[fc00::1]' \
    10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 \
    198.18.0.1 224.0.0.1 255.255.255.255; do
    echo "http://$host:$ORIGIN_PORT/"
  done >"$LIST"
  fetch --block-private "$LIST"
  [ "$status" -eq 1 ]
  holds "length == $(wc -l <"$LIST")"
  all_blocked address
  holds 'all(.[]; .error.phase == "queue" and (.error.message | test(" is ")))'
  untouched
  # Without it they are fetched, as far as there is one.
  fetch --retry 0 "http://127.1:$ORIGIN_PORT/ok" "http://0:$ORIGIN_PORT/ok" \
    "http://[::ffff:127.0.0.1]:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
}

@test "an address with a zone is none, nor is one with a dot behind it" {
  fetch --block-private --retry 0 "http://[fe80::1%25lo]/" \
    "http://127.0.0.1.:$ORIGIN_PORT/"
  holds '.[0].error.code == "bad_url" and .[1].error.class != null'
  untouched
}

@test "--block-private: names that resolve to such addresses" {
  {
    echo 'four.test 127.0.0.1'
    echo 'six.test ::1'
    echo 'mapped.test ::ffff:127.0.0.1'
    echo 'meta.test 169.254.169.254'
    echo 'two.test 10.0.0.1,192.168.0.1'
  } >"$TABLE"
  for name in four six mapped meta two; do
    echo "http://$name.test:$ORIGIN_PORT/"
    echo "https://$name.test:$ORIGIN_PORT/"
  done >"$LIST"
  echo "http://localhost:$ORIGIN_PORT/" >>"$LIST"
  fetch --block-private "$LIST"
  [ "$status" -eq 1 ]
  holds 'length == 11'
  all_blocked address
  untouched
}

@test "of mixed answers only the others are tried" {
  {
    echo 'first.test 127.0.0.1,127.0.0.2'
    echo 'last.test 127.0.0.2,127.0.0.1'
    echo 'dead.test 127.0.0.3,127.0.0.1'
  } >"$TABLE"
  guarded "http://first.test:$ORIGIN_PORT/ok" "http://last.test:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .remote_ip == "127.0.0.2")'
  # The next address of one that does not answer is not that which is shut.
  guarded --allow-host 127.0.0.3 --retry 0 "http://dead.test:$ORIGIN_PORT/ok"
  holds '.[0].error | .class == "connect" and .code == "refused"'
  untouched
}

@test "rebinding: an address that changes is looked at again" {
  echo 'bind.test 127.0.0.2|127.0.0.1' >"$TABLE"
  guarded -c 1 --dns-ttl 0 --glob "http://bind.test:$ORIGIN_PORT/[1-3]"
  [ "$(wc -l <"$LOG")" -eq 3 ]
  holds '.[0] | .ok and .remote_ip == "127.0.0.2"'
  holds 'all(.[1:][]; .error.class == "blocked" and .error.code == "address")'
  untouched
}

@test "rebinding within the tries and the hops of one request" {
  echo 'bind.test 127.0.0.2|127.0.0.1' >"$TABLE"
  guarded --dns-ttl 0 --retry 2 "http://bind.test:$ORIGIN_PORT/status/503"
  holds '.[0] | .attempts == 2 and .error.class == "blocked" and
    .tries[0].status == 503 and .tries[1].error == "address"'
  : >"$LOG"
  guarded --dns-ttl 0 "http://bind.test:$ORIGIN_PORT/redirect/1"
  holds '.[0] | (.redirects | length) == 1 and .error.class == "blocked"'
  untouched
}

@test "every hop of a redirect is guarded" {
  echo 'in.test 127.0.0.1' >"$TABLE"
  local to
  for to in "http://127.0.0.1:$ORIGIN_PORT/" "http://2130706433:$ORIGIN_PORT/" \
    "//[::ffff:127.0.0.1]:$ORIGIN_PORT/" "http://in.test:$ORIGIN_PORT/" \
    "http://169.254.169.254/latest/meta-data/" \
    "$OPEN/redirect-to?url=http://127.1:$ORIGIN_PORT/"; do
    echo "$OPEN/redirect-to?url=$to"
  done >"$LIST"
  guarded "$LIST"
  [ "$status" -eq 1 ]
  holds 'length == 6'
  all_blocked address
  holds 'all(.[:5][]; .redirects == [{"status": 302, "url": .final_url}]) and
    (.[5].redirects | length) == 2'
  untouched
}

@test "a host that is denied is not looked up, nor connected to" {
  echo '*.test 127.0.0.1' >"$TABLE"
  local -a deny=(--deny-host bad.test --deny-host '*.BAD.test.'
    --deny-host 'a?.test')
  fetch "${deny[@]}" "http://bad.test/" "https://x.y.bad.test:$ORIGIN_PORT/" \
    "http://BAD.test./" "http://a1.test/"
  [ "$status" -eq 1 ]
  holds 'length == 4'
  all_blocked host
  holds 'all(.[]; .error.phase == "queue" and
    (.error.message | contains("--deny-host")))'
  [ ! -s "$LOG" ]
  untouched
  fetch "${deny[@]}" "http://good.test:$ORIGIN_PORT/ok" \
    "http://notbad.test:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
  fetch "${deny[@]}" \
    "http://good.test:$ORIGIN_PORT/redirect-to?url=http://www.bad.test/"
  all_blocked host
}

@test "--deny-host of addresses holds after the lookup" {
  echo 'in.test 127.0.0.1' >"$TABLE"
  fetch --deny-host 127.0.0.1 "$ORIGIN/" "http://in.test:$ORIGIN_PORT/" \
    "http://[::ffff:127.0.0.1]:$ORIGIN_PORT/"
  all_blocked address
  untouched
  fetch --deny-host 127.0.0.1 "$OPEN/ok"
  [ "$status" -eq 0 ]
  fetch --deny-host 127.0.0.0/8 "$OPEN/ok"
  all_blocked address
}

@test "--allow-host exempts by name, address and block" {
  echo '*.test 127.0.0.1' >"$TABLE"
  local -a urls=("http://a.test:$ORIGIN_PORT/ok" "http://b.test:$ORIGIN_PORT/ok")
  fetch --block-private --allow-host a.test "${urls[@]}"
  holds '.[0].ok and .[1].error.class == "blocked"'
  fetch --block-private --allow-host '*.test' "${urls[@]}"
  [ "$status" -eq 0 ]
  fetch --block-private --allow-host 127.0.0.0/30 "${urls[@]}" "$OPEN/ok"
  [ "$status" -eq 0 ]
  fetch --deny-host '*.test' --allow-host b.test "${urls[@]}"
  holds '.[0].error.code == "host" and .[1].ok'
  # A name is not allowed by what redirects to it.
  fetch --block-private --allow-host a.test \
    "http://a.test:$ORIGIN_PORT/redirect-to?url=http://b.test:$ORIGIN_PORT/"
  all_blocked address
}

@test "blocked is not tried again, and may be accepted" {
  fetch --block-private --retry 5 --retry-on 'blocked' "$ORIGIN/"
  holds '.[0].error.class == "blocked"'
  fetch --block-private --retry 5 "$ORIGIN/"
  all_blocked address
  fetch --block-private --accept blocked "$ORIGIN/"
  [ "$status" -eq 0 ]
  untouched
}

@test "a guard of addresses goes with no proxy and no Unix socket" {
  local option
  for option in "-x a.test" "-x socks5h://a.test" "--unix-socket /a" \
    "--proxy-list $LIST"; do
    echo a.test >"$LIST"
    # shellcheck disable=SC2086 # two words
    fetch --block-private $option "$ORIGIN/"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == 'afetch: --block-private'*cannot* ]]
    # shellcheck disable=SC2086
    fetch --deny-host 10.0.0.0/8 $option "$ORIGIN/"
    [ "$status" -eq 2 ]
  done
  http_proxy=a.test fetch --block-private "$ORIGIN/"
  [ "$status" -eq 2 ]
  [[ $stderr == *environment* && $stderr == *"--noproxy '*'"* ]]
  untouched
}

@test "without a proxy after all, the guard does its work" {
  http_proxy=a.test fetch --block-private --noproxy '*' "$ORIGIN/"
  all_blocked address
  http_proxy=a.test no_proxy='*' fetch --block-private "$ORIGIN/"
  all_blocked address
  http_proxy=a.test fetch --block-private -x '' "$ORIGIN/"
  all_blocked address
  untouched
}

@test "a guard of names goes with a proxy, and is asked first" {
  start_proxy
  fetch -x "$PROXY" --deny-host '*.bad.test' "http://www.bad.test/" \
    "http://good.test:$ORIGIN_PORT/ok"
  holds '.[0].error.code == "host" and .[1].ok'
  [ "$(<"$PROXY_LOG")" = "GET http://good.test:$ORIGIN_PORT/ok -" ]
}

@test "a line's own proxy is no way around the guard" {
  start_proxy
  {
    line "$ORIGIN/" "\"proxy\":\"$PROXY\""
    line "http://public.test/" "\"proxy\":\"socks5h://$PROXY\",\"noproxy\":\"\""
  } >"$LIST"
  fetch --block-private "$LIST"
  all_blocked address
  [ ! -s "$PROXY_LOG" ]
  # Nor is one that may be connected to.
  fetch --block-private --allow-host 127.0.0.1 <(tail -n 1 "$LIST")
  all_blocked address
  holds '.[0].error.message | startswith("its proxy ")'
  # Its own list of exceptions is none, either.
  line "$ORIGIN/" '"noproxy":""' >"$LIST"
  http_proxy=$PROXY no_proxy='*' fetch --block-private "$LIST"
  all_blocked address
  [ ! -s "$PROXY_LOG" ]
  untouched
}

@test "a host's own Unix socket is no way around the guard" {
  jq -n --arg socket "$BATS_TEST_TMPDIR/none" \
    '{"*": {unix_socket: $socket}}' >"$BATS_TEST_TMPDIR/hosts.json"
  fetch --block-private --host-config "$BATS_TEST_TMPDIR/hosts.json" \
    http://public.test/
  all_blocked address
  holds '.[0].error.message | startswith("its unix_socket ")'
  untouched
}

@test "a line's own pins are no way around the guard" {
  echo '*.test 127.0.0.2' >"$TABLE"
  echo 'in.example 127.0.0.1' >>"$TABLE"
  local url=http://good.test:$ORIGIN_PORT/ok
  {
    line "$url" '"resolve":"*:*:127.0.0.1"'
    line "$url" '"resolve":"*:*:::1,169.254.169.254"'
    line "$url" '"connect_to":"::127.0.0.1:"'
    line "$url" '"connect_to":"::[::ffff:127.0.0.1]:"'
    line "$url" '"connect_to":"::in.example:"'
    line "$url" '"connect_to":"::other.example:","resolve":"*:*:127.0.0.1"'
  } >"$LIST"
  guarded "$LIST"
  holds 'length == 6'
  all_blocked address
  # What is allowed to the name is allowed to no other address.
  guarded --allow-host good.test "$LIST"
  holds 'length == 6'
  all_blocked address
  untouched
  {
    line "$url" '"resolve":"*:*:127.0.0.1,127.0.0.2"'
    line "$url" '"connect_to":"::127.0.0.2:"'
    line "$url" '"connect_to":"::other.test:"'
  } >"$LIST"
  guarded "$LIST"
  holds 'length == 3 and all(.[]; .ok and .remote_ip == "127.0.0.2")'
}

@test "a name that is denied is no target either" {
  echo '*.test 127.0.0.1' >"$TABLE"
  line "http://good.test/" "\"connect_to\":\"::bad.test:$ORIGIN_PORT\"" >"$LIST"
  fetch --deny-host bad.test "$LIST"
  all_blocked host
  [ ! -s "$LOG" ]
  fetch --deny-host bad.test --connect-to "::bad.test:$ORIGIN_PORT" \
    http://good.test/
  all_blocked host
  start_proxy
  fetch --deny-host bad.test -x "$PROXY" \
    --connect-to "::bad.test:$ORIGIN_PORT" http://good.test/
  all_blocked host
  [ ! -s "$PROXY_LOG" ]
}

@test "the run's own pins are guarded as names are" {
  local url=http://good.test:$ORIGIN_PORT/ok pin="good.test:$ORIGIN_PORT:127.0.0.1"
  fetch --block-private --resolve "$pin" "$url"
  all_blocked address
  fetch --block-private --resolve "$pin" --allow-host good.test "$url"
  [ "$status" -eq 0 ]
  # Connected to elsewhere, it is that which is to be allowed.
  fetch --block-private --connect-to ::127.0.0.1: --allow-host good.test "$url"
  all_blocked address
  fetch --block-private --connect-to ::127.0.0.1: --allow-host 127.0.0.1 "$url"
  [ "$status" -eq 0 ]
  echo 'in.test 127.0.0.1' >"$TABLE"
  fetch --block-private --connect-to ::in.test: --allow-host in.test "$url"
  [ "$status" -eq 0 ]
}

@test "-4 and the guard leave what both let through" {
  echo 'mixed.test ::1,127.0.0.2,127.0.0.1' >"$TABLE"
  guarded -4 "http://mixed.test:$ORIGIN_PORT/ok"
  holds '.[0] | .ok and .remote_ip == "127.0.0.2"'
  guarded -6 "http://mixed.test:$ORIGIN_PORT/ok"
  all_blocked address
}

@test "what is wrong in the lists is wrong usage" {
  local option
  for option in --deny-host=10.0.0.0/33 --allow-host=http://a/ --deny-host= \
    '--deny-host=10.*' --allow-host=a.test:80; do
    fetch "$option" "$ORIGIN/"
    [ "$status" -eq 2 ]
    [[ $stderr == "afetch: ${option%%=*}"* ]]
  done
  untouched
}
