#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Promises: one request, one record; stdout carries records, stderr everything
# else. What a record has, that every line parses whatever a server sends, and
# how records are written: to a file, to a reader that stalls or goes away.
# That they match the schema is in schema.bats, what faults say in faults.bats.

# shellcheck disable=SC2016 # expanded by inner shells
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

teardown() {
  if [ -n "${pid-}" ]; then
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  stop_servers
}

asked() {
  curl -s "$ORIGIN/log"
}

escape() {
  jq -sRr @uri
}

# Checks every line as bytes: strict JSON, valid UTF-8, no byte or character
# raw that a terminal or an editor acts upon.
clean() { # FILE
  jq -c . "$1" >/dev/null
  $PYTHON - "$1" <<'PYTHON'
import json, re, sys

def refuse(what):
    raise ValueError(what)

def once(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)

text = open(sys.argv[1], "rb").read().decode("utf-8", "strict")
assert text.endswith("\n")
for line in text[:-1].split("\n"):
    json.loads(line, parse_constant=refuse, object_pairs_hook=once)
    assert not re.search("[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c"
                         "\u202a-\u202e\u2066-\u2069\ufeff]", line), line
PYTHON
}

@test "fields come in the order of --list-fields, whatever there is of them" {
  cat >list <<LINES
{"id":1,"url":"$ORIGIN/redirect/2"}
{"url":"$ORIGIN/flaky/a?fail=1"}
{"url":"$ORIGIN/both-framings"}
{"url":"$ORIGIN/both-framings"}
{"url":"$ORIGIN/status/404","id":null}
mailto:x
LINES
  "$AFETCH" --dedupe --retry-delay 1ms --headers --body inline --fields \
    "$("$AFETCH" --list-fields | cut -d ' ' -f 1 | tac | paste -sd ,)" \
    list >records || [ $? -eq 1 ]
  printf '%s\n' "$ORIGIN"/{html,ranges/a?fail=9\&cut=9} >saved
  for again in --no-skip-existing --skip-existing; do
    "$AFETCH" --retry 0 --output-dir saved.d --continue --hash sha256 $again --fields \
      "$("$AFETCH" --list-fields | cut -d ' ' -f 1 | grep -vx 'body\|body_encoding' |
        tac | paste -sd ,)" saved >>records || [ $? -eq 1 ]
  done
  "$AFETCH" --list-fields | cut -d ' ' -f 1 >all
  while read -r record; do
    jq -r 'keys_unsorted[]' <<<"$record" >keys
    same "$(<keys)" "$(grep -xFf keys all)"
  done <records
  # Between them they have all there is, but for what etags.bats and
  # budget.bats ask for.
  same "$(sort all)" "$({
    jq -r 'keys[]' records
    printf '%s\n' not_modified would_send
  } | sort -u)"
}

@test "a plain record has just the fields that have something to say" {
  "$AFETCH" "$ORIGIN/ok" >records
  same "index key url method ok status final_url http_version remote_ip\
 remote_port content_type size size_download attempts time started_at error" \
    "$(jq -r 'keys_unsorted | join(" ")' records)"
  same "[0,\"$ORIGIN/ok\",\"GET\",true,200,\"1.1\",\"127.0.0.1\",$ORIGIN_PORT,\
3,3,1,null]" "$(jq -c '[.index, .url, .method, .ok, .status, .http_version,
    .remote_ip, .remote_port, .size, .size_download, .attempts, .error]' records)"
  same true "$(jq '.time | .total >= .ttfb and .ttfb >= .connect' records)"
  same true "$(jq '(.started_at | sub("[.][0-9]{6}Z$"; "Z") | fromdate) as $at |
    now - $at | . < 60 and . > -2' records)"
}

@test "every request has one record, whatever came of it" {
  local paths
  paths=$(echo /{ok,status/404,reset,empty,truncate,bad-chunk,not-http,loop} \
    /redirect/3 '/redirect-to?url=mailto:x' /big-header /eof-headers)
  {
    for path in $paths; do
      echo "$ORIGIN$path"
    done
    printf '%s\n' 'mailto:x' '{' "http://127.0.0.1:$(free_port)/"
  } >list
  "$AFETCH" --retry 1 --retry-delay 1ms list list list >records || [ $? -eq 1 ]
  same "$(seq 0 44)" "$(jq .index records | sort -n)"
  clean records
}

