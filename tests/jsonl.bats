#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# JSON lines: what each key does, proved by what the origin says it was sent,
# ids that come back as they were, and records fed back. What makes a JSON line
# invalid is in strict.bats; which lines are JSON is in input.bats.

load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
  ECHO=$ORIGIN/echo
}

asked() {
  curl -s "$ORIGIN/log"
}

# Sends the lines of stdin in turn and prints what the origin saw of each.
echoed() {
  "$AFETCH" -c 1 --body inline "$@" >records || return
  jq -j .body records
}

# The values of a header field in what the origin saw.
field() {
  jq -c --arg name "$1" '[.headers[] | select(.[0] == $name)[1]]'
}

@test "method is sent as it is written; GET without one, POST with a body" {
  echoed >seen <<LINES
{"url":"$ECHO"}
{"url":"$ECHO","method":null}
{"url":"$ECHO","method":"DELETE"}
{"url":"$ECHO","method":"patch"}
{"url":"$ECHO","method":"X-!#$%&'*+-.^_|~"}
{"url":"$ECHO","body":""}
{"url":"$ECHO","body_base64":"YQ=="}
{"url":"$ECHO","json":1}
{"url":"$ECHO","method":"GET","body":"a"}
{"url":"$ECHO","method":"PUT","body":"a"}
LINES
  same "$(jq -r .method records)" "$(jq -r .method seen)"
  same "GET GET DELETE patch X-!#$%&'*+-.^_|~ POST POST POST GET PUT" \
    "$(jq -r .method seen | paste -sd ' ')"
}

@test "a method whose body has a meaning announces that there is none" {
  local method
  for method in POST PUT PATCH; do
    printf '{"url":"%s/echo","method":"%s"}\n' "$ORIGIN" $method |
      "$AFETCH" --body inline >out
    jq -r .body out | jq -e --arg method $method '.method == $method and
      ([.headers[] | select(.[0] == "Content-Length")] == [["Content-Length", "0"]]) and
      ([.headers[] | select(.[0] == "Content-Type")] == [])'
  done
  printf '{"url":"%s/echo","method":"DELETE"}\n' "$ORIGIN" |
    "$AFETCH" --body inline | jq -r .body |
    jq -e '[.headers[] | select(.[0] == "Content-Length")] == []'
}

@test "HEAD and OPTIONS get answers without and with a body" {
  run --separate-stderr "$AFETCH" - <<LINES
{"url":"$ORIGIN/bytes/5","method":"HEAD"}
{"url":"$ORIGIN/bytes/5","method":"OPTIONS"}
LINES
  [ "$status" -eq 0 ]
  same '["HEAD",200,0] ["OPTIONS",200,5]' \
    "$(jq -c '[.method, .status, .size]' <<<"$output" | sort | paste -sd ' ')"
}

@test "headers are sent, arrays as several fields, in order" {
  echoed >seen <<LINES
{"url":"$ECHO","headers":{"X-One":"1","X-Many":["a","b, c","a"],"X-None":[]}}
{"url":"$ECHO","headers":{"X-Empty":"","X-Tab":"a\tb","X-Utf8":"\u00e9€","X":" a "}}
LINES
  same '["1"]' "$(sed -n 1p seen | field X-One)"
  same '["a","b, c","a"]' "$(sed -n 1p seen | field X-Many)"
  same '[]' "$(sed -n 1p seen | field X-None)"
  same '[""]' "$(sed -n 2p seen | field X-Empty)"
  same '["a\tb"]' "$(sed -n 2p seen | field X-Tab)"
  same '["é€"]' "$(sed -n 2p seen | field X-Utf8)"
  same '["a"]' "$(sed -n 2p seen | field X)"
}

@test "a line's Host, User-Agent, Accept and Content-Type replace afetch's" {
  echoed -A default/1 >seen <<LINES
{"url":"$ECHO"}
{"url":"$ECHO","headers":{"Host":"a.example","user-agent":"me","Accept":"x/y"}}
{"url":"$ECHO","headers":{"content-type":"application/x+json"},"json":{}}
LINES
  same '["default/1"]' "$(sed -n 1p seen | field User-Agent)"
  same '["a.example"]' "$(sed -n 2p seen | field Host)"
  same '["me"]' "$(sed -n 2p seen | field user-agent)"
  same '[]' "$(sed -n 2p seen | field User-Agent)"
  same '["x/y"]' "$(sed -n 2p seen | field Accept)"
  same '["application/x+json"]' "$(sed -n 3p seen | field content-type)"
  same '[]' "$(sed -n 3p seen | field Content-Type)"
}

