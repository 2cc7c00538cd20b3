#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# HTTP/3: what is spoken when it works, what instead when it does not. All but
# the first test need a libcurl that has it and an nginx that does (1.25 or
# newer, built with it); elsewhere they are skipped.

# shellcheck disable=SC2030,SC2031,SC2154 # a shell for each test; $server
load helper

setup_file() {
  has_http3 && nginx_has_http3 || return 0
  start_origin
  # One QUIC connection is one port of ours; $connection is a stream there.
  NGINX_QUIC=1 start_nginx "location /origin/ {
      client_max_body_size 0;
      proxy_buffering off;
      proxy_pass http://127.0.0.1:$ORIGIN_PORT/;
    }
    location /port/ { return 200 \"\$server_protocol \$remote_port\"; }"
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

has_http3() {
  "$AFETCH" --version | grep -q +HTTP/3
}

nginx_has_http3() {
  nginx -V 2>&1 | grep -q http_v3_module
}

need_http3() {
  has_http3 || skip "this libcurl has no HTTP/3"
  nginx_has_http3 || skip "this nginx has no HTTP/3"
}

fetch() {
  status=0
  "$AFETCH" --http3 --cacert "$NGINX_CA" --retry 0 "$@" >out 2>err </dev/null ||
    status=$?
}

# Each record as its HTTP version and status, or as its error.
told() {
  jq -r 'if .error then "\(.error.class) \(.error.code)"
    else "\(.http_version) \(.status)" end' out
}

says() {
  diff <(printf '%s\n' "$@") <(told)
}

@test "a libcurl without it says so, for the option and for the line" {
  ! has_http3 || skip "this libcurl has HTTP/3"
  NGINX_CA=/dev/null fetch https://127.0.0.1/
  [ "$status" -eq 2 ]
  grep -q -e '--http3: this libcurl (.*) has no HTTP/3' err
  [ ! -s out ]
  echo '{"url":"https://127.0.0.1/","http3":true}' | "$AFETCH" >out || true
  says 'input bad_value'
  jq -e '.error.message == "http3: this libcurl has no HTTP/3"' out
}

@test "an answer over HTTP/3" {
  need_http3
  fetch --body inline "$NGINX_TLS/port/"
  [ "$status" -eq 0 ]
  says '3 200'
  jq -e '(.body | startswith("HTTP/3.0 ")) and .remote_ip == "127.0.0.1" and
    .time.connect > 0' out
  echo "{\"url\":\"$NGINX_TLS/\",\"http3\":true}" |
    "$AFETCH" --cacert "$NGINX_CA" >out
  says '3 200'
}

@test "without the option, and for plain http, it is not tried" {
  need_http3
  printf '%s\n' "$NGINX_TLS/" "{\"url\":\"$NGINX/\",\"http3\":true}" |
    "$AFETCH" -c 1 --cacert "$NGINX_CA" >out
  says '2 200' '1.1 200'
}

@test "many requests share a connection" {
  need_http3
  fetch -c 50 --host-concurrency 0 --body inline \
    --glob "$NGINX_TLS/port/[1-1000]"
  [ "$status" -eq 0 ]
  jq -es 'length == 1000 and all(.http_version == "3" and .status == 200) and
    (map(.body) | unique | length) <= 2' out >/dev/null
}

@test "a body goes out, a large one comes in, HEAD has none" {
  need_http3
  head -c 3000000 /dev/zero | tr '\0' x >big
  fetch --data-binary @big "$NGINX_TLS/origin/echo"
  says '3 200'
  printf '%s\n' \
    "{\"url\":\"$NGINX_TLS/origin/echo\",\"method\":\"POST\",\"body\":\"é\"}" \
    "{\"url\":\"$NGINX_TLS/origin/bytes/30000000\",\"method\":\"HEAD\"}" >list
  fetch -c 1 --body inline list
  says '3 200' '3 200'
  jq -es '(.[0].body | fromjson | .method == "POST" and .body == "é") and
    .[1].size == 0' out
  fetch --hash sha256 "$NGINX_TLS/origin/bytes/30000000"
  says '3 200'
  [ "$(jq -r .sha256 out)" = "$(curl -s "$ORIGIN/bytes/30000000" |
    sha256sum | cut -d ' ' -f 1)" ]
}

@test "redirects, names of our own, statuses" {
  need_http3
  fetch "$NGINX_TLS/origin/redirect-to?url=$NGINX_TLS/port/"
  says '3 200'
  fetch --resolve "localhost:${NGINX_TLS##*:}:127.0.0.1" \
    "https://localhost:${NGINX_TLS##*:}/"
  says '3 200'
  fetch --connect-to "::${NGINX_TLS#https://}" https://localhost:1/
  says '3 200'
  fetch "$NGINX_TLS/origin/status/404"
  says 'http status'
  jq -e '.http_version == "3" and .status == 404' out
}

@test "a certificate that does not do" {
  need_http3
  "$AFETCH" --http3 --retry 0 "$NGINX_TLS/" >out || true
  says 'tls untrusted'
  "$AFETCH" --http3 -k "$NGINX_TLS/" >out
  says '3 200'
  fetch --resolve "wrong.test:${NGINX_TLS##*:}:127.0.0.1" \
    "https://wrong.test:${NGINX_TLS##*:}/"
  says 'tls wrong_host'
  fetch --pinnedpubkey "sha256//$(head -c 32 /dev/zero | base64)" "$NGINX_TLS/"
  says 'tls pin'
}

@test "time limits, and a body that is too large or ends early" {
  need_http3
  fetch -m 500ms "$NGINX_TLS/origin/hang"
  says 'timeout max_time'
  jq -e '.error.phase == "wait"' out
  fetch -m 500ms "$NGINX_TLS/origin/hang-body"
  says 'timeout max_time'
  jq -e '.error.phase == "body" and .http_version == "3"' out
  fetch --max-body 1000 "$NGINX_TLS/origin/bytes/1000000"
  says 'too_large max_body'
  fetch "$NGINX_TLS/origin/truncate"
  # A reset may overtake what came before it.
  jq -e '.error | .retryable and (.class == "truncated" or .code == "http3")' \
    out
}

@test "the guard keeps it from private addresses" {
  need_http3
  fetch --block-private "$NGINX_TLS/"
  says 'blocked address'
  fetch --block-private --resolve "a.test:${NGINX_TLS##*:}:127.0.0.1" \
    "https://a.test:${NGINX_TLS##*:}/"
  says 'blocked address'
}

@test "through a proxy, and with TLS of less than 1.3, it is HTTP/2" {
  need_http3
  start_proxy
  fetch --proxy "http://$PROXY" "$NGINX_TLS/"
  says '2 200'
  fetch --proxy "socks5h://$PROXY" "$NGINX_TLS/"
  says '2 200'
  fetch --tls-max 1.2 "$NGINX_TLS/"
  says '2 200'
}

@test "where UDP is refused or unanswered, HTTP/2 it is" {
  need_http3
  start_nginx
  fetch "$NGINX_TLS/"
  says '2 200'
  start_server "$PYTHON" -c "import signal, socket
hole = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
hole.bind(('127.0.0.1', ${NGINX_TLS##*:}))
open('hole', 'w').close()
signal.pause()"
  wait_for 10 test -e hole
  fetch "$NGINX_TLS/"
  says '2 200'
}

@test "nobody there is a refused connection" {
  need_http3
  fetch "https://127.0.0.1:$(free_port)/"
  says 'connect refused'
  jq -e '.error.phase == "connect"' out
}

@test "a server that is gone and back: the retry leaves the dead connection" {
  need_http3
  NGINX_QUIC=1 start_nginx
  local dir=${NGINX_LOG%/*}
  mkfifo list
  "$AFETCH" --http3 --cacert "$NGINX_CA" --retry 1 --retry-delay 0 -m 3s \
    list >out 3>&- &
  local pid=$!
  exec 7>list
  echo "$NGINX_TLS/1" >&7
  wait_for 10 test -s out
  says '3 200'
  kill -9 "$NGINX_PID"
  wait_for 10 ended "$NGINX_PID"
  # It takes a variable of its own name for a list of sockets.
  start_server env -u NGINX nginx -p "$dir" -e "$dir/error.log" \
    -c "$dir/nginx.conf" 7>&-
  NGINX_PID=$server
  wait_for 10 nginx_settled
  echo "$NGINX_TLS/2" >&7
  exec 7>&-
  wait "$pid"
  jq -es 'length == 2 and all(.ok) and .[1].attempts <= 2' out
}