@test "--fields LIST gives those fields, in the fixed order" {
  same '{"index":0,"ok":true,"status":200}' \
    "$("$AFETCH" --fields status,ok,index "$ORIGIN/ok")"
}

@test "--fields +name and -name change the default" {
  "$AFETCH" "$ORIGIN/ok" >plain
  "$AFETCH" --fields -time,+headers,-key "$ORIGIN/ok" >records
  same "$(jq -r 'keys[]' plain | grep -vx -e time -e key |
    cat - <(echo headers) | sort)" "$(jq -r 'keys[]' records | sort)"
}

@test "--fields +request is the request's own JSON" {
  "$AFETCH" --fields request - >records <<LINES
{"id":1,"url":"$ORIGIN/a","x":1,"headers":{"A":["b"]}, "json": {"c": 1.0}}
LINES
  same "{\"request\":{\"url\":\"$ORIGIN/a\",\"headers\":{\"A\":[\"b\"]},\
\"json\":{\"c\": 1.0}}}" "$(<records)"
  same "{\"request\":{\"url\":\"$ORIGIN/b\"}}" \
    "$("$AFETCH" --fields request "$ORIGIN/b")"
}

@test "wrong --fields are refused, naming the nearest" {
  local list
  for list in statuz +statuz -statuz; do
    run --separate-stderr "$AFETCH" --fields "$list" "$ORIGIN/ok"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *--fields*"statuz'; did you mean 'status'"* ]]
  done
  for list in '' 'ok,' ',ok' 'ok,-url' '+ok,url'; do
    run --separate-stderr "$AFETCH" --fields "$list" "$ORIGIN/ok"
    [ "$status" -eq 2 ]
    [[ $stderr == *--fields* ]]
  done
  same '' "$(asked)"
}

@test "--headers maps lower-case names to all their values, in order" {
  "$AFETCH" --headers "$ORIGIN/headers?X-One=1&x-MANY=a&X-Many=b,%20c&X-Empty=" \
    >records
  same '{"x-one":["1"],"x-many":["a","b, c"],"x-empty":[""]}' \
    "$(jq -c '.headers | {"x-one", "x-many", "x-empty"}' records)"
  same '["3"]' "$(jq -c '.headers["content-length"]' records)"
  same false "$(jq '.headers | has("X-One")' records)"
}

@test "--headers are those of the last response" {
  "$AFETCH" --headers "$ORIGIN/redirect-to?url=/ok&header=X-First:1" >records
  same false "$(jq '.headers | has("location") or has("x-first")' records)"
}

@test "--body inline is text where it is UTF-8, else base64" {
  "$AFETCH" --body inline "$ORIGIN/utf8" "$ORIGIN/bin" "$ORIGIN/bytes/0" \
    "$ORIGIN/status/404" >records || [ $? -eq 1 ]
  clean records
  diff <(curl -s "$ORIGIN/utf8") <(jq -j 'select(.index == 0).body' records)
  diff <(curl -s "$ORIGIN/bin" | od -c) \
    <(jq -r 'select(.index == 1).body' records | base64 -d | od -c)
  same 'utf-8 base64 utf-8 utf-8' \
    "$(jq -sr 'sort_by(.index)[].body_encoding' records | xargs)"
  same '""' "$(jq 'select(.index == 2).body' records)"
  same '"scripted\n"' "$(jq 'select(.index == 3).body' records)"
}

@test "a body that nobody asked for is counted, not kept" {
  "$AFETCH" "$ORIGIN/bytes/1000" >records
  same '[1000,1000,false,false]' \
    "$(jq -c '[.size, .size_download, has("body"), has("body_encoding")]' records)"
}

@test "--body none takes back --body inline" {
  "$AFETCH" --body inline --body none "$ORIGIN/ok" >records
  same false "$(jq 'has("body")' records)"
}

