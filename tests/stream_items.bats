#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --stream: an output line for each line, server-sent event or JSON value of a
# body as it arrives, and the record behind them; reconnections, what is no
# stream, readers that stall or leave, and stops. How bodies are split is in
# the unit tests of split; the streaming of input is in stream.bats.

# shellcheck disable=SC2030,SC2031 # every test has its own shell
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

teardown() {
  local pid
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  stop_servers
}

# Runs afetch with these arguments, its lines to `out`.
fetch() {
  status=0
  "$AFETCH" --retry-delay 1ms "$@" >out 2>err </dev/null || status=$?
}

# Starts it in the background as $pid, with the signals of a terminal's job.
start_fetch() {
  "$PYTHON" -c 'import os, signal, sys
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
    signal.signal(name, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$AFETCH" "$@" </dev/null >out 2>err 3>&- &
  pid=$!
  started+=("$pid")
}

finish() {
  status=0
  wait_for 20 ended "$pid"
  wait "$pid" || status=$?
}

holds() { # JQ-FILTER on the array of all lines
  jq -se "$1" out >/dev/null || {
    echo "not so: $1"
    cat out err
    return 1
  }
}

# What items say, and in the record's place its ok or code, a line each.
told() {
  jq -r 'if has("seq") then
      "\(.seq) \(.text // .event // .value | tojson)"
    elif .ok then "ok" else .error.code end' out
}

lines() { # COUNT
  [ "$(wc -l <out)" -ge "$1" ]
}

is_sanitized() {
  nm "$AFETCH" 2>/dev/null | grep -q __asan
}

@test "lines: one item each, in their order, the record behind them" {
  fetch --stream lines "$ORIGIN/body?text=one%0Atwo%0D%0A%0Afour"
  [ "$status" -eq 0 ]
  same '0 "one"
1 "two"
2 ""
3 "four"
ok' "$(told)"
  holds 'all(.[:4][]; keys_unsorted == ["index", "seq", "text", "encoding"] and
    .index == 0 and .encoding == "utf-8")'
  holds '.[4] | .size == 14 and (has("body") | not)'
}

@test "a line that is no text is in base64" {
  fetch --stream lines "$ORIGIN/body?text=a%FF%0Ab"
  holds '.[0] | .text == "Yf8=" and .encoding == "base64"'
  holds '.[1].text == "b"'
}

@test "JSON: values as they were written, whatever stands between them" {
  fetch --stream json "$ORIGIN/body?text=1.50%0A[1,%202]%20%7B%22a%22:9007199254740993%7D%20null"
  [ "$status" -eq 0 ]
  grep -q '"value":1\.50}$' out
  grep -q '"value":{"a":9007199254740993}}$' out
  same '4 true' "$(jq -sr '"\(length - 1) \(.[-1].ok)"' out)"
}

@test "events: id, type, data and reconnection time" {
  fetch --stream sse "$ORIGIN/stream/a?type=text/event-stream&text=:hello%0Aid:7%0Aretry:5%0Aevent:news%0Adata:x%0Adata:y%0A%0Adata:z%0A%0A"
  [ "$status" -eq 0 ]
  same '0 {"id":"7","event":"news","data":"x\ny","retry":5}
1 {"id":"7","event":"message","data":"z","retry":5}
ok' "$(told)"
}

@test "items have the request's index and id" {
  printf '%s\n' '{"url":"'"$ORIGIN"'/body?text=a%0Ab","id":{"n":1}}' \
    "$ORIGIN/body?text=c" | "$AFETCH" --stream lines >out
  same '0 {"n":1} 0
0 {"n":1} 1
1 null 0' "$(jq -rc 'select(has("seq")) | "\(.index) \(.id | tojson) \(.seq)"' out | sort)"
}

@test "items are printed when they come, not at the end" {
  start_fetch --stream lines "$ORIGIN/stream/a?text=one%0Atwo%0Ahalf&end=hang"
  wait_for 10 lines 2
  same '0 "one"
1 "two"' "$(told)"
}