@test "body is sent as UTF-8 text, with no Content-Type nobody asked for" {
  echoed >seen <<LINES
{"url":"$ECHO","body":"a\u00e9\ud83d\ude00\r\n\"\\\\\/"}
{"url":"$ECHO","body":"a=1&b=2","headers":{"Content-Type":"text/x"}}
{"url":"$ECHO","body":""}
LINES
  same '"aé😀\r\n\"\\/"' "$(sed -n 1p seen | jq .body)"
  same 12 "$(sed -n 1p seen | jq .body_length)"
  same '[]' "$(sed -n 1p seen | field Content-Type)"
  same '[]' "$(sed -n 1p seen | field Expect)"
  same '["text/x"]' "$(sed -n 2p seen | field Content-Type)"
  same '["0"]' "$(sed -n 3p seen | field Content-Length)"
}

@test "body_base64 is sent as its bytes" {
  local bytes
  bytes=$($PYTHON -c '
import base64
print(base64.b64encode(bytes(range(256))).decode())')
  echoed >seen <<LINES
{"url":"$ECHO","body_base64":"$bytes"}
{"url":"$ECHO","body_base64":""}
LINES
  same true "$(sed -n 1p seen | jq '.body | explode == [range(256)]')"
  same '["256"]' "$(sed -n 1p seen | field Content-Length)"
  same '"" 0' "$(sed -n 2p seen | jq -c '.body, .body_length' | xargs -d '\n')"
}

@test "a body of some hundred thousand bytes arrives whole" {
  $PYTHON -c 'import sys
print("{\"url\":\"%s\",\"body\":\"%s\"}" % (sys.argv[1], "x" * 900000))' \
    "$ECHO" >list
  echoed >seen <list
  same 900000 "$(jq .body_length seen)"
}

@test "json is sent as it is written, as application/json" {
  local value
  local values=('{"b":1,"a":[1.0,{"c":null}]}' '[]' '""' '0' 'false' 'null'
    '123456789012345678901234567890' '1e400' '"\u00e9"' '"é"')
  for value in "${values[@]}"; do
    echo "{\"url\":\"$ECHO\",\"json\":$value}"
  done >list
  echoed >seen <list
  same "$(printf '%s\n' "${values[@]}")" "$(jq -r .body seen)"
  same '["application/json"]' "$(field Content-Type <seen | sort -u)"
}

@test "id comes back exactly as it was written, whatever it is" {
  local id
  local ids=('null' 'true' 'false' '0' '-0' '7' '1.0' '1.50' '1e5' '1E+5'
    '9007199254740993' '123456789012345678901234567890' '-1e400'
    '0.1000000000000000055511151231257827'
    '""' '"a"' '"\u0041\u00e9\u0000\ud83d\ude00"' '"é 😀"' '"\/\b\f\n\r\t\\\""'
    '[]' '{}' '[1,[2,[3,{"a":[null]}]]]' '{"b":1,"a":2,"b":3}'
    '{ "spaced" : [ 1 , 2 ] }')
  for id in "${ids[@]}"; do
    echo "{\"id\":$id,\"url\":\"$ORIGIN/ok\"}"
    echo "{\"url\":\"bad:\",\"id\":$id}"
  done >list
  run "$AFETCH" --fields index,id list
  [ "$status" -eq 1 ]
  # shellcheck disable=SC2001 # of each line
  sed 's/^{"index":\([0-9]*\),"id":\(.*\)}$/\1 \2/' <<<"$output" | sort -n |
    cut -d ' ' -f 2- >got
  for id in "${ids[@]}"; do
    printf '%s\n' "$id" "$id"
  done | diff - got
}

@test "id is absent where the line has none" {
  "$AFETCH" >records - <<<"{\"url\":\"$ORIGIN/ok\"}"
  same false "$(jq 'has("id")' records)"
}

@test "priority decides who goes first, input order among equals" {
  cat >list <<LINES
{"url":"$ORIGIN/low","priority":-2}
{"url":"$ORIGIN/a"}
{"url":"$ORIGIN/high","priority":1}
{"url":"$ORIGIN/b","priority":0}
{"url":"$ORIGIN/lower","priority":-1}
{"url":"$ORIGIN/highest","priority":2}
$ORIGIN/c
{"url":"$ORIGIN/high2","priority":1.0}
LINES
  "$AFETCH" -c 1 list >records
  same '/highest /high /high2 /a /b /c /lower /low' \
    "$(asked | cut -d ' ' -f 2 | xargs)"
}

@test "timeout is the limit of an attempt, for this request only" {
  run "$AFETCH" --retry 0 -m 20 - <<LINES
{"url":"$ORIGIN/hang/number","timeout":0.1}
{"url":"$ORIGIN/hang/text","timeout":"100ms"}
{"url":"$ORIGIN/delay/0.3"}
LINES
  [ "$status" -eq 1 ]
  same '/delay/0.3 null /hang/number max_time /hang/text max_time' \
    "$(jq -r '"\(.url) \(.error.code)"' <<<"$output" | sed "s|$ORIGIN||" |
      sort | xargs)"
}

