#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Strict reading: whatever could smuggle a second request, or be read in two
# ways, is one `input` record with its line number, nothing of it is sent, and
# the run goes on; with --strict it stops there. What valid lines do is in
# input.bats and jsonl.bats; every form of bad JSON in the unit tests.

load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

asked() {
  curl -s "$ORIGIN/log"
}

# Each line of stdin stands in a list between good lines. Every one of them
# must be one record of class input with the code, the line's number, and no
# attempt; and the origin must see the good ones and nothing else.
refused() { # CODE [OPTION...]
  local code=$1 count line
  shift
  cat >bad
  count=$(wc -l <bad)
  : >list
  for ((line = 1; line <= count; line++)); do
    echo "$ORIGIN/good/$line"
    sed -n "${line}p" bad
  done >>list
  echo "$ORIGIN/good/0" >>list
  run --separate-stderr "$AFETCH" "$@" list
  echo "$output" >records
  [ "$status" -eq 1 ]
  [ -z "$stderr" ]
  same "$(seq 0 $((2 * count)))" "$(jq .index records | sort -n)"
  same "$(seq 2 2 $((2 * count)))" "$(jq 'select(.line).line' records | sort -n)"
  same "[\"input\",\"$code\",\"queue\",false,null,0,false]" \
    "$(jq -c 'select(.line) | [.error.class, .error.code, .error.phase, .ok,
      .status, .attempts, .error.retryable]' records | sort -u)"
  same "$(seq 0 "$count" | sed 's|^|GET /good/|')" "$(asked | sort -t / -k 3n)"
}

# JSON lines with the given values of a key.
with() { # KEY VALUE...
  local key=$1 value
  shift
  for value; do
    echo "{\"url\":\"$ORIGIN/smuggled\",\"$key\":$value}"
  done
}

second='\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x'

@test "no header name smuggles a request" {
  with headers '{"X\r\nEvil":"1"}' "{\"X: 1$second\":\"1\"}" '{"X:":"1"}' \
    '{"X Y":"1"}' '{"":"1"}' '{"X\n":"1"}' '{" X":"1"}' '{"X\u0009":"1"}' \
    '{"X\u007f":"1"}' '{"\u00dc":"1"}' '{"X(":"1"}' '{"\"X":"1"}' \
    '{"GET / HTTP/1.1\r\nX":"1"}' | refused bad_request_header
}

@test "no header value smuggles a request" {
  with headers '{"X":"a\r\nEvil: 1"}' "{\"X\":\"1$second\"}" '{"X":"a\nb"}' \
    '{"X":"a\rb"}' '{"X":"\u0007"}' '{"X":"\u007f"}' '{"X":"a\u001b[2J"}' \
    '{"X":["a","b\r\nEvil: 1"]}' '{"X":"\n"}' '{"Host":"a\r\nEvil: 1"}' \
    '{"User-Agent":"a\r\nEvil: 1"}' | refused bad_request_header
}

@test "a NUL is nowhere but in an id" {
  {
    with headers '{"X":"a\u0000b"}' '{"X\u0000":"1"}' '{"X":["\u0000"]}'
    with method '"GET\u0000"'
    with body '"\u0000"'
    with json '"\u0000"'
    with unknown '"\u0000"' '[{"a\u0000":1}]'
    printf '{"url":"%s/smuggled\\u0000"}\n' "$ORIGIN"
  } | refused bad_value
}

@test "header fields that frame a request are refused" {
  with headers '{"Content-Length":"0"}' '{"content-length":["5"]}' \
    '{"Transfer-Encoding":"chunked"}' '{"TRANSFER-encoding":"identity"}' \
    '{"Connection":"close"}' '{"Keep-Alive":"1"}' '{"Upgrade":"h2c"}' \
    '{"TE":"trailers"}' '{"Trailer":"X"}' '{"Proxy-Connection":"close"}' \
    '{"Host":["a","b"]}' '{"Host":"a","host":"b"}' | refused bad_request_header
}