@test "the key stream of a line, beside lines without" {
  cat >list <<LINES
{"url":"$ORIGIN/body?text=a%0A","stream":"lines"}
{"url":"$ORIGIN/body?text=1","stream":"json"}
$ORIGIN/body?text=b
{"url":"$ORIGIN/ok","stream":"words"}
LINES
  fetch list
  [ "$status" -eq 1 ]
  holds 'map(select(has("seq")) | .index) | sort == [0, 1]'
  holds 'map(select(has("ok"))) | sort_by(.index) |
    map(.ok) == [true, true, true, false] and .[3].error.code == "bad_value"'
  fetch --body inline list
  holds 'map(select(has("seq"))) == []'
  holds 'map(select(.index < 2)) | all(.[]; .error.code == "bad_value")'
}

@test "streams side by side: whole lines, each in its order" {
  seq 20 | awk -v url="$ORIGIN/bytes/100000?" '{ print url $1 }' >list
  fetch --stream lines --host-concurrency 0 list
  [ "$status" -eq 0 ]
  # 64 bytes are a line of the origin.
  holds 'group_by(.index) | length == 20 and all(.[];
    (map(.seq // empty) == [range(1563)]) and .[-1].ok and
    (.[:-2] | all(.[]; .text | length == 63)))'
}

@test "a stream that hangs holds no other one up" {
  printf '%s\n' "$ORIGIN/stream/a?text=x%0A&end=hang" \
    "$ORIGIN/bytes/640" >list
  start_fetch --stream lines list
  wait_for 10 lines 12
  holds 'map(select(.index == 1)) | length == 11 and .[-1].ok'
}

@test "an answer that is not accepted is no stream, nor is a redirect" {
  fetch --stream lines "$ORIGIN/status/404"
  same status "$(told)"
  fetch --stream lines --accept 404 "$ORIGIN/status/404"
  holds 'length == 2 and .[0].seq == 0 and .[1].ok'
  fetch --stream lines "$ORIGIN/redirect/2"
  same '0 "ok"
ok' "$(told)"
  fetch --stream lines --no-location "$ORIGIN/redirect/2"
  same ok "$(told)"
}

@test "events of another type are none" {
  fetch --stream sse --retry 3 "$ORIGIN/stream/a?type=text/plain&text=data:x%0A%0A"
  [ "$status" -eq 1 ]
  same content_type "$(told)"
  holds '.[0] | .attempts == 1 and .error.class == "decode" and
    (.error.message | test("text/plain"))'
  fetch --stream sse "$ORIGIN/stream/b?type=Text/Event-Stream;charset=x&text=data:x%0A%0A"
  same ok "$(told | tail -1)"
  fetch --stream sse "$ORIGIN/status/204"
  same ok "$(told)"
}

@test "what is no JSON ends its stream, behind the items before it" {
  fetch --stream json "$ORIGIN/body?text=1%20%5B2%5D%20x%203"
  [ "$status" -eq 1 ]
  same '0 1
1 [2]
bad_json' "$(told)"
  holds '.[2].error | .class == "decode" and (.message | test("seq 2"))'
  fetch --stream json "$ORIGIN/body?text=1%20%7B"
  same '0 1
bad_json' "$(told)"
}

@test "an item over 1 MiB ends its stream" {
  awk 'BEGIN { print "first"; for (i = 0; i < 1100000; i++) printf "x" }' >big
  start_file big
  fetch --stream lines "$FILE_URL"
  [ "$status" -eq 1 ]
  same '0 "first"
item' "$(told)"
  holds '.[1].error.class == "too_large"'
}

# Serves a file by nginx as $FILE_URL.
start_file() {
  start_nginx
  cp "$1" "$NGINX_ROOT/"
  FILE_URL=$NGINX/$1
}

@test "--max-body counts as ever: items up to it, then the error" {
  fetch --stream lines --max-body 130 "$ORIGIN/bytes/640"
  [ "$status" -eq 1 ]
  same 'max_body 2' "$(told | awk '/^[0-9]/ { n++ } END { print $0, n }')"
}

@test "lines and values: no retry once an item was given" {
  fetch --stream lines --retry 3 \
    "$ORIGIN/stream/a?text=one%0Ahalf&end=close&text=two%0A&end=done"
  [ "$status" -eq 1 ]
  same '0 "one"
eof' "$(told)"
  holds '.[-1] | .attempts == 1 and .error.class == "truncated"'
  fetch --stream json --retry 3 \
    "$ORIGIN/stream/b?text=1%20&end=reset&text=2%20&end=done"
  same '0 1
reset' "$(told)"
}

@test "before the first item a retry is as ever" {
  fetch --stream lines --retry 3 \
    "$ORIGIN/stream/a?text=half&end=close&text=two%0A&end=done"
  [ "$status" -eq 0 ]
  same '0 "two"
ok' "$(told)"
  holds '.[-1].attempts == 2'
  fetch --stream lines "$ORIGIN/flaky/b?fail=2"
  same '0 "ok"
ok' "$(told)"
}

@test "events go on where they stopped, with Last-Event-ID" {
  local url
  url="$ORIGIN/stream/a?type=text/event-stream"
  url+="&text=id:7%0Adata:{Last-Event-ID}%0A%0Adata:half&end=close"
  url+="&text=data:{Last-Event-ID}+{Accept}%0A%0Aid:8%0Adata:x%0A%0A&end=reset"
  url+="&text=data:{Last-Event-ID}%0A%0A&end=done"
  fetch --stream sse "$url"
  [ "$status" -eq 0 ]
  same '0 ""
1 "7+text/event-stream"
2 "x"
3 "8"
ok' "$(jq -r 'if has("seq") then "\(.seq) \(.event.data | tojson)" else "ok" end' out)"
  holds '.[-1] | .attempts == 3 and (.tries | map(.error)) == ["eof", "reset", null]'
}

@test "a Last-Event-ID of the line's own is outdated by the server's" {
  local url="$ORIGIN/stream/a?type=text/event-stream"
  url+="&text=id:7%0Adata:{Last-Event-ID}%0A%0A&end=close"
  url+="&text=data:{Last-Event-ID}+{Accept}%0A%0A&end=done"
  echo '{"url":"'"$url"'","headers":{"Last-Event-ID":"3","Accept":"*/*"}}' |
    "$AFETCH" --stream sse --retry-delay 1ms >out
  same '3 7+*/*' "$(jq -r '.event.data // empty' out | xargs)"
}

@test "an id that cannot stand in a header field is not sent" {
  local url="$ORIGIN/stream/a?type=text/event-stream"
  url+="&text=id:7%1B[2J%0Adata:x%0A%0A&end=close"
  url+="&text=data:<{Last-Event-ID}>%0A%0A&end=done"
  fetch --stream sse "$url"
  holds '.[0].event.id == "7\u001b[2J" and .[1].event.data == "<>" and .[2].ok'
}

@test "reconnections in a row are counted, those that bring events are not" {
  local url="$ORIGIN/stream/KEY?type=text/event-stream" cut='&text=&end=close'
  local event='&text=data:x%0A%0A&end=close'
  fetch --stream sse --retry 2 "${url/KEY/a}$event$cut"
  [ "$status" -eq 1 ]
  holds 'length == 2 and .[0].seq == 0 and .[1].error.code == "eof" and
    .[1].attempts == 3'
  fetch --stream sse --retry 2 "${url/KEY/b}$event$event$event$event$cut"
  same '4' "$(grep -c '"seq"' out)"
  holds '.[-1].attempts == 6'
  fetch --stream sse --retry 0 "${url/KEY/c}$event"
  holds '.[-1].attempts == 1'
}

@test "the server's reconnection time is a floor, capped" {
  local url="$ORIGIN/stream/KEY?type=text/event-stream"
  local rest='%0Adata:x%0A%0A&end=close&text=data:y%0A%0A&end=done'
  fetch --stream sse "${url/KEY/a}&text=retry:300$rest"
  holds '.[-1].tries[0].wait | . >= 0.3 and . < 0.4'
  fetch --stream sse --retry-max-delay 20ms "${url/KEY/b}&text=retry:99999999$rest"
  holds '.[-1].tries[0].wait == 0.02'
}

@test "a server that closes at once is not asked at once" {
  local url="$ORIGIN/stream/KEY?type=text/event-stream"
  local event='&text=data:x%0A%0A&end=close' cut='&text=&end=close'
  # Without a time of the server it is --retry-delay; full jitter alone could
  # be no time at all.
  fetch --stream sse --retry 9 --retry-delay 10ms \
    "${url/KEY/a}$event$event$event$event&text=&end=done"
  holds '.[-1].tries | map(.wait) == [0.01, 0.01, 0.01, 0.01, 0]'
  # Those that bring nothing may take longer and longer, up to the cap.
  fetch --stream sse --retry 6 --retry-delay 10ms --retry-max-delay 40ms \
    "${url/KEY/b}$event$cut$cut$cut$cut$cut&text=&end=done"
  holds '.[-1].tries | map(.wait // 0) as $wait | $wait[0] == 0.01 and
    ([range(1; 6) | $wait[.] as $w |
      $w >= 0.01 and $w <= ([0.01 * pow(2; .), 0.04] | min)] | all)'
  fetch --stream sse "${url/KEY/c}&text=retry:0%0Adata:x%0A%0A&end=close&text=&end=done"
  holds '.[-1].tries[0].wait < 0.001'
}

@test "a stream has no -m of its own; a given one ends it for good" {
  fetch --stream sse --retry 3 -m 300ms \
    "$ORIGIN/stream/a?type=text/event-stream&text=data:x%0A%0A&end=hang"
  same 'max_time 1' "$(told | tail -1) $(jq -r '.attempts // empty' out)"
  "$AFETCH" --dump-options | awk -F'\t' '$1 == "max-time" { print $5 }' |
    grep -qx auto
}

@test "a stalled reader pauses the stream and its clock, not memory" {
  mkfifo pipe
  "$AFETCH" --stream lines -m 1s --speed-limit 10K --speed-time 1s \
    "$ORIGIN/bytes/30000000" >pipe 2>err 3>&- &
  pid=$!
  started+=("$pid")
  exec {reader}<pipe
  sleep 2.5 # twice its times: it would have ended by then
  [ "$(origin_stats .active)" -eq 1 ]
  is_sanitized || [ "$(peak "$pid")" -lt 32768 ]
  cat <&"$reader" >out
  finish
  [ "$status" -eq 0 ]
  holds '(.[:-1] | map(.seq)) == [range(468750)] and .[-1].ok'
  is_sanitized || [ "$(wc -l <out)" -eq 468751 ]
}

@test "a small body that is many lines does not fill memory" {
  need gzip
  # One piece of it is 16 MB when decoded, and 60 times that as items.
  head -c 20000000 /dev/zero | tr '\0' '\n' | gzip >lines.gz
  start_nginx 'location = /lines.gz { add_header Content-Encoding gzip; }'
  cp lines.gz "$NGINX_ROOT/"
  mkfifo pipe
  "$AFETCH" --stream lines --max-ratio 0 "$NGINX/lines.gz" >pipe 2>err 3>&- &
  pid=$!
  started+=("$pid")
  exec {reader}<pipe
  head -n 1000 <&"$reader" >/dev/null
  wait_for 20 nginx_has_sent
  is_sanitized || [ "$(peak "$pid")" -lt 65536 ]
  tail -n 2 <&"$reader" >out
  finish
  [ "$status" -eq 0 ]
  holds '.[0].seq == 19999999 and .[1].ok and .[1].size == 20000000'
}

nginx_has_sent() {
  grep -q /lines.gz "$NGINX_LOG"
}

@test "the first signal drains; then a stream is cancelled behind its items" {
  start_fetch --stream lines --grace 100ms \
    "$ORIGIN/stream/a?text=one%0Atwo%0A&end=hang"
  wait_for 10 lines 2
  kill -INT "$pid"
  finish
  [ "$status" -eq 130 ]
  same '0 "one"
1 "two"
signal' "$(told)"
  holds '.[-1].error.class == "cancelled"'
}

# The system may cut a write when the process is killed: the last line only.
@test "a kill leaves whole lines, but for the last one" {
  start_fetch --stream lines "$ORIGIN/endless"
  wait_for 10 lines 1000
  kill -KILL "$pid"
  finish
  [ "$status" -eq 137 ]
  [ "$(tail -c 1 out | od -An -c | tr -d ' ')" = '\n' ] || sed -i '$d' out
  holds 'length >= 1000 and map(.seq) == [range(length)]'
}

@test "a reader that leaves ends the run quietly" {
  "$AFETCH" --stream lines "$ORIGIN/endless" 2>err | head -n 1 >out
  status=${PIPESTATUS[0]}
  [ "$status" -eq 141 ]
  same '0 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"' \
    "$(told)"
  [ ! -s err ]
}

@test "--body inline and --stream are wrong use" {
  run "$AFETCH" --stream lines --body inline "$ORIGIN/ok"
  [ "$status" -eq 2 ]
  [[ $output == *--stream* ]]
  [ "$(origin_stats .requests)" -eq 0 ]
}