@test "timeout may be longer than -m, and 0 is none" {
  run "$AFETCH" --retry 0 -m 0.1 - <<LINES
{"url":"$ORIGIN/delay/0.4?default"}
{"url":"$ORIGIN/delay/0.4?longer","timeout":30}
{"url":"$ORIGIN/delay/0.4?none","timeout":0}
LINES
  [ "$status" -eq 1 ]
  same 'default false longer true none true' \
    "$(jq -r '"\(.url | sub(".*[?]"; "")) \(.ok)"' <<<"$output" | sort | xargs)"
}

@test "connect_timeout is the limit of a connection, for this request only" {
  start_origin --no-read
  # Its silence keeps the TLS handshake waiting.
  run "$AFETCH" --retry 0 --connect-timeout 20 - \
    <<<"{\"url\":\"https://127.0.0.1:$ORIGIN_PORT/\",\"connect_timeout\":0.1}"
  [ "$status" -eq 1 ]
  same '["timeout","connect_time"]' \
    "$(jq -c '[.error.class, .error.code]' <<<"$output")"
}

@test "retry is the number of repetitions, for this request only" {
  run "$AFETCH" --retry 1 --retry-delay 10ms - <<LINES
{"url":"$ORIGIN/flaky/default?fail=9"}
{"url":"$ORIGIN/flaky/none?fail=9","retry":0}
{"url":"$ORIGIN/flaky/three?fail=3","retry":3}
LINES
  [ "$status" -eq 1 ]
  same 'default 2 503 none 1 503 three 4 200' \
    "$(jq -r '"\(.url | sub(".*/"; "") | sub("[?].*"; "")) \(.attempts)" +
      " \(.status)"' <<<"$output" | sort | xargs)"
  same 7 "$(asked | wc -l)"
}

@test "accept decides what is ok, for this request only" {
  run "$AFETCH" --retry 0 - <<LINES
{"id":1,"url":"$ORIGIN/status/404"}
{"id":2,"url":"$ORIGIN/status/404","accept":404}
{"id":3,"url":"$ORIGIN/status/404","accept":"4xx"}
{"id":4,"url":"$ORIGIN/status/404","accept":"200-299,404"}
{"id":5,"url":"$ORIGIN/status/404","accept":["200-299",404]}
{"id":6,"url":"$ORIGIN/ok","accept":404}
{"id":7,"url":"$ORIGIN/empty","accept":[200,"protocol"]}
{"id":8,"url":"$ORIGIN/empty","accept":"200,empty_reply"}
LINES
  [ "$status" -eq 1 ]
  same '1:http 2 3 4 5 6:http 7:protocol 8:protocol' \
    "$(jq -r '"\(.id)\(if .error then ":" + .error.class else "" end)"' \
      <<<"$output" | sort | xargs)"
  same '2 3 4 5 7 8' "$(jq 'select(.ok).id' <<<"$output" | sort | xargs)"
}

@test "unknown keys are ignored" {
  "$AFETCH" - >records <<LINES
{"url":"$ORIGIN/a","mehtod":"POST","URL":"$ORIGIN/b","tag":{"x":[1]},"":1}
LINES
  same 'GET /a' "$(asked)"
}

@test "--strict refuses unknown keys and names the nearest known one" {
  run "$AFETCH" --strict - <<<"{\"url\":\"$ORIGIN/a\",\"mehtod\":\"POST\"}"
  [ "$status" -eq 2 ]
  same '["unknown_key",1,false]' \
    "$(jq -c '[.error.code, .line, .ok]' <<<"${lines[0]}")"
  [[ $(jq -r .error.message <<<"${lines[0]}") == *mehtod*'did you mean "method"'* ]]
  run "$AFETCH" --strict - <<<"{\"url\":\"$ORIGIN/a\",\"zzzzzz\":1}"
  [ "$status" -eq 2 ]
  [[ ${lines[0]} == *zzzzzz* ]]
  [[ ${lines[0]} != *'did you mean'* ]]
  same '' "$(asked)"
}