@test "a body over --max-body is too_large and not in the record" {
  run "$AFETCH" --body inline --max-body 1000 "$ORIGIN/bytes/1000" \
    "$ORIGIN/bytes/1001" "$ORIGIN/bytes/1000?chunked=1" \
    "$ORIGIN/bytes/1001?chunked=1" "$ORIGIN/no-length?bytes=1001" "$ORIGIN/endless"
  [ "$status" -eq 1 ]
  echo "$output" >records
  same '0 2' "$(jq 'select(.ok).index' records | sort | xargs)"
  same 1000 "$(jq 'select(.ok).body | length' records | sort -u)"
  same '["too_large","max_body",200,false,1]' \
    "$(jq -c 'select(.ok | not) | [.error.class, .error.code, .status,
      has("body"), .attempts]' records | sort -u)"
  # What came of a chunked one counts.
  same true "$(jq -s 'map(select(.index | . == 3 or . == 5)) |
    all(.size > 1000)' records)"
}

@test "--max-body holds without --body, and 10M without --max-body" {
  run "$AFETCH" --max-body 1K "$ORIGIN/bytes/1025" "$ORIGIN/bytes/1024"
  [ "$status" -eq 1 ]
  same '1024 true 1025 false' \
    "$(jq -r '"\(.url | sub(".*/"; "")) \(.ok)"' <<<"$output" | sort | xargs)"
  "$AFETCH" --body inline --fields url,size,error \
    "$ORIGIN/bytes/$((10 << 20))" "$ORIGIN/bytes/$(((10 << 20) + 1))" \
    >records || [ $? -eq 1 ]
  same "/$(((10 << 20) + 1))" \
    "$(jq -r 'select(.error.code == "max_body").url' records |
      sed 's|.*/bytes||')"
  "$AFETCH" --body inline --max-body none --fields size,ok \
    "$ORIGIN/bytes/$(((10 << 20) + 1))" >records
}

# Bytes that a server may send where text belongs.
hostile() {
  printf '\x1b[2J\x1b]0;x\x07\x07\x08\x7f\xc2\x80\xc2\x9b31m\xe2\x80\xa8\xe2\x80'
  printf '\xa9\xe2\x80\xae\xe2\x81\xa6\xef\xbb\xbf\xff\xfe\xc0\xaf\xed\xa0\x80'
  printf '\xf4\x90\x80\x80\xe2\x82"\\\xf0\x9f\x98\x80\xe2'
}

@test "hostile bytes of a server are escaped wherever they stand" {
  local bad raw
  bad=$(hostile | escape)
  raw="HTTP/1.1%20200%20${bad}%0D%0AContent-Type:%20a${bad}b%0D%0AX:%20${bad}"
  raw+="%0D%0AX-${bad}:%201%0D%0AContent-Length:%203%0D%0A%0D%0Aok%0A"
  {
    echo "$ORIGIN/raw?text=$raw"
    echo "$ORIGIN/raw?text=${bad}"
    echo "$ORIGIN/raw?text=HTTP/1.1%20200%20OK%0D%0A%0D%0A${bad}"
    echo "$ORIGIN/raw?text=HTTP/1.1%20302%20OK%0D%0ALocation:%20/${bad}%0D%0A%0D%0A"
    echo "$ORIGIN/headers?X-A=${bad}&X-B=a"
    printf '%s/\xe2\x80\xae\xc2\x9b?\xe2\x80\xa8\n' "$ORIGIN"
    printf '{"id":"\xe2\x80\xae\xc2\x9b\xe2\x80\xa8\x7f","url":"%s/x"}\n' "$ORIGIN"
    printf 'x\xe2\x80\xae\xff\x1b[2J:y\n'
    printf 'ht\x1btp://\x9b\n'
  } >list
  "$AFETCH" --headers --body inline --fields +request --retry 0 list >records ||
    [ $? -eq 1 ]
  same 9 "$(wc -l <records)"
  clean records
  # Escaped, not lost.
  same true "$(jq 'select(.index == 0).content_type |
    contains("\u001b[2J") and contains("\u202e") and contains("\ufffd")' records)"
}

