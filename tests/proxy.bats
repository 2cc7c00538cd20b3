#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proxies: which requests go through which one, what it is asked for and by
# whom, and how it may fail. tests/servers/proxy.py is the proxy; every name is
# 127.0.0.1 to it, and none of those here exists elsewhere.
#
# Elsewhere: the order of the settings and the list of exceptions in
# tests/unit/test_proxy.c and test_noproxy.c, the guard in guard.bats.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin
  start_nginx
  export FAR=http://far.test:$ORIGIN_PORT
  export FAR_TLS=https://localhost:${NGINX_TLS##*:}
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  LOG=$BATS_TEST_TMPDIR/log
  : >"$LOG"
}

# Runs afetch, its records sorted by index in $OUT, the names that it looks up
# in $LOG.
fetch() {
  run --separate-stderr env NAMES_LOG="$LOG" LD_PRELOAD="$BUILD/names.so" \
    ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
    "$AFETCH" --retry 0 --cacert "$NGINX_CA" "$@"
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

# URL MEMBERS: a line
line() {
  echo "{\"url\":\"$1\",$2}"
}

# What the proxy was asked for is these lines.
asked() {
  diff <(printf '%s\n' "$@") "$PROXY_LOG"
}

# The error of the one record is CLASS CODE PHASE.
failed_by() {
  holds ".[0].error | [.class, .code, .phase] == [\"$1\", \"$2\", \"$3\"]"
}

@test "an http proxy gets whole URLs of http, and tunnels https" {
  start_proxy
  fetch -x "http://$PROXY" "$FAR/ok" "$FAR_TLS/1"
  [ "$status" -eq 0 ]
  holds 'all(.[]; .ok and .remote_ip == "127.0.0.1" and
    .remote_port == '"${PROXY#*:}"')'
  # The head of the proxy's own answer is none of the server's.
  fetch -x "$PROXY" --headers "$FAR_TLS/1"
  holds '.[0] | .http_version == "2" and (.headers | has("x-proxy") | not)'
  [ "$(sort "$PROXY_LOG")" = "CONNECT ${FAR_TLS#https://} -
CONNECT ${FAR_TLS#https://} -
GET $FAR/ok -" ]
  # The names are the proxy's to look up.
  [ ! -s "$LOG" ]
  : >"$PROXY_LOG"
  fetch -x "$PROXY" "$FAR/ok?"
  [ "$status" -eq 0 ]
  asked "GET $FAR/ok? -"
}

@test "socks5h and socks4a get the name" {
  start_proxy
  fetch -x "socks5h://$PROXY" "$FAR/ok"
  [ "$status" -eq 0 ]
  fetch -x "socks4a://$PROXY" "$FAR/ok"
  [ "$status" -eq 0 ]
  fetch -x "socks5h://$PROXY" "$FAR_TLS/1"
  [ "$status" -eq 0 ]
  asked "SOCKS5 ${FAR#http://} -" "SOCKS4A ${FAR#http://} -" \
    "SOCKS5 ${FAR_TLS#https://} -"
  [ ! -s "$LOG" ]
}

@test "socks5 gets an address" {
  start_proxy
  fetch -4 -x "socks5://$PROXY" "http://localhost:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
  asked "SOCKS5 127.0.0.1:$ORIGIN_PORT -"
}

@test "an https proxy is verified by --cacert, with -k as well" {
  make_certificate "$BATS_TEST_TMPDIR/proxy"
  start_proxy --tls "$BATS_TEST_TMPDIR/proxy.crt" "$BATS_TEST_TMPDIR/proxy.key"
  fetch -x "https://$PROXY" --cacert "$BATS_TEST_TMPDIR/proxy.crt" "$FAR/ok"
  [ "$status" -eq 0 ]
  fetch -x "https://$PROXY" -k "$FAR/ok"
  holds '.[0].error | .class == "tls" and .code == "untrusted"'
  fetch -x "https://$PROXY" --cacert "$BATS_TEST_TMPDIR/proxy.crt" -k "$FAR_TLS/1"
  [ "$status" -eq 0 ]
  asked "GET $FAR/ok -" "CONNECT ${FAR_TLS#https://} -"
}

@test "credentials: in the URL, by --proxy-user, in a line" {
  start_proxy --user 'user:pass word'
  fetch -x "http://user:pass%20word@$PROXY" "$FAR/ok"
  [ "$status" -eq 0 ]
  fetch -x "$PROXY" -U 'user:pass word' "$FAR_TLS/1"
  [ "$status" -eq 0 ]
  line "$FAR/ok" "\"proxy\":\"$PROXY\",\"proxy_user\":\"user:pass word\"" >"$LIST"
  fetch "$LIST"
  [ "$status" -eq 0 ]
  fetch -x "socks5h://$PROXY" --proxy-user 'user:pass word' "$FAR/ok"
  [ "$status" -eq 0 ]
  asked "GET $FAR/ok user:pass word" \
    "CONNECT ${FAR_TLS#https://} user:pass word" \
    "GET $FAR/ok user:pass word" "SOCKS5 ${FAR#http://} user:pass word"
}

@test "User-Agent is said once, in a CONNECT too" {
  start_proxy --agent
  fetch -A me -x "$PROXY" "$FAR_TLS/1"
  fetch -A me -x "$PROXY" "$FAR/ok"
  fetch -A me -H 'User-Agent: it' -x "$PROXY" "$FAR/ok"
  asked "CONNECT ${FAR_TLS#https://} me" "GET $FAR/ok me" "GET $FAR/ok it"
}

@test "the server gets no credentials of the proxy's" {
  start_proxy --user user:secret
  fetch -x "$PROXY" -U user:secret --body inline "$FAR/echo"
  holds '.[0].body | contains("Host") and (contains("roxy-") | not)'
}

@test "the run's credentials are not for a proxy that a line names" {
  start_proxy
  line "$FAR/ok" "\"proxy\":\"$PROXY\"" >"$LIST"
  fetch -x http://127.0.0.1:1 -U user:secret "$LIST"
  asked "GET $FAR/ok -"
}

@test "credentials are shown by no record, nor by messages" {
  start_proxy --answer 502
  line "$FAR/ok" \
    "\"proxy\":\"http://user:hunter2@$PROXY\",\"proxy_user\":\"u:hunter2\"" >"$LIST"
  fetch -v --fields +request "$LIST"
  holds '.[0].request | .proxy == "***" and .proxy_user == "***"'
  [[ $output$stderr != *hunter2* ]]
  [[ $output$stderr != *"$(printf user:hunter2 | base64)"* ]]
  http_proxy=http://user:hunter2@127.0.0.1:1 https_proxy="hunter2:hunter2@[::1]:1" \
    fetch -v "$FAR/ok" "$FAR_TLS/1"
  [[ $output$stderr != *hunter2* ]]
  [[ $stderr == *http_proxy=*127.0.0.1:1* ]]
  fetch -x 'http://user:hunter2@ho st' "$FAR/ok"
  [ "$status" -eq 2 ]
  [[ $stderr == 'afetch: --proxy: '* && $stderr != *hunter2* ]]
}

@test "a proxy that demands credentials is asked once" {
  start_proxy --user user:secret
  fetch --retry 2 --retry-delay 1ms -x "$PROXY" "$FAR/ok"
  holds '.[0] | .status == 407 and .error.class == "http" and .attempts == 1'
  fetch --retry 2 --retry-delay 1ms -x "$PROXY" "$FAR_TLS/1"
  failed_by connect proxy connect
  holds '.[0] | .status == null and .attempts == 1 and
    (.error.message | contains("407"))'
  fetch --retry 2 --retry-delay 1ms -x "socks5h://user:wrong@$PROXY" "$FAR/ok"
  failed_by connect proxy connect
}

@test "a proxy that refuses is tried again" {
  start_proxy --answer 502
  fetch --retry 1 --retry-delay 1ms -x "$PROXY" "$FAR_TLS/1"
  failed_by connect proxy connect
  holds '.[0] | .status == null and .attempts == 2'
  fetch --retry 1 --retry-delay 1ms -x "$PROXY" "$FAR/ok"
  holds '.[0] | .status == 502 and .attempts == 2'
  fetch -x "socks5h://$PROXY" "$FAR/ok"
  failed_by connect proxy connect
}

@test "a proxy that is dead, or does not exist" {
  fetch --retry 1 --retry-delay 1ms -x "127.0.0.1:$(free_port)" "$FAR/ok"
  failed_by connect refused connect
  holds '.[0].attempts == 2'
  NAMES_TABLE=$BATS_TEST_TMPDIR/table
  echo 'proxy.test none' >"$NAMES_TABLE"
  export NAMES_TABLE
  fetch -x http://proxy.test:3128 "$FAR/ok"
  failed_by dns not_found dns
  [ "$(grep -cx far.test "$LOG")" -eq 0 ]
}

@test "a proxy that hangs ends at the time limits" {
  start_proxy --hang
  fetch -x "$PROXY" --max-time 300ms "$FAR/ok"
  failed_by timeout max_time wait
  fetch -x "$PROXY" --max-time 300ms "$FAR_TLS/1"
  failed_by timeout max_time connect
  fetch -x "$PROXY" --connect-timeout 300ms "$FAR_TLS/1"
  failed_by timeout connect_time connect
  fetch -x "socks5h://$PROXY" --connect-timeout 300ms "$FAR/ok"
  failed_by timeout connect_time connect
}

@test "--noproxy names hosts to reach without a proxy" {
  local url=http://localhost:$ORIGIN_PORT/ok
  start_proxy
  fetch -x "$PROXY" --noproxy other.test,localhost "$url"
  holds '.[0].remote_port == '"$ORIGIN_PORT"
  fetch -x "$PROXY" --noproxy '*' "$url"
  holds '.[0].remote_port == '"$ORIGIN_PORT"
  fetch -x "$PROXY" --noproxy 127.0.0.0/8 "$ORIGIN/ok"
  holds '.[0].remote_port == '"$ORIGIN_PORT"
  [ ! -s "$PROXY_LOG" ]
  fetch -x "$PROXY" --noproxy other.test "$url"
  asked "GET $url -"
}

@test "proxy and noproxy of a line stand instead of the run's" {
  local url=http://localhost:$ORIGIN_PORT/ok
  start_proxy --answer 502
  local other=$PROXY
  start_proxy
  {
    line "$url?0" '"noproxy":"localhost"'
    line "$url?1" "\"proxy\":\"$PROXY\""
    line "$url?2" '"proxy":""'
    line "$url?3" "\"proxy\":\"$PROXY\",\"noproxy\":\"*\""
    line "$url?4" "\"proxy\":\"foo://$PROXY\""
    echo "$url?5"
  } >"$LIST"
  fetch -x "$other" "$LIST"
  holds 'map(.remote_port) == ['"$ORIGIN_PORT, ${PROXY#*:}, $ORIGIN_PORT,
    $ORIGIN_PORT, null, ${other#*:}"']'
  holds '.[4].error.code == "bad_value" and .[5].status == 502'
  asked "GET $url?1 -"
  # An empty list of its own makes no exceptions.
  line "$url?6" '"noproxy":""' >"$LIST"
  fetch -x "$PROXY" --noproxy localhost "$LIST"
  asked "GET $url?1 -" "GET $url?6 -"
}

@test "the environment gives proxies by scheme" {
  start_proxy
  http_proxy=$PROXY fetch "$FAR/1"
  https_proxy=$PROXY fetch "$FAR_TLS/2"
  HTTPS_PROXY=http://$PROXY fetch "$FAR_TLS/3"
  ALL_PROXY=socks5h://$PROXY fetch "$FAR/4"
  asked "GET $FAR/1 -" "CONNECT ${FAR_TLS#https://} -" \
    "CONNECT ${FAR_TLS#https://} -" "SOCKS5 ${FAR#http://} -"
  # A web server sets this one from a request's field.
  HTTP_PROXY=$PROXY fetch "$FAR/5"
  holds '.[0].error.code == "not_found"'
  # -x goes before it, "" is none, and no_proxy has exceptions.
  http_proxy=127.0.0.1:1 fetch -x "$PROXY" "$FAR/6"
  [ "$status" -eq 0 ]
  http_proxy=127.0.0.1:1 fetch -x '' "$ORIGIN/7"
  [ "$status" -eq 0 ]
  http_proxy=127.0.0.1:1 no_proxy=127.0.0.1 fetch "$ORIGIN/8"
  [ "$status" -eq 0 ]
  http_proxy=127.0.0.1:1 NO_PROXY='*' fetch "$ORIGIN/9"
  [ "$status" -eq 0 ]
  asked "GET $FAR/1 -" "CONNECT ${FAR_TLS#https://} -" \
    "CONNECT ${FAR_TLS#https://} -" "SOCKS5 ${FAR#http://} -" "GET $FAR/6 -"
}

@test "-v shows the proxies of the environment, where they count" {
  local said='afetch: from the environment: '
  start_proxy
  http_proxy=http://user:secret@$PROXY no_proxy=a.test fetch -v "$FAR/ok"
  [[ $stderr == *"${said}http_proxy=http://"*"@$PROXY"* ||
    $stderr == *"${said}http_proxy=http://$PROXY"* ]]
  [[ $stderr != *secret* && $output != *secret* ]]
  [[ $stderr == *"${said}no_proxy=a.test"* ]]
  http_proxy=127.0.0.1:1 fetch -v -x "$PROXY" "$FAR/ok"
  [[ $stderr != *"$said"* ]]
  http_proxy=$PROXY fetch "$FAR/ok"
  [[ $stderr != *"$said"* ]]
  http_proxy=foo://a fetch "$FAR/ok"
  [ "$status" -eq 2 ]
  [[ $stderr == *'environment variable http_proxy'* ]]
}

@test "--proxy-list takes proxies in turn, one for each attempt" {
  local -a logs=()
  local list=$BATS_TEST_TMPDIR/proxies
  {
    start_proxy --answer 502
    logs+=("$PROXY_LOG")
    echo "# in turn"
    echo "http://$PROXY"
    start_proxy --answer 502
    logs+=("$PROXY_LOG")
    echo
    printf ' %s \r\n' "$PROXY"
    start_proxy
    logs+=("$PROXY_LOG")
    echo "socks5h://$PROXY"
  } >"$list"
  fetch --proxy-list "$list" --retry 2 --retry-delay 1ms -c 1 --glob "$FAR/[0-2]"
  [ "$status" -eq 0 ]
  holds 'map(.attempts) == [3, 2, 1]'
  [ "$(<"${logs[0]}")" = "GET $FAR/0 -" ]
  [ "$(sort "${logs[1]}")" = "GET $FAR/0 -
GET $FAR/1 -" ]
  [ "$(grep -c "^SOCKS5 ${FAR#http://}" "${logs[2]}")" -ge 1 ]
}

@test "a --proxy-list that cannot be used is wrong usage" {
  local list=$BATS_TEST_TMPDIR/proxies
  fetch --proxy-list "$list" "$FAR/"
  [ "$status" -eq 2 ]
  [[ $stderr == 'afetch: --proxy-list: '*"$list"* ]]
  echo '# none' >"$list"
  fetch --proxy-list "$list" "$FAR/"
  [ "$status" -eq 2 ]
  [[ $stderr == *'holds no proxy' ]]
  printf '%s\n' a.test foo://user:secret@a >"$list"
  fetch --proxy-list "$list" "$FAR/"
  [ "$status" -eq 2 ]
  [[ $stderr == *'proxy 2 of --proxy-list'* && $stderr != *secret* ]]
  echo a.test >"$list"
  fetch --proxy-list "$list" -x b.test "$FAR/"
  [ "$status" -eq 2 ]
}

@test "wrong usage leaves the output as it was" {
  echo '{}' >"$BATS_TEST_TMPDIR/kept"
  fetch --proxy-list "$BATS_TEST_TMPDIR/none" -o "$BATS_TEST_TMPDIR/kept" \
    --force "$FAR/"
  [ "$status" -eq 2 ]
  [ "$(<"$BATS_TEST_TMPDIR/kept")" = '{}' ]
}

@test "redirects go through the proxy, too" {
  start_proxy
  fetch -x "$PROXY" "$FAR/redirect-to?url=http://other.test:$ORIGIN_PORT/ok"
  [ "$status" -eq 0 ]
  asked "GET $FAR/redirect-to?url=http://other.test:$ORIGIN_PORT/ok -" \
    "GET http://other.test:$ORIGIN_PORT/ok -"
}

@test "--connect-to through a proxy is where it is to connect to" {
  start_proxy
  fetch -x "$PROXY" --connect-to "far.test::other.test:" "$FAR/ok"
  [ "$status" -eq 0 ]
  fetch -x "socks5h://$PROXY" --connect-to "::[::1]:" "$FAR/ok"
  # What --resolve says is for those who look names up.
  fetch -x "$PROXY" --resolve "far.test:$ORIGIN_PORT:127.0.0.9" "$FAR/ok"
  [ "$status" -eq 0 ]
  asked "CONNECT other.test:$ORIGIN_PORT -" "SOCKS5 ::1:$ORIGIN_PORT -" \
    "GET $FAR/ok -"
}

@test "many requests share the connections to the proxy" {
  start_proxy
  fetch -x "$PROXY" -c 8 --glob "$FAR_TLS/[1-200]"
  [ "$status" -eq 0 ]
  [ "$(wc -l <"$PROXY_LOG")" -le 8 ]
}
