#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How servers are reached, each option on the command line and as a key of a
# line: versions of HTTP, families, the own address, Unix sockets, names that
# are pinned or connected to elsewhere, and how fast bytes may come.
#
# Elsewhere: proxies in proxy.bats, what may not be reached in guard.bats,
# --dns-ttl in names.bats, --speed-limit in time.bats.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin
  export SOCKET=$BATS_FILE_TMPDIR/socket
  PRIOR=$(free_port)
  SIX=$(free_port)
  export PRIOR SIX
  start_nginx "
    listen [::1]:$SIX;
    listen 127.0.0.1:$SIX;
    listen unix:$SOCKET;
    location /who { return 200 \"\$remote_addr \$server_addr \$host\\n\"; }
  } server {
    listen 127.0.0.1:$PRIOR http2;
    location / { return 200; }"
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  TABLE=$BATS_TEST_TMPDIR/table
  LOG=$BATS_TEST_TMPDIR/log
  : >"$TABLE"
  : >"$LOG"
}

# Runs afetch with the names of $TABLE, its records sorted by index in $OUT.
fetch() {
  run --separate-stderr env NAMES_TABLE="$TABLE" NAMES_LOG="$LOG" \
    LD_PRELOAD="$BUILD/names.so" \
    ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
    "$AFETCH" --retry 0 --body inline "$@"
  jq -cs 'sort_by(.index)[]' <<<"$output" >"$OUT"
}

holds() {
  jq -se "$1" "$OUT" >/dev/null || {
    echo "not so: $1"
    head -n 20 "$OUT"
    echo "$stderr"
    return 1
  }
}

# WANTED URL [OPTION...]: the HTTP version of a good answer
expect_version() {
  local wanted=$1 url=$2
  shift 2
  fetch --cacert "$NGINX_CA" "$@" "$url"
  holds ".[0] | .ok and .http_version == \"$wanted\""
}

# URL MEMBERS: a line
line() {
  echo "{\"url\":\"$1\",$2}"
}

lookups() {
  wc -l <"$LOG"
}

start_nghttpx() {
  local -a with_parent=()
  command -v setpriv >/dev/null && with_parent=(setpriv --pdeathsig TERM)
  UPGRADING=$(free_port)
  start_server "${with_parent[@]}" nghttpx --single-process --conf=/dev/null \
    --frontend="127.0.0.1,$UPGRADING;no-tls" \
    --backend="127.0.0.1,$ORIGIN_PORT" --no-ocsp
  wait_for 10 curl -s -o "$BATS_TEST_TMPDIR/ready" \
    "http://127.0.0.1:$UPGRADING/ok"
}

# Newer ones of nghttpx refuse a body that asks for an upgrade.
need_upgrades() { # [CURL-OPTION...]
  local version
  version=$(curl -s --http2 -o /dev/null -w '%{http_version}' "$@" \
    "http://127.0.0.1:$UPGRADING/echo")
  [ "$version" = 2 ] || skip "this nghttpx does not go over to HTTP/2"
}

@test "--http1.1 speaks nothing newer" {
  expect_version 2 "$NGINX_TLS/1"
  expect_version 1.1 "$NGINX_TLS/1" --http1.1
  line "$NGINX_TLS/1" '"http1.1":true' >"$LIST"
  expect_version 1.1 "$LIST"
  # Also where a connection of the other kind is there already.
  line "$NGINX_TLS/2" '"http1.1":false' >>"$LIST"
  line "$NGINX_TLS/3" '"http1.1":true' >>"$LIST"
  sed -i 1d "$LIST"
  fetch --cacert "$NGINX_CA" -c 1 "$LIST"
  holds 'map(.http_version) == ["2", "1.1"]'
}

@test "--http2 asks for it on plain http, and takes what it gets" {
  expect_version 1.1 "$NGINX/1" --http2
  expect_version 2 "$NGINX_TLS/1" --http2
  start_nghttpx
  expect_version 1.1 "http://127.0.0.1:$UPGRADING/ok"
  need_upgrades
  expect_version 2 "http://127.0.0.1:$UPGRADING/ok" --http2
  line "http://127.0.0.1:$UPGRADING/ok" '"http2":true' >"$LIST"
  expect_version 2 "$LIST"
}