@test "any bytes of a body come out again" {
  local n
  for n in {1..40}; do
    $PYTHON -c 'import random, sys, urllib.parse
random.seed(int(sys.argv[1]))
pieces = [b"\0", b"\xff", b"\"", b"\\", "\u2028\u202e\x9b\x7f".encode(), b"a",
          "\U0001f600\ufffd".encode(), b"\r\n\t\x1b", b"\xe2\x82", b"\xc3\xa9"]
body = b"".join(random.choices(pieces, k=random.randrange(1, 6)))
head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
print(sys.argv[2] + "/raw?text=" + urllib.parse.quote(head + body))' "$n" "$ORIGIN"
  done >list
  "$AFETCH" --body inline list >records
  clean records
  $PYTHON - <<'PYTHON'
import base64, json, urllib.parse
for line in open("records"):
    record = json.loads(line)
    sent = urllib.parse.unquote_to_bytes(record["url"].split("text=")[1])
    body = sent.split(b"\r\n\r\n", 1)[1]
    got = (record["body"].encode() if record["body_encoding"] == "utf-8"
           else base64.b64decode(record["body"], validate=True))
    assert got == body, record
    try:
        body.decode()
        assert record["body_encoding"] == "utf-8", record
    except UnicodeDecodeError:
        assert record["body_encoding"] == "base64", record
PYTHON
}

# The keys of the lines of stdin, in their order.
keys() {
  "$AFETCH" --default-scheme http --retry 0 --connect-timeout 5 - >keyed ||
    [ $? -eq 1 ]
  jq -sr 'sort_by(.index)[].key' keyed
}

@test "the key of the same request is the same, however it is written" {
  local port=$ORIGIN_PORT
  keys >got <<LINES
$ORIGIN/a%7Eb/c?q=1
HTTP://127.0.0.1:$port/a~b/c?q=1
127.0.0.1:$port/x/../a%7eb/./c?q=1#fragment
{"url":"$ORIGIN/a~b/c?q=1"}
{"id":7,"url":"$ORIGIN/a~b/c?q=1","method":"GET","priority":1,"timeout":9,"x":1}
{"url":"$ORIGIN/a~b/c?q=1","retry":3,"accept":404,"headers":{}}
LINES
  same 6 "$(wc -l <got)"
  same 1 "$(sort -u got | wc -l)"
  grep -qxE '[0-9a-f]{32}' got
}

@test "the key of the same header fields is the same in any order and case" {
  keys >got <<LINES
{"url":"$ORIGIN/a","headers":{"A":"1","B":["2","3"]}}
{"url":"$ORIGIN/a","headers":{"b":["2","3"],"a":"1"}}
LINES
  same 1 "$(sort -u got | wc -l)"
}

@test "the key of any other request is another" {
  keys >got <<LINES
$ORIGIN/a
$ORIGIN/A
$ORIGIN/a/
$ORIGIN/a?
$ORIGIN/a?q
http://127.0.0.1:$(free_port)/a
http://u@127.0.0.1:$ORIGIN_PORT/a
{"url":"$ORIGIN/a","method":"HEAD"}
{"url":"$ORIGIN/a","method":"get"}
{"url":"$ORIGIN/a","method":"POST"}
{"url":"$ORIGIN/a","body":"x"}
{"url":"$ORIGIN/a","json":"x"}
{"url":"$ORIGIN/a","headers":{"A":"1"}}
{"url":"$ORIGIN/a","headers":{"A":"2"}}
{"url":"$ORIGIN/a","headers":{"A":["1","2"]}}
{"url":"$ORIGIN/a","headers":{"A":["2","1"]}}
{"url":"$ORIGIN/a","headers":{"A":"1","B":"1"}}
mailto:a
mailto:b
LINES
  same 19 "$(sort -u got | wc -l)"
}

@test "the key of an invalid line is that of its bytes" {
  keys >got <<LINES
mailto:a
mailto:a
{"url":1}
{"url": 1}
LINES
  same "$(sed -n 1p got)" "$(sed -n 2p got)"
  same 3 "$(sort -u got | wc -l)"
}