@test "headers that are no object of texts are refused" {
  with headers '[]' '"X: 1"' '1' '{"X":1}' '{"X":null}' '{"X":{"a":"b"}}' \
    '{"X":["a",1]}' '{"X":[["a"]]}' '{"X":"a","X":"b"}' |
    refused bad_request_header
}

@test "no method smuggles a request" {
  with method "\"GET /smuggled HTTP/1.1$second\"" '"GET\r\n"' '"GET /x"' \
    '"G ET"' '""' '" GET"' '"GET\t"' '"G\u00cbT"' '"GET\u007f"' '"CONNECT"' \
    '"connect"' "\"$(printf 'A%.0s' {1..100})\"" '1' '["GET"]' |
    refused bad_method
}

@test "no URL of a JSON line smuggles a request" {
  {
    for tail in "/ HTTP/1.1$second" '/a\nb' '/a\rb' '/a b' '/a\tb' '/a\u0001' \
      '/a\u007f' '\r\n/a' '?a\r\nb'; do
      echo "{\"url\":\"$ORIGIN$tail\"}"
    done
    echo "{\"url\":\"http://u%0d%0aX:p@127.0.0.1:$ORIGIN_PORT/\"}"
    echo "{\"url\":\"http://127.0.0.1%0d%0aX:$ORIGIN_PORT/\"}"
    printf '{"url":"http://127.0.0.1\\r\\n:%s/"}\n' "$ORIGIN_PORT"
  } | refused bad_url
}

@test "no URL of a list smuggles a request" {
  {
    printf '%s\r%s\n' "$ORIGIN/a" 'GET /smuggled HTTP/1.1'
    printf '%s/a\x01b\n' "$ORIGIN"
    printf '%s/a\x7fb\n' "$ORIGIN"
    printf '%s/a\x00b\n' "$ORIGIN"
    printf '%s/a\tb\n' "$ORIGIN"
    printf '%s/a HTTP/1.1\n' "$ORIGIN"
    printf '%s %s\n' "$ORIGIN/a" "$ORIGIN/b"
  } | refused bad_url
}

@test "an escaped CR LF in a path stays escaped" {
  "$AFETCH" "$ORIGIN/a%0d%0aEvil:%201?%0D%0a#%0d%0a" >records
  same 'GET /a%0D%0AEvil:%201?%0D%0a' "$(asked)"
}

@test "a raw control byte, or white space that is no JSON's, is bad JSON" {
  {
    printf '{"url":"%s","method":"G\tET"}\n' "$ORIGIN/x"
    printf '{"url":"%s","headers":{"X":"a\x01"}}\n' "$ORIGIN/x"
    printf '{"url":"%s\x00"}\n' "$ORIGIN/x"
    printf '{\x0c"url":"%s"}\n' "$ORIGIN/x"
    printf '{"url":"%s"}\x00\n' "$ORIGIN/x"
    printf '{\xc2\xa0"url":"%s"}\n' "$ORIGIN/x"
  } | refused bad_json
}