@test "--http2: bodies, statuses, and streams of one connection" {
  start_nghttpx
  need_upgrades -d x
  for n in {1..20}; do
    line "http://127.0.0.1:$UPGRADING/echo" "\"body\":\"number $n\""
  done >"$LIST"
  echo "http://127.0.0.1:$UPGRADING/status/404" >>"$LIST"
  fetch --http2 -c 4 "$LIST"
  holds 'length == 21 and all(.[]; .http_version == "2") and
    [.[:20][].body | fromjson.body] == [range(1; 21) | "number \(.)"] and
    .[20].status == 404'
}

@test "101 is for those who asked for it" {
  start_server "$PYTHON" -c "if True:
    import socket
    server = socket.create_server(('127.0.0.1', 0))
    open('$BATS_TEST_TMPDIR/port', 'w').write(f'{server.getsockname()[1]}\n')
    while True:
        peer = server.accept()[0]
        peer.recv(65536)
        peer.sendall(b'HTTP/1.1 101 Switching Protocols\r\n'
                     b'Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
        peer.close()"
  wait_for 10 grep -q . "$BATS_TEST_TMPDIR/port"
  fetch "http://127.0.0.1:$(<"$BATS_TEST_TMPDIR/port")/"
  holds '.[0].error | .class == "protocol" and .code == "unexpected_status"'
  # The promise of HTTP/2 that is not kept is an error, too.
  fetch --http2 "http://127.0.0.1:$(<"$BATS_TEST_TMPDIR/port")/"
  [ "$status" -eq 1 ]
  holds '.[0] | .ok == false and .error != null'
}

@test "--http2-prior-knowledge needs no asking" {
  # nginx speaks there HTTP/2 alone, or (since 1.25) what it is spoken to.
  fetch "http://127.0.0.1:$PRIOR/"
  holds '.[0] | if .ok then .http_version == "1.1" else .error.class == "protocol" end'
  expect_version 2 "http://127.0.0.1:$PRIOR/" --http2-prior-knowledge
  line "http://127.0.0.1:$PRIOR/" '"http2_prior_knowledge":true' >"$LIST"
  expect_version 2 "$LIST"
  fetch --http2-prior-knowledge "$ORIGIN/ok"
  holds '.[0] | .ok == false and .error.class == "protocol"'
}

@test "-4 and -6 leave the addresses of one family" {
  echo 'both.test ::1,127.0.0.1' >"$TABLE"
  local url=http://both.test:$SIX/who
  fetch "$url"
  holds '.[0].remote_ip == "::1"'
  fetch -4 "$url"
  holds '.[0] | .remote_ip == "127.0.0.1" and .attempts == 1'
  fetch --ipv6 -4 --ipv6 "$url"
  holds '.[0].remote_ip == "::1"'
  {
    line "$url" '"ipv4":true'
    line "$url" '"ipv6":true'
  } >"$LIST"
  fetch -c 1 "$LIST"
  holds 'map(.remote_ip) == ["127.0.0.1", "::1"]'
}

@test "a host without an address of the family is not found" {
  echo 'four.test 127.0.0.1' >"$TABLE"
  fetch -6 --retry 2 "http://four.test:$SIX/" "http://127.0.0.1:$SIX/" \
    "http://[::1]:$SIX/who"
  [ "$status" -eq 1 ]
  holds 'all(.[:2][]; .attempts == 1 and .error.code == "not_found" and
    (.error.message | startswith("no IPv6 address: ")))'
  holds '.[2].ok'
  fetch -4 --resolve "x.test:$SIX:::1" "http://[::1]:$SIX/" \
    "http://x.test:$SIX/"
  holds 'all(.[]; .error.code == "not_found" and
    (.error.message | startswith("no IPv4 address: ")))'
}

@test "--interface is where requests come from" {
  fetch "$NGINX/who"
  holds '.[0].body | startswith("127.0.0.1 ")'
  fetch --interface 127.0.0.5 "$NGINX/who"
  holds '.[0].body | startswith("127.0.0.5 ")'
  line "$NGINX/who" '"interface":"host!127.0.0.6"' >"$LIST"
  fetch "$LIST"
  holds '.[0].body | startswith("127.0.0.6 ")'
}

@test "--interface may be a name, but none that would be looked up" {
  fetch --interface lo "$NGINX/who"
  [ "$status" -eq 0 ] || [[ $(ip link 2>/dev/null) != *lo:* ]]
  fetch --interface localhost "$NGINX/who"
  [ "$status" -eq 2 ]
  [[ $stderr == 'afetch: --interface: "localhost" is neither '* ]]
  line "$NGINX/who" '"interface":"localhost"' >"$LIST"
  fetch "$LIST"
  holds '.[0].error | .class == "input" and .code == "bad_value"'
}