@test "the failed requests of a run are sent again, and only they" {
  "$AFETCH" --retry 0 --headers --body inline >first - <<LINES || true
$ORIGIN/good
{"url":"$ORIGIN/flaky/a?fail=1","id":{"n":12345678901234567890}}
{"url":"$ORIGIN/flaky/b?fail=1","method":"DELETE"}
LINES
  curl -s "$ORIGIN/log" | grep -c . | grep -qx 3
  jq -c 'select(.ok | not)' first | "$AFETCH" --headers >second
  same 'DELETE /flaky/b?fail=1 GET /flaky/a?fail=1' \
    "$(asked | tail -n +4 | sort | xargs)"
  same "$(jq -r 'select(.ok | not).key' first | sort)" \
    "$(jq -r .key second | sort)"
  same true "$(jq -s 'all(.ok)' second)"
}

@test "an id of a record that is fed back comes back exactly" {
  "$AFETCH" >first - <<<"{\"url\":\"$ORIGIN/x\",\"id\":[1.0,12345678901234567890]}"
  "$AFETCH" first >second
  grep -F '"id":[1.0,12345678901234567890],' second
}

@test "headers and body of a record are the response's and are not sent" {
  "$AFETCH" --headers --body inline >first - \
    <<<"{\"url\":\"$ORIGIN/echo?header=X-Trap:1\",\"method\":\"PUT\",\"body\":\"b\"}"
  same '["1"]' "$(jq -c '.headers["x-trap"]' first)"
  echoed >seen <first
  same '["PUT","",[]]' \
    "$(jq -c '[.method, .body, [.headers[][0] | select(. == "X-Trap")]]' seen)"
}

@test "a NUL in the body of a record does not keep it from being fed back" {
  "$AFETCH" --body inline >first \
    "$ORIGIN/raw?text=HTTP/1.1%20200%20OK%0D%0AContent-Length:%203%0D%0A%0D%0Aa%00b"
  grep -F '"body":"a\u0000b"' first
  "$AFETCH" first >second
  same "$(jq .key first)" "$(jq .key second)"
}

@test "a record with its request is sent as it was, header, body and all" {
  "$AFETCH" --fields +request >first - <<LINES
{"url":"$ECHO","method":"PUT","headers":{"X-A":["1","2"]},"body":"b\u00e9","retry":0}
LINES
  echoed --fields key,url,method,body,request <first >seen
  same '["PUT","bé",["1","2"]]' "$(jq -c \
    '[.method, .body, [.headers[] | select(.[0] == "X-A")[1]]]' seen)"
  same "$(jq -c '[.key, .request]' first)" "$(jq -c '[.key, .request]' records)"
}

@test "a record's request does not tell secrets, and is not sent without them" {
  "$AFETCH" --fields +request >first - <<LINES
{"url":"http://me:pass@127.0.0.1:$ORIGIN_PORT/","headers":{"Cookie":"s=1"}}
{"url":"$ORIGIN/","headers":{"authorization":["Bearer t0k3n"],"X":"y"}}
LINES
  run grep -e pass -e s=1 -e t0k3n first
  [ "$status" -eq 1 ]
  run "$AFETCH" first
  [ "$status" -eq 1 ]
  same 'bad_request_header bad_request_header' \
    "$(jq -r .error.code <<<"$output" | xargs)"
  same 2 "$(asked | wc -l)"
}

@test "a record of a line that was invalid is a record again" {
  "$AFETCH" >first - <<LINES || true
{"url":
mailto:x
LINES
  run "$AFETCH" first
  [ "$status" -eq 1 ]
  same 'no_url scheme' "$(jq -r .error.code <<<"$output" | sort | xargs)"
}

@test "a user and password in the URL are sent, and never shown" {
  echoed --fields url,final_url,body >seen <<LINES
{"url":"http://us%65r:p%40ss@127.0.0.1:$ORIGIN_PORT/echo"}
LINES
  same "[\"Basic $(printf 'user:p@ss' | base64)\"]" "$(field Authorization <seen)"
  run grep -e 'p@ss' -e p%40ss <(jq -c 'del(.body)' records)
  [ "$status" -eq 1 ]
}