@test "JSON that only looks right is refused" {
  local url="\"url\":\"$ORIGIN/smuggled\""
  cat >lines <<LINES
{$url
{$url}}
{$url} x
{$url}{$url}
{$url},
{$url,}
{,$url}
{$url "a":1}
{$url,$url}
{$url,"\u0075rl":"$ORIGIN/x"}
{$url,"a":1,"a":2}
{$url,"a":01}
{$url,"a":1.}
{$url,"a":.5}
{$url,"a":+1}
{$url,"a":0x1}
{$url,"a":NaN}
{$url,"a":Infinity}
{$url,"a":True}
{$url,"a":'b'}
{$url,a:1}
{$url,"a":"\x41"}
{$url,"a":"\u12"}
{$url,"a":[1,]}
{$url,"a":[1}
{$url,"a":"b
{$url /* c */}
{$url,"a":"\ud800"}
{$url,"a":"\udc00\ud800"}
{}x
{
LINES
  printf '{%s,"a":%s1%s}\n' "$url" "$(printf '[%.0s' {1..64})" \
    "$(printf ']%.0s' {1..64})" >>lines
  refused bad_json <lines
}

@test "values of a wrong type or range are refused" {
  {
    with body 1 '{}' 'true'
    with body_base64 '"YQ"' '"YQ=== "' '"a b="' '"YR=="' '1'
    with priority 3 -3 1.5 '"1"' '[]'
    with timeout -1 '"5x"' '"-1s"' true 1e300
    with connect_timeout -1 '"x"'
    with retry -1 1.5 '"2"' 1e9
    with accept '"2xx,nonsense"' 99 '{}' '[[]]' '"1000"'
    echo "{\"url\":\"$ORIGIN/x\",\"body\":\"a\",\"json\":1}"
    echo "{\"url\":\"$ORIGIN/x\",\"body\":\"a\",\"body_base64\":\"YQ==\"}"
    echo '{"url":1}'
    echo '{"url":["http://127.0.0.1/"]}'
  } | refused bad_value
}

@test "a JSON line without a URL is refused" {
  printf '%s\n' '{}' '{"url":null}' "{\"URL\":\"$ORIGIN/x\"}" '{"id":1}' |
    refused no_url
}

@test "invalid UTF-8 is refused in both forms of a line" {
  local bytes
  for bytes in '\xff' '\xc3' '\xc0\xaf' '\xe2\x82' '\xed\xa0\x80' \
    '\xf4\x90\x80\x80' '\xf8\x88\x80\x80\x80' '\x80'; do
    # shellcheck disable=SC2059 # the bytes are meant to be escapes
    printf "$ORIGIN/a$bytes\n{\"url\":\"$ORIGIN/a$bytes\"}\n"
    # shellcheck disable=SC2059
    printf "{\"url\":\"$ORIGIN/a\",\"x\":\"$bytes\"}\n"
  done >lines
  refused bad_utf8 <lines
  $PYTHON -c 'import json, sys
for line in open("records", "rb"): json.loads(line.decode("utf-8", "strict"))'
}

@test "only http and https are spoken" {
  refused scheme <<LINES
ftp://127.0.0.1/x
file:///etc/passwd
gopher://127.0.0.1:$ORIGIN_PORT/_GET%20/smuggled
mailto:someone@example.com
javascript:alert(1)
data:,x
httpx://127.0.0.1:$ORIGIN_PORT/smuggled
ldap://127.0.0.1:$ORIGIN_PORT/smuggled
{"url":"file:///etc/passwd"}
{"url":"FTP://127.0.0.1/x"}
LINES
}

@test "what is no URL is refused" {
  refused bad_url <<LINES
http://
http:///x
http:/127.0.0.1:$ORIGIN_PORT/smuggled
http://127.0.0.1:99999/
http://127.0.0.1:0/
http://127.0.0.1:80x/
http://[::1
http://[::g]/
http://a..b/
http://a b/
http://?q
http://#f
{"url":""}
{"url":"http://"}
LINES
}

@test "a refused line shows its URL without the password" {
  run "$AFETCH" - <<<'http://me:secret@127.0.0.1:99999/'
  [ "$status" -eq 1 ]
  [[ $output != *secret* ]]
  same 'http://127.0.0.1:99999/' "$(jq -r .url <<<"$output")"
}

@test "a refused line keeps its id, url and method" {
  run "$AFETCH" - <<<"{\"priority\":9,\"id\":[1.0],\"method\":\"PUT\",\"url\":\"$ORIGIN/x\"}"
  [ "$status" -eq 1 ]
  [[ $output == *'"id":[1.0],'* ]]
  same "[\"$ORIGIN/x\",\"PUT\"]" "$(jq -c '[.url, .method]' <<<"$output")"
}

# A JSON line of exactly so many bytes.
line_of() { # BYTES
  local start="{\"url\":\"$ORIGIN/$1\",\"method\":\"PUT\",\"body\":\""
  printf '%s' "$start"
  head -c $(($1 - ${#start} - 2)) /dev/zero | tr '\0' x
  printf '"}'
}

@test "a line may have 1 MiB, and not a byte more" {
  local most=1048576
  {
    line_of $most
    printf '\n'
    line_of $((most + 1))
    printf '\n'
    line_of $most
    printf '\r\n'
    line_of $((most + 1))
    printf '\r\n'
    line_of $((3 * most + 5))
    printf '\n'
    line_of $((most + 1))
    printf '\n%s\n' "$ORIGIN/after"
    line_of $most
  } >list
  run "$AFETCH" -c 1 list
  [ "$status" -eq 1 ]
  same "$(printf '%s\n' "PUT /$most" "PUT /$most" 'GET /after' "PUT /$most")" \
    "$(asked)"
  same '2 4 5 6' "$(jq 'select(.error).line' <<<"$output" | sort -n | xargs)"
  same line_too_long "$(jq -r 'select(.error).error.code' <<<"$output" | sort -u)"
  # None of them repeats the line.
  [ "${#output}" -lt 20000 ]
}

@test "a last line over 1 MiB without an end is one record too" {
  line_of 1048577 >list
  "$AFETCH" list >records || [ $? -eq 1 ]
  same '[1,"line_too_long"]' "$(jq -c '[.line, .error.code]' records)"
  same '' "$(asked)"
}

@test "a URL over 1 MiB shows only its beginning" {
  { printf '%s/' "$ORIGIN" && head -c 2000000 /dev/zero | tr '\0' x; } >list
  "$AFETCH" list >records || [ $? -eq 1 ]
  same line_too_long "$(jq -r .error.code records)"
  [ "$(jq -r .url records | wc -c)" -lt 2100 ]
  same "$ORIGIN" "$(jq -r .url records | cut -d / -f 1-3)"
}

@test "a refused line is a failure, unless --accept holds it" {
  echo 'mailto:x' >list
  run "$AFETCH" list
  [ "$status" -eq 1 ]
  run "$AFETCH" --exit-zero list
  [ "$status" -eq 0 ]
  run "$AFETCH" --accept 200-399,input list
  [ "$status" -eq 0 ]
}

# What the record of a line with these members says is wrong; "" for nothing.
lifted() { # MEMBERS [OPTION...]
  echo "{\"url\":\"$ORIGIN/ok\",$1}" >list
  run --separate-stderr "$AFETCH" --cap-lines --retry 1 "${@:2}" list
  jq -r 'if .error then [.error.class, .error.code, .error.message] |
    join(" ") else "" end' <<<"$output"
}

@test "--cap-lines: a line may lower each limit, and lift none" {
  local option more text less
  while IFS='|' read -r option more text less; do
    # shellcheck disable=SC2086 # options are words
    same "input bad_value $text (--cap-lines)" "$(lifted "$more" $option)"
    # shellcheck disable=SC2086
    same "" "$(lifted "$less" $option)"
  done <<'LINES'
--max-body 1k|"max_body":1025|max_body: 1025 is above the run's 1024|"max_body":1024
--max-body 1k|"max_body":0|max_body: no limit is above the run's 1024|"max_body":"1k"
--max-body 1k|"max_body":"none"|max_body: no limit is above the run's 1024|"max_body":500
-m 5|"max_time":6|max_time: 6s is above the run's 5s|"max_time":4
-m 5|"timeout":"none"|max_time: no limit is above the run's 5s|"timeout":"5s"
-m 5|"max_time":"auto"|max_time: 30s is above the run's 5s|"max_time":"1s"
-s|"max_time":31|max_time: 31s is above the run's 30s|"max_time":30
-s|"stream":"lines"|max_time: no limit is above the run's 30s|"stream":"lines","max_time":10
--connect-timeout 2|"connect_timeout":3|connect_timeout: 3s is above the run's 2s|"connect_timeout":1
-s|"retry":2|retry: 2 is above the run's 1|"retry":0
--max-redirs 3|"max_redirs":4|max_redirs: 4 is above the run's 3|"max_redirs":3
--no-location|"location":true|location: true is above the run's false|"location":false
-s|"retry_unsafe":true|retry_unsafe: true is above the run's false|"retry_unsafe":false
LINES
  # Where the run has none, a line may have what it likes.
  same "" "$(lifted '"max_body":9999,"max_time":1000' -m none)"
  same "" "$(lifted '"max_time":"none"' -m none)"
}

@test "--cap-lines: a record fed back lifts nothing, a host's rule may" {
  echo "{\"ok\":false,\"index\":0,\"url\":\"$ORIGIN/ok\",
    \"request\":{\"retry\":9}}" | tr -d '\n' >list
  run --separate-stderr "$AFETCH" --cap-lines list
  same "retry: 9 is above the run's 2 (--cap-lines)" \
    "$(jq -r .error.message <<<"$output")"
  echo '{"127.0.0.1": {"max_redirs": 20}}' >"$BATS_TEST_TMPDIR/hosts"
  same "" "$(lifted '"max_redirs":20' --host-config "$BATS_TEST_TMPDIR/hosts")"
  same "input bad_value max_redirs: 21 is above the run's 20 (--cap-lines)" \
    "$(lifted '"max_redirs":21' --host-config "$BATS_TEST_TMPDIR/hosts")"
}

@test "--strict stops at the first invalid line, exit 2" {
  printf '%s\n' '# comment' "$ORIGIN/hang" 'mailto:x' "$ORIGIN/later/"{1..5} \
    'mailto:y' >list
  run --separate-stderr "$AFETCH" --strict list
  [ "$status" -eq 2 ]
  echo "$output" >records
  same '3 scheme' "$(jq -r 'select(.error.class == "input") |
    "\(.line) \(.error.code)"' records | head -n 1)"
  same 'http://127.0.0.1 strict' "$(jq -r 'select(.index == 0) |
    "\(.url | sub(":[0-9]+/.*"; "")) \(.error.code)"' records)"
  [[ $stderr == *'--strict'* ]]
  run grep later <(asked)
  [ "$status" -eq 1 ]
}

@test "--strict answers all that was read, and names what was not" {
  { echo 'bad:' && seq -f "$ORIGIN/later/%.0f" 20000; } >list
  run --separate-stderr "$AFETCH" --strict list "$ORIGIN/argument"
  [ "$status" -eq 2 ]
  same '' "$(asked)"
  same "$(seq 0 $((${#lines[@]} - 1)))" "$(jq .index <<<"$output" | sort -n)"
  [ "${#lines[@]}" -lt 20000 ]
  [[ $stderr == *"not read: list from line $((${#lines[@]} + 1)) on"* ]]
}

@test "--strict reads no more of a pipe" {
  mkfifo fifo
  "$AFETCH" --strict <fifo >records 2>err 3>&- &
  exec 5>fifo
  echo "$ORIGIN/first" >&5
  wait_for 10 test -s records
  echo '{"url":1}' >&5
  wait $! || [ $? -eq 2 ]
  exec 5>&-
  same 'GET /first' "$(asked)"
  same 'null "bad_value"' "$(jq .error.code records | xargs -d '\n')"
  grep -q 'not read: stdin from line 3 on' err
}

@test "--strict counts a bad pattern as an invalid line" {
  printf '%s\n' "$ORIGIN/[1-" "$ORIGIN/later" >list
  run "$AFETCH" --strict --glob list
  [ "$status" -eq 2 ]
  same '' "$(asked)"
}

@test "--strict leaves a list without faults alone" {
  printf '%s\n' '' "{\"url\":\"$ORIGIN/a\",\"id\":1}" "$ORIGIN/b" >list
  run --separate-stderr "$AFETCH" --strict list
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "$(asked | wc -l)" -eq 2 ]
}