@test "--unix-socket takes the place of the host" {
  fetch --unix-socket "$SOCKET" "http://far.test/who" "http://127.0.0.1:1/who"
  [ "$status" -eq 0 ]
  holds '.[0] | .body == "unix: unix:'"$SOCKET"' far.test\n" and
    (has("remote_ip") or has("remote_port") | not)'
  holds '.[1].body | endswith(" 127.0.0.1\n")'
  [ "$(lookups)" -eq 0 ]
  # Redirects go the same way.
  fetch --unix-socket "$BATS_TEST_TMPDIR/none" "http://far.test/"
  holds '.[0].error | .class == "connect" and .code == "connect_failed"'
}

@test "a line names no socket and no file of this machine" {
  local key
  for key in unix_socket cacert capath cert pass; do
    line "$NGINX/who" "\"$key\":\"$SOCKET\""
  done >"$LIST"
  fetch "$LIST"
  [ "$status" -eq 1 ]
  holds 'length == 5 and all(.[]; .attempts == 0 and
    .error.class == "input" and .error.code == "unknown_key" and
    (.error.message | endswith(" is for the command line only")))'
  # "key" is a column of many lists, and of records.
  line "$NGINX/who" '"key":"A-1"' >"$LIST"
  fetch "$LIST"
  [ "$status" -eq 0 ]
}

@test "--resolve gives a name its address, without a lookup" {
  fetch --resolve "far.test:$ORIGIN_PORT:127.0.0.1" \
    "http://far.test:$ORIGIN_PORT/echo"
  [ "$status" -eq 0 ]
  holds '.[0] | .remote_ip == "127.0.0.1" and (.body | fromjson.headers |
    any(.[]; . == ["Host", "far.test:'"$ORIGIN_PORT"'"]))'
  [ "$(lookups)" -eq 0 ]
  fetch --resolve "*:$ORIGIN_PORT:127.0.0.1" "http://a.test:$ORIGIN_PORT/ok" \
    "http://b.test:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
  [ "$(lookups)" -eq 0 ]
  # Another port is looked up.
  echo 'far.test none' >"$TABLE"
  fetch --resolve "far.test:1:127.0.0.1" "http://far.test:$ORIGIN_PORT/"
  holds '.[0].error.code == "not_found"'
}

@test "--resolve: an address that refuses is followed by the next" {
  start_origin --address 127.0.0.2
  fetch --resolve "far.test:$ORIGIN_PORT:127.0.0.1,127.0.0.2" \
    "http://far.test:$ORIGIN_PORT/ok"
  holds '.[0] | .ok and .attempts == 1 and .remote_ip == "127.0.0.2"'
}

@test "resolve of a line stands instead of the run's, for that line" {
  start_origin --address 127.0.0.2
  local url=http://far.test:$ORIGIN_PORT/ok
  {
    line "$url" "\"resolve\":[\"far.test:$ORIGIN_PORT:127.0.0.2\"]"
    echo "$url"
    line "$url" "\"resolve\":\"*:*:127.0.0.2\""
    line "$url" '"resolve":"far.test"'
  } >"$LIST"
  fetch -c 1 --resolve "far.test:$ORIGIN_PORT:127.0.0.1" "$LIST"
  holds '.[0].remote_ip == "127.0.0.2" and .[1].error.code == "refused" and
    .[2].remote_ip == "127.0.0.2" and .[3].error.code == "bad_value"'
  [ "$(lookups)" -eq 0 ]
}

@test "--connect-to: another port, another address, another name" {
  echo 'to.test 127.0.0.1' >"$TABLE"
  local port=$ORIGIN_PORT
  fetch --connect-to "a.test:80::$port" --connect-to "a.test::to.test:" \
    --connect-to "::127.0.0.1:$port" --resolve "a.test:$port:127.0.0.1" \
    "http://a.test/echo" "http://a.test:$port/echo" "http://b.test/echo"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .remote_ip == "127.0.0.1" and .remote_port == '"$port"')'
  holds '[.[].body | fromjson.headers | map(select(.[0] == "Host"))[0][1]] ==
    ["a.test", "a.test:'"$port"'", "b.test"]'
  # What is connected to is looked up, nothing else is.
  [ "$(<"$LOG")" = to.test ]
}