@test "-o FILE takes the records, with their key" {
  run --separate-stderr "$AFETCH" -o out --fields index,ok "$ORIGIN/a" "$ORIGIN/b"
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  same 2 "$(wc -l <out)"
  same 'index key ok' "$(jq -r 'keys_unsorted | join(" ")' out | sort -u)"
  "$AFETCH" -o out2 --fields -key "$ORIGIN/a"
  same true "$(jq 'has("key")' out2)"
}

@test "-o refuses a file that is not empty, and --force overwrites it" {
  printf 'precious\n%s\n' "$(head -c 5000 /dev/zero | tr '\0' x)" >out
  cp out before
  run --separate-stderr "$AFETCH" -o out "$ORIGIN/a"
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [[ $stderr == 'afetch: out '*--force* ]]
  cmp out before
  same '' "$(asked)"
  "$AFETCH" -o out --force "$ORIGIN/a"
  same 1 "$(wc -l <out)"
  clean out
}

@test "-o takes an empty file and no file, and refuses a bad place" {
  : >empty
  "$AFETCH" -o empty "$ORIGIN/a"
  same 1 "$(wc -l <empty)"
  for file in missing/out .; do
    run --separate-stderr "$AFETCH" -o "$file" "$ORIGIN/b"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == "afetch: cannot write $file: "* ]]
  done
  same 'GET /a' "$(asked)"
}

@test "-o - is standard output" {
  run --separate-stderr "$AFETCH" -o - "$ORIGIN/a"
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 1 ]
  [ ! -e - ]
}

@test "a full disk stops the run with a message, exit 5" {
  [ -w /dev/full ] || skip "there is no /dev/full"
  seq -f "$ORIGIN/%.0f" 5000 >list
  run --separate-stderr "$AFETCH" -o /dev/full list
  [ "$status" -eq 5 ]
  [ "$stderr" = 'afetch: cannot write /dev/full: No space left on device' ]
  run --separate-stderr sh -c '"$AFETCH" list >/dev/full'
  [ "$status" -eq 5 ]
  [ "$stderr" = 'afetch: cannot write stdout: No space left on device' ]
  # It did not go on to the end.
  [ "$(asked | wc -l)" -lt 5000 ]
}

@test "a closed or a read-only standard output is wrong usage" {
  run --separate-stderr sh -c '"$AFETCH" "$ORIGIN/a" >&-'
  [ "$status" -eq 2 ]
  [[ $stderr == 'afetch: stdout '* ]]
  run --separate-stderr sh -c '"$AFETCH" "$ORIGIN/a" 1</dev/null'
  [ "$status" -eq 2 ]
  same '' "$(asked)"
}

@test "a reader that goes away ends the run quietly, as by SIGPIPE" {
  local statuses
  seq -f "$ORIGIN/%.0f" 20000 >list
  "$AFETCH" list 2>err | head -n 1 >out
  statuses=("${PIPESTATUS[@]}")
  same '141 0' "${statuses[*]}"
  same '' "$(<err)"
  same 1 "$(wc -l <out)"
  [ "$(asked | wc -l)" -lt 20000 ]
}

@test "a reader that goes away while SIGPIPE is ignored: 141 too" {
  seq -f "$ORIGIN/%.0f" 20000 >list
  run bash -c 'trap "" PIPE
    "$AFETCH" list 2>err | head -n 1 >out; echo "${PIPESTATUS[0]}"'
  same 141 "$output"
  same '' "$(<err)"
}

first_is_sent() {
  [ -n "$(asked | head -n 1)" ]
}

@test "a reader that stalls fails no transfer, and the rest comes when it reads" {
  mkfifo slow
  exec {hold}<>slow
  seq -f "$ORIGIN/bytes/2000?%.0f" 2000 >list
  # Limits shorter than the stall: the stall must not count.
  "$AFETCH" --retry 0 -m 1 --speed-time 1s --body inline list >slow 2>err 3>&- &
  pid=$!
  wait_for 10 first_is_sent
  for _ in {1..30}; do
    sleep 0.05
  done
  kill -0 "$pid"
  cat slow >out 3>&- {hold}>&- &
  exec {hold}>&-
  wait "$pid"
  wait $!
  same "$(seq 0 1999)" "$(jq .index out | sort -n)"
  same 2000 "$(jq 'select(.ok and .size == 2000).index' out | wc -l)"
  clean out
}

