#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# WebSockets: a message out, messages in as items, how they end. All but the
# first test need a libcurl that has them (8.11 or newer, built with ws); a
# build with another libcurl is tested by BUILD=FOLDER.

# shellcheck disable=SC2030,SC2031 # every test has its own shell
load helper

setup_file() {
  has_websocket || return 0
  local ports=$BATS_FILE_TMPDIR/ports
  make_certificate "$BATS_FILE_TMPDIR/server"
  start_server "$PYTHON" "$HERE/websocket.py" "$ports" \
    "$BATS_FILE_TMPDIR/server.crt" "$BATS_FILE_TMPDIR/server.key"
  wait_for 10 test -s "$ports"
  read -r plain tls <"$ports"
  export WS=ws://127.0.0.1:$plain WSS=wss://127.0.0.1:$tls
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  CLOSED=$BATS_FILE_TMPDIR/ports.closed
  rm -f "$CLOSED"
}

has_websocket() {
  "$AFETCH" --version | grep -q +WebSocket
}

need_websocket() {
  has_websocket || skip "this libcurl has no WebSocket"
}

fetch() {
  status=0
  "$AFETCH" --retry 0 "$@" >out 2>err </dev/null || status=$?
}

# Items, and the record as its ok or code.
told() {
  jq -r 'if has("seq") then "\(.seq) \(.text // .value | tojson)"
    elif .ok then "ok \(.status)" else .error.code end' out
}

closed_with() {
  [ -s "$CLOSED" ] && [ "$(<"$CLOSED")" = "$1" ]
}

@test "a libcurl without them says so, for the line" {
  ! has_websocket || skip "this libcurl has WebSockets"
  fetch wss://127.0.0.1/
  [ "$status" -eq 1 ]
  jq -e '.error | .class == "input" and .code == "scheme" and
    (.message | test("this libcurl .* has no WebSocket"))' out
}

@test "each message is an item, whatever frames it came in" {
  need_websocket
  fetch "$WS/hello"
  [ "$status" -eq 0 ]
  same '0 "a\nb"
1 "/wA="
2 "half"
ok 101' "$(told)"
  wait_for 5 closed_with 1000
}

@test "the body is sent as one message, text or bytes" {
  need_websocket
  printf '{"url":"%s","%s":"%s"}\n' "$WS/echo" body 'h\u00e9' \
    "$WS/echo" body_base64 AP8= | "$AFETCH" -c 1 >out
  same '0 "hé"
1 "1"
ok 101
0 "AP8="
1 "2"
ok 101' "$(told)"
  jq -es 'map(select(.method) | .method) == ["GET", "GET"]' out
  printf '{"url":"%s","body":"%s"}\n' "$WS/echo" \
    "$(head -c 500000 /dev/zero | tr '\0' x)" | "$AFETCH" >out
  same '500000 x' "$(jq -r '.text // empty' out | head -n 1 |
    awk '{ print length, substr($0, length) }')"
}

@test "over TLS" {
  need_websocket
  fetch --cacert "$BATS_FILE_TMPDIR/server.crt" "$WSS/hello"
  same 'ok 101' "$(told | tail -n 1)"
  fetch "$WSS/hello"
  same untrusted "$(told)"
}

@test "values of JSON, but no server-sent events" {
  need_websocket
  fetch --stream json "$WS/json"
  same '0 {"a":1}
1 2
2 [3]
ok 101' "$(told)"
  fetch --stream sse "$WS/json"
  same bad_value "$(told)"
  echo '{"url":"'"$WS"'/json","method":"POST"}' | "$AFETCH" >out || true
  same bad_method "$(told)"
}

@test "-m ends it well, and says goodbye" {
  need_websocket
  fetch -m 300ms "$WS/quiet"
  [ "$status" -eq 0 ]
  same '0 "one"
ok 101' "$(told)"
  wait_for 5 closed_with 1000
}

@test "an end that is none, and a close with an error, are errors" {
  need_websocket
  fetch --retry 2 "$WS/drop"
  same '0 "one"
eof' "$(told)"
  fetch "$WS/close/1001"
  same 'ok 101' "$(told)"
  fetch "$WS/close/1011"
  same websocket "$(told)"
  jq -e '.error.message | test("1011: oops")' out
  fetch "$WS/big"
  same item "$(told)"
  fetch --max-body 2 "$WS/hello"
  same max_body "$(told)"
  fetch "$WS/no"
  same 'unexpected_status 404' "$(jq -r '"\(.error.code) \(.status)"' out)"
}

@test "a stalled reader pauses it; no message is lost or joined" {
  need_websocket
  mkfifo pipe
  "$AFETCH" -m 2s "$WS/many/100000" >pipe 2>err 3>&- &
  local pid=$!
  exec {reader}<pipe
  sleep 2.5 # longer than its time
  cat <&"$reader" >out
  wait "$pid"
  jq -es '(.[:-1] | map(.seq)) == [range(100000)] and .[-1].ok and
    all(.[:-1][]; .seq == (.text | tonumber))' out >/dev/null
}