@test "--connect-to: the name of the URL is the certificate's" {
  local port=${NGINX_TLS##*:}
  fetch --cacert "$NGINX_CA" --connect-to "localhost:443:127.0.0.1:$port" \
    --connect-to "other.test:443:127.0.0.1:$port" \
    "https://localhost/" "https://other.test/"
  holds '.[0].ok and .[1].error.code == "wrong_host"'
}

@test "lines of one host connect to different targets at the same time" {
  local port=$ORIGIN_PORT n
  start_origin --address 127.0.0.2 --port "$port"
  {
    echo '*.one.test 0.2~127.0.0.1'
    echo '*.two.test 0.1~127.0.0.2'
    echo 'gone.test 0.1~none'
  } >"$TABLE"
  for n in {1..10}; do
    line http://far.test/ok "\"connect_to\":\"::n$n.one.test:$port\""
    line http://far.test/ok "\"connect_to\":\"::n$n.two.test:$port\""
    line http://far.test/ok "\"connect_to\":\"::127.0.0.2:$port\""
    line http://far.test/ok "\"connect_to\":\"::gone.test:$port\""
  done >"$LIST"
  fetch "$LIST"
  holds 'length == 40 and all(.[];
    if .index % 4 == 0 then .remote_ip == "127.0.0.1" and .ok
    elif .index % 4 < 3 then .remote_ip == "127.0.0.2" and .ok
    else .error.code == "not_found" and
      (.error.message | endswith(": gone.test")) end)'
  [ "$(grep -c -e '[.]one[.]test$' -e '[.]two[.]test$' "$LOG")" -eq 20 ]
  [ "$(grep -cx far.test "$LOG")" -eq 0 ]
}

@test "--connect-to: a target's next address is tried" {
  echo 'to.test ::1,127.0.0.1' >"$TABLE"
  fetch --connect-to "::to.test:$ORIGIN_PORT" http://far.test/ok
  holds '.[0] | .ok and .attempts == 1 and .remote_ip == "127.0.0.1"'
}

@test "a redirect goes where the pins send it" {
  fetch --resolve "*:$ORIGIN_PORT:127.0.0.1" \
    --connect-to "b.test:80::$ORIGIN_PORT" \
    "http://a.test:$ORIGIN_PORT/redirect-to?url=http://b.test/ok"
  holds '.[0] | .ok and .final_url == "http://b.test/ok"'
  [ "$(lookups)" -eq 0 ]
}

@test "--limit-rate holds a transfer back" {
  # A second's worth may come at once.
  local url=$ORIGIN/bytes/307200
  fetch --body none --limit-rate 100k --max-time 60 "$url"
  holds '.[0] | .ok and .size == 307200 and .time.total >= 1'
  fetch --body none "$url"
  holds '.[0] | .ok and .time.total < 1'
  line "$url" '"limit_rate":"100k"' >"$LIST"
  fetch --body none --max-time 60 "$LIST"
  holds '.[0] | .ok and .time.total >= 1'
}

@test "--limit-rate holds what is sent back" {
  jq -nc --arg url "$ORIGIN/ok" '{$url, body: ("x" * 307200)}' >"$LIST"
  fetch --body none --limit-rate 100k --max-time 60 "$LIST"
  holds '.[0] | .ok and .time.total >= 1'
}

@test "speed_limit and speed_time of a line" {
  {
    line "$ORIGIN/drip?bytes=16&every=0.2" '"speed_limit":500,"speed_time":1'
    line "$ORIGIN/drip?bytes=16&every=0.2" '"speed_limit":1'
  } >"$LIST"
  fetch -m 0 "$LIST"
  holds '.[0].error.code == "slow" and .[1].ok'
}

@test "what cannot be read is wrong usage, before anything is fetched" {
  local option
  for option in --resolve=a.test --connect-to=a.test --proxy=foo://a \
    --interface=no.such --dns-ttl=x --limit-rate=x --deny-host=10.0.0.0/40 \
    --pinnedpubkey=sha256//x --pinnedpubkey=/nowhere/file --cert=/nowhere/file \
    --key=/nowhere/file --tls-max=1.1; do
    run --separate-stderr -2 "$AFETCH" "$option" "$ORIGIN/counted"
    [ -z "$output" ]
    [[ $stderr == "afetch: ${option%%=*}: "* ]] || {
      echo "$stderr"
      return 1
    }
  done
}
