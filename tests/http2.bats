#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Connections and what goes over them: HTTP/2 streams, HTTP/1.1 keep-alive, and
# what stays connected between the lines of a slow list. nginx tells which
# connection each request came by.
#
# Elsewhere: certificates and handshakes in tls.bats, limits of concurrency
# over HTTP/1.1 in the tests of scheduling.

load helper

setup_file() {
  start_origin
  # nginx answers at once; what shall take time comes from the origin.
  start_nginx "location /slow/ { proxy_pass http://127.0.0.1:$ORIGIN_PORT/delay/; }
    http2_max_concurrent_streams 128;"
}

setup() {
  : >"$NGINX_LOG"
  out=$BATS_TEST_TMPDIR/out
}

# The connections that nginx has seen, once all N requests are in its log.
connections() { # N
  wait_for 10 logged "$1" || {
    echo "nginx has logged $(wc -l <"$NGINX_LOG") of $1 requests" >&2
    return 1
  }
  awk '{ seen[$1] } END { print length(seen) }' "$NGINX_LOG"
}

logged() {
  [ "$(wc -l <"$NGINX_LOG")" -ge "$1" ]
}

# How many records have this HTTP version and status 200.
with_version() {
  jq -r "select(.ok and .status == 200 and .http_version == \"$1\") | .index" \
    "$out" | wc -l
}

@test "HTTP/2 over TLS: many requests share few connections" {
  run -0 "$AFETCH" --cacert "$NGINX_CA" -c 50 --host-concurrency 0 -o "$out" \
    --glob "$NGINX_TLS/[1-1000]"
  [ "$(with_version 2)" -eq 1000 ]
  [ "$(connections 1000)" -le 4 ]
  [ "$(grep -c 'HTTP/2.0 GET' "$NGINX_LOG")" -eq 1000 ]
}

@test "HTTP/2: the streams run at the same time" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 "$AFETCH" --cacert "$NGINX_CA" -c 40 --host-concurrency 20 -o "$out" \
    --glob "$NGINX_TLS/slow/0.3?[1-60]"
  [ "$(with_version 2)" -eq 60 ]
  [ "$(origin_stats .max_active)" -le 20 ]
  [ "$(origin_stats .max_active)" -ge 15 ]
  [ "$(connections 60)" -le 2 ]
}

@test "HTTP/2: one stream's error leaves the others alone" {
  printf '%s\n' "$NGINX_TLS/slow/5" "$NGINX_TLS"/{1..50} |
    "$AFETCH" --cacert "$NGINX_CA" --retry 0 -m 500ms -o "$out" || [ $? -eq 1 ]
  [ "$(with_version 2)" -eq 50 ]
  [ "$(jq -r 'select(.error) | [.url, .error.code] | join(" ")' "$out")" = \
    "$NGINX_TLS/slow/5 max_time" ]
}

@test "HTTP/2: methods and bodies" {
  printf '%s\n' \
    "{\"url\":\"$NGINX_TLS/slow/0\",\"method\":\"POST\",\"json\":{\"a\":1}}" \
    "{\"url\":\"$NGINX_TLS/head\",\"method\":\"HEAD\"}" |
    "$AFETCH" --cacert "$NGINX_CA" -o "$out"
  [ "$(with_version 2)" -eq 2 ]
  connections 2 >/dev/null
  grep -q 'HTTP/2.0 POST /slow/0 200' "$NGINX_LOG"
  grep -q 'HTTP/2.0 HEAD /head 200' "$NGINX_LOG"
}

@test "plain http is HTTP/1.1" {
  run -0 "$AFETCH" -o "$out" "$NGINX/1"
  [ "$(with_version 1.1)" -eq 1 ]
}

@test "HTTP/1.1: no more connections than slots" {
  run -0 "$AFETCH" -c 10 --host-concurrency 0 -o "$out" --glob "$NGINX/[1-200]"
  [ "$(with_version 1.1)" -eq 200 ]
  [ "$(connections 200)" -le 10 ]
}

@test "HTTP/1.1: no more connections than the host's slots" {
  run -0 "$AFETCH" -c 64 --host-concurrency 3 -o "$out" \
    --glob "$NGINX/[1-200]"
  [ "$(with_version 1.1)" -eq 200 ]
  [ "$(connections 200)" -le 3 ]
}

@test "HTTP/1.1: redirect hops and retries keep the connection" {
  run -0 "$AFETCH" -c 1 --retry-delay 1ms -o "$out" "$ORIGIN/redirect/5" \
    "$ORIGIN/flaky/keep?fail=2" "$ORIGIN/status/200"
  [ "$(jq -r .remote_port "$out" | uniq | wc -l)" -eq 1 ]
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run -0 "$AFETCH" -c 1 --retry-delay 1ms -o "$out" --force \
    "$ORIGIN/redirect/5" "$ORIGIN/flaky/keep2?fail=2"
  [ "$(origin_stats .requests)" -eq 9 ]
  [ "$(origin_stats .connections)" -eq 1 ]
}

# A list that comes line by line, each once the record before it is out.
drip_lines() { # URL...
  local url count=0
  for url in "$@"; do
    echo "$url"
    count=$((count + 1))
    wait_for 10 records "$count" || return 1
  done
}

records() {
  [ -e "$out" ] && [ "$(wc -l <"$out")" -ge "$1" ]
}

@test "a slow list finds its connection still warm" {
  drip_lines "$NGINX"/{1..12} | "$AFETCH" >"$out"
  [ "$(with_version 1.1)" -eq 12 ]
  [ "$(connections 12)" -eq 1 ]
}

@test "a slow list finds several connections still warm, HTTP/2 too" {
  local -a urls=()
  for n in {1..8}; do
    urls+=("$NGINX/$n" "$NGINX_TLS/$n" "http://localhost:${NGINX##*:}/$n")
  done
  drip_lines "${urls[@]}" | "$AFETCH" --cacert "$NGINX_CA" >"$out"
  [ "$(wc -l <"$out")" -eq 24 ]
  [ "$(jq -r 'select(.ok | not)' "$out" | wc -l)" -eq 0 ]
  [ "$(connections 24)" -eq 3 ]
}

@test "a connection that the server closed is no error" {
  start_origin --max-requests-per-connection 3
  run -0 "$AFETCH" -c 2 --retry 0 -o "$out" --glob "$ORIGIN/[1-30]"
  [ "$(with_version 1.1)" -eq 30 ]
  [ "$(origin_stats .connections)" -ge 10 ]
}