@test "records to a pipe that others write to as well stay whole" {
  seq -f "$ORIGIN/%.0f" 500 >list
  {
    "$AFETCH" list &
    "$AFETCH" list &
    "$AFETCH" list &
    wait
  } | cat >out
  clean out
  same 1500 "$(wc -l <out)"
}

@test "standard output and input are never made non-blocking" {
  local flags
  mkfifo in out
  exec {hold}<>out
  "$AFETCH" <in >out 3>&- &
  pid=$!
  exec {feed}>in
  echo "$ORIGIN/a" >&"$feed"
  read -r _ <&"$hold"
  for fd in 0 1; do
    flags=$(awk '/^flags/ { print $2 }' "/proc/$pid/fdinfo/$fd")
    (((8#$flags & 8#4000) == 0))
  done
  # The flag is the description's, which this shell shares.
  exec {feed}>&-
  wait "$pid"
  run sh -c '"$AFETCH" "$ORIGIN/a" | cat >/dev/null
    "$AFETCH" "$ORIGIN/a" >&3; cat /proc/self/fdinfo/3' 3>&"$hold"
  (((8#$(awk '/^flags/ { print $2 }' <<<"$output") & 8#4000) == 0))
}

# Runs afetch with stderr on a terminal and prints what that shows.
stderr_on_terminal() {
  $PYTHON - "$@" <<'PYTHON'
import os, pty, subprocess, sys

master, slave = pty.openpty()
child = subprocess.Popen([os.environ["AFETCH"], *sys.argv[1:]],
                         stdin=subprocess.DEVNULL, stdout=open("out", "wb"),
                         stderr=slave)
os.close(slave)
shown = b""
try:
    while piece := os.read(master, 65536):
        shown += piece
except OSError:  # what Linux says where others say end of file
    pass
child.wait()
sys.stdout.write(shown.decode().replace("\r", ""))
PYTHON
}

@test "a terminal gets one line at the end" {
  run stderr_on_terminal --retry 0 "$ORIGIN/a" "$ORIGIN/b" "$ORIGIN/status/404" \
    "$ORIGIN/status/500" "$ORIGIN/empty"
  [ "${#lines[@]}" -eq 1 ]
  echo "$output" | grep -qE "^afetch: 5 done, 2 ok, 3 failed \(http 2, protocol 1\)\
 in [0-9]+\.[0-9]+ s, [0-9.]+/s\$"
  same 5 "$(wc -l <out)"
}

@test "-s silences that line, and what is no terminal never gets it" {
  run stderr_on_terminal -s "$ORIGIN/a"
  same '' "$output"
  run --separate-stderr "$AFETCH" "$ORIGIN/a"
  [ -z "$stderr" ]
}

@test "a file is not both input and output" {
  echo "$ORIGIN/name" >list
  run --separate-stderr sh -c '"$AFETCH" list >>list'
  [ "$status $stderr" = '2 afetch: list is both input and output' ]
  run --separate-stderr sh -c '"$AFETCH" <list >>list'
  [ "$status $stderr" = '2 afetch: stdin is both input and output' ]
  run --separate-stderr "$AFETCH" list -o list --force
  [ "$status $stderr" = '2 afetch: list is both input and output' ]
  same "$ORIGIN/name" "$(<list)"
}

@test "two runs do not write one file" {
  "$AFETCH" -o out "$ORIGIN/hang" -m 20s --retry 0 &
  pid=$!
  wait_for 10 test -e out
  asked_hang() { [ "$(asked)" = 'GET /hang' ]; }
  wait_for 10 asked_hang
  run --separate-stderr "$AFETCH" -o out "$ORIGIN/name"
  [ "$status $stderr" = '5 afetch: out is in use by another run, which holds out.lock' ]
}

@test "a limit on the size of files ends the run with exit 5" {
  for _ in {1..100}; do
    echo "$ORIGIN/name"
  done >list
  run --separate-stderr bash -c 'ulimit -f 1 && exec "$AFETCH" -o out list'
  [ "$status $stderr" = '5 afetch: cannot write out: File too large' ]
}
