#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults of HTTP/2: streams that are refused or reset, GOAWAY, connections that
# end, frames that are none. tests/servers/h2.py makes them.
#
# Elsewhere: HTTP/2 that works in http2.bats, the faults of HTTP/1.1 in
# faults.bats.

load helper

setup_file() {
  make_certificate "$BATS_FILE_TMPDIR/server"
}

# FAULT [FIRST]: a server with this fault; its port is $port.
start_h2() {
  local file
  file=$(mktemp -u "$BATS_TEST_TMPDIR/port.XXXXXX")
  LOG=$BATS_TEST_TMPDIR/log
  : >"$LOG"
  start_server "$PYTHON" "$HERE/servers/h2.py" "$file" "$LOG" \
    "$BATS_FILE_TMPDIR/server.crt" "$BATS_FILE_TMPDIR/server.key" "$@"
  wait_for 10 test -s "$file" || {
    cat "$BATS_TEST_TMPDIR/servers.log"
    return 1
  }
  port=$(<"$file")
}

# How often requests, connections came to the server.
streams() {
  grep -c stream "$LOG"
}

connections() {
  grep -c connection "$LOG"
}

# OPTION...: fetches from the server; the record goes into $record.
fetch() {
  run --separate-stderr "$AFETCH" --cacert "$BATS_FILE_TMPDIR/server.crt" \
    --retry 1 --retry-delay 1ms -m 20s "$@" "https://127.0.0.1:$port/"
  record=$output
  # shellcheck disable=SC2154 # run sets them
  [[ ${#lines[@]} -eq 1 && -z $stderr ]]
}

# WANTED FAULT [OPTION...]; wanted are class, code, phase, attempts and the exit
# status, as a pattern: libcurls differ in how far an answer that is none gets.
expect() {
  local wanted=$1 fault=$2 outcome
  shift 2
  start_h2 "$fault"
  fetch "$@"
  outcome=$(jq -r --arg exit "$status" '[(.error | if . == null then "none"
    else .class, .code, .phase end), .attempts, $exit] | join(" ")' \
    <<<"$record")
  stop_servers
  # shellcheck disable=SC2053 # a pattern
  [[ $outcome == $wanted ]] || {
    echo "$fault: wanted $wanted, got $outcome"
    echo "$record"
    return 1
  }
  holds '.error == null or .error.retryable == (.attempts > 1)'
}

holds() {
  jq -e "$1" <<<"$record" >/dev/null || {
    echo "not so: $1"
    echo "$record"
    return 1
  }
}

@test "HTTP/2: RST_STREAM in place of an answer, its code in the message" {
  local code
  declare -A names=([1]=PROTOCOL_ERROR [2]=INTERNAL_ERROR [8]=CANCEL
    [11]=ENHANCE_YOUR_CALM)
  for code in "${!names[@]}"; do
    expect 'protocol http2 wait 2 1' rst=$code
    [[ $(jq -r .error.message <<<"$record") == *"${names[$code]}"* ]]
  done
}

@test "HTTP/2: a reset stream is sent again when the options say so" {
  start_h2 rst=2 1
  fetch
  [ "$status" -eq 0 ]
  holds '.ok and .attempts == 2 and .tries[0].error == "http2"'
  start_h2 rst=11
  fetch --retry-on '!http2'
  holds '.attempts == 1'
  [ "$(streams)" -eq 1 ]
}

@test "HTTP/2: a POST whose stream was reset is not sent again" {
  start_h2 rst=2
  jq -nc --arg url "https://127.0.0.1:$port/" '{$url, body: "x"}' \
    >"$BATS_TEST_TMPDIR/post"
  run -1 "$AFETCH" --cacert "$BATS_FILE_TMPDIR/server.crt" --retry 3 \
    --retry-delay 1ms "$BATS_TEST_TMPDIR/post"
  [ "$(jq -r '[.error.code, .attempts] | join(" ")' <<<"$output")" = 'http2 1' ]
  [ "$(streams)" -eq 1 ]
}

# libcurl alone would send it six times at each attempt, without a pause.
@test "HTTP/2: a refused stream is sent again, under the rules of retries" {
  start_h2 rst=7
  fetch
  [ "$status" -eq 1 ]
  holds '.error.class == "protocol" and .error.code == "http2" and
    .error.phase == "wait" and .error.retryable and .attempts == 2 and
    (.error.message | contains("refused"))'
  # Two of each attempt; a third where the first one found a kept connection.
  (($(streams) >= 4 && $(streams) <= 5))
  start_h2 rst=7
  fetch --retry 0
  holds '.attempts == 1 and .error.code == "http2"'
  [ "$(streams)" -eq 2 ]
  start_h2 rst=7 3
  fetch
  [ "$status" -eq 0 ]
  holds '.ok and .attempts == 2 and .tries[0].error == "http2"'
}

# RFC 9113 section 8.7: the server has not acted on what it refuses.
@test "HTTP/2: a POST that was refused is sent again, its body once each time" {
  start_h2 rst=7 2
  fetch -d x --retry 2
  [ "$status" -eq 0 ]
  holds '.ok and .attempts == 3 and (.tries | map(.error)) == ["http2", "http2", null]'
  [ "$(streams)" -eq 3 ]
  start_h2 rst=7
  fetch -d x
  holds '.error.code == "http2" and .error.phase == "wait" and .error.retryable and
    .attempts == 2 and .error.message == "the server refused the HTTP/2 stream"'
  [ "$(streams)" -eq 2 ]
  # Without a body libcurl has sent it once more by itself.
  start_h2 rst=7 3
  fetch -X POST
  [ "$status" -eq 0 ]
  holds '.ok and .attempts == 2'
  [ "$(streams)" -eq 4 ]
}

@test "HTTP/2: ten streams that are refused at once" {
  start_h2 rst=7 10
  run -0 "$AFETCH" --cacert "$BATS_FILE_TMPDIR/server.crt" --retry 4 --glob \
    --retry-delay 1ms "https://127.0.0.1:$port/[1-10]"
  [ "$(jq -s 'map(select(.ok)) | length' <<<"$output")" -eq 10 ]
}

@test "HTTP/2: GOAWAY of a connection that did nothing" {
  expect 'protocol http2 wait 2 1' goaway=0
  expect 'protocol http2 wait 2 1' goaway=11 # ENHANCE_YOUR_CALM
  start_h2 goaway=0 1
  fetch
  [ "$status" -eq 0 ]
  # Newer libcurls take the stream for a refused one, and send it once more.
  holds '.ok and (.attempts == 1 or .attempts == 2 and .tries[0].error == "http2")'
  [ "$(streams)" -eq 2 ]
}

@test "HTTP/2: GOAWAY behind an answer costs nothing but a connection" {
  start_h2 goaway-after
  run -0 "$AFETCH" --cacert "$BATS_FILE_TMPDIR/server.crt" --retry 0 -c 1 \
    --glob "https://127.0.0.1:$port/[1-10]"
  [ "$(jq -s 'map(select(.ok and .attempts == 1)) | length' <<<"$output")" -eq 10 ]
  [ "$(connections)" -eq 10 ]
}

@test "HTTP/2: GOAWAY, and a connection that ends, within a body" {
  local fault
  for fault in goaway-body=0 goaway-body=11 cut; do
    expect 'truncated eof body 2 1' $fault
    holds '.status == 200 and .size == 5'
  done
}

@test "HTTP/2: a connection that ends in place of an answer" {
  expect 'protocol @(empty_reply|http2) wait 2 1' drop
}

@test "HTTP/2: less body than Content-Length says is never ok" {
  expect 'protocol http2 @(wait|body) 2 1' short
}

@test "HTTP/2: frames that are none, or are not allowed" {
  expect 'protocol @(empty_reply|http2) wait 2 1' garbage
  expect 'protocol @(empty_reply|http2) wait 2 1' bad-huffman
  expect '@(truncated eof|protocol http2) body 2 1' big-frame
}

@test "HTTP/2: a field with an upper-case name" {
  expect 'protocol http2 @(wait|headers) 2 1' bad-name
}

@test "HTTP/2: header fields without end, and thousands of them" {
  start_h2 flood
  fetch
  [ "$status" -eq 1 ]
  holds '.error.class == "protocol" and
    (.status == null or .error.code == "header_flood")'
  expect 'protocol header_flood headers 1 1' fields
}

@test "HTTP/2: a server that hangs" {
  expect 'timeout max_time wait 2 1' hang -m 300ms
  expect 'timeout max_time body 2 1' hang-body -m 300ms
  holds '.status == 200 and .size == 5'
  expect 'timeout max_time wait 2 1' deaf -m 300ms
}
