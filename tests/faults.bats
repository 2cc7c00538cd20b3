#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults of servers and lines: for each the class, code and phase of the
# record, whether another try is made, and the exit status.
#
# Elsewhere: the other faults, by what has them:
#   names                        names.bats, local.bats
#   TLS                          tls.bats
#   HTTP/2                       h2faults.bats
#   the coding of bodies, bombs  decode.bats
#   redirects                    redirects.bats
#   429, 503 and Retry-After     retry.bats
#   lines                        strict.bats, input.bats
#   this machine: descriptors, threads, disks, output, clock, environment
#                                local.bats, records.bats
#   clocks                       time.bats
#   signals                      stop.bats
# and the ambiguous evidence of libcurl in tests/unit/test_classify.c.

load helper

setup_file() {
  start_origin
}

# OPTION... URL: its record goes into $record, its exit status into $status.
fetch() {
  run --separate-stderr "$AFETCH" --retry 1 --retry-delay 1ms -m 30s --headers \
    --fields +notes "$@"
  record=$output
  [ "${#lines[@]}" -eq 1 ]
}

# The error as "class code phase", then attempts and the exit status.
outcome() {
  local words
  words=$(jq -r '[(.error | if . == null then "none" else
    .class, .code, .phase end), .attempts] | join(" ")' <<<"$record")
  echo "$words $status"
}

# WANTED URL-PATH [OPTION...]
expect() {
  local wanted=$1 path=$2
  shift 2
  fetch "$@" "$ORIGIN/$path"
  [ "$(outcome)" = "$wanted" ] || {
    echo "/$path: wanted $wanted, got $(outcome)"
    echo "$record"
    return 1
  }
  # What is tried again by default says so, and the other way round.
  jq -e '.error == null or .error.retryable == (.attempts > 1) or
    .error.class == "http"' <<<"$record" >/dev/null || {
    echo "/$path: retryable is wrong: $record"
    return 1
  }
}

holds() {
  jq -e "$1" <<<"$record" >/dev/null || {
    echo "not so: $1"
    echo "$record"
    return 1
  }
}

# Percent-encodes what /raw is to answer.
raw() {
  printf 'raw?text=%s' "$(printf '%b' "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' %)"
}

@test "connection refused" {
  fetch "http://127.0.0.1:$(free_port)/"
  [ "$(outcome)" = 'connect refused connect 2 1' ]
  holds '.error.errno == "ECONNREFUSED" and .status == null'
}

@test "no answer to the connection request" {
  start_origin --no-read
  fetch --connect-timeout 300ms "$ORIGIN/"
  [ "$(outcome)" = 'timeout connect_time connect 2 1' ]
}

@test "reset when the connection is accepted" {
  start_origin --reset-on-accept
  fetch "$ORIGIN/"
  [[ $(outcome) == 'connect reset '*' 2 1' ]]
  holds '.error.errno == "ECONNRESET" or .error.errno == "EPIPE"'
}

@test "reset when the request was read" {
  expect 'connect reset wait 2 1' reset
  holds '.error.errno == "ECONNRESET"'
}

@test "closed without a byte" {
  expect 'protocol empty_reply wait 2 1' empty
}

@test "reset within the body" {
  expect 'truncated reset body 2 1' 'reset-body?bytes=7'
  holds '.status == 200 and .size == 7 and .error.errno == "ECONNRESET"'
}

@test "no answer, half an answer" {
  expect 'timeout max_time wait 2 1' hang -m 300ms
  holds '.status == null'
  expect 'timeout max_time headers 2 1' hang-headers -m 300ms
  holds '.status == 200 and .ok == false'
  expect 'timeout max_time body 2 1' hang-body -m 300ms
  holds '.status == 200 and .size == 5'
}

@test "slow headers, slow bodies" {
  local out=$BATS_TEST_TMPDIR/out
  run -1 "$AFETCH" --retry 0 --speed-limit 1000 --speed-time 1s -o "$out" \
    "$ORIGIN/slow-headers?every=0.1&size=1" \
    "$ORIGIN/drip?every=0.1&bytes=10000" \
    "$ORIGIN/endless?every=0.1"
  run jq -rs 'sort_by(.index) | .[] |
    [.error.class, .error.code, .error.phase, .error.retryable, .size > 0] |
    join(" ")' "$out"
  [[ ${lines[0]} == 'timeout slow '*' true false' ]]
  [ "${lines[1]}" = 'timeout slow body true true' ]
  [ "${lines[2]}" = 'timeout slow body true true' ]
}

@test "a body without end stops at the cap" {
  expect 'too_large max_body body 1 1' endless --max-body 100K
  expect 'too_large max_body body 1 1' 'endless?chunked=1' --max-body 100K
  expect 'too_large max_body body 1 1' 'no-length?bytes=200000' --max-body 100K
  expect 'too_large max_body body 1 1' 'bytes/100001' --max-body 100000
  expect 'none 1 0' 'bytes/100000' --max-body 100000
}

@test "a body shorter than its Content-Length" {
  expect 'truncated eof body 2 1' 'truncate?length=100&bytes=60'
  holds '.size == 60 and .status == 200'
  expect 'truncated eof body 2 1' 'truncate?length=100&bytes=0'
}

@test "a body longer than its Content-Length" {
  expect 'none 1 0' extra-bytes --body inline
  holds '.body == "ok\n" and .size == 3'
  # libcurl drops what follows and does not tell.
  holds '.notes == null'
}

@test "chunks that stop, within one and between two" {
  expect 'truncated eof body 2 1' cut-chunk
  local head='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect 'truncated eof body 2 1' "$(raw "${head}5\r\nhello\r\n")"
  holds '.size == 5'
}

@test "chunk sizes that are none" {
  local head='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect 'protocol bad_chunk body 1 1' bad-chunk
  expect 'protocol bad_chunk body 1 1' \
    "$(raw "${head}11111111111111111\r\nhello")"
}

@test "a long chunk extension" {
  expect 'none 1 0' 'chunk-extension?bytes=300000' --body inline
  holds '.body == "hello"'
}

@test "a flood of trailers" {
  local trailers
  trailers=$(printf 'T: %s\\r\\n' {1..1000})
  expect 'protocol header_flood body 1 1' "$(raw "HTTP/1.1 200 OK\r
Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n$trailers\r\n")"
}

@test "Content-Length beside chunks" {
  expect 'none 1 0' both-framings --body inline
  holds '.notes == ["ambiguous_framing"] and .body == "hello"'
}

@test "two different Content-Lengths" {
  expect 'protocol bad_content_length body 1 1' two-lengths
}

@test "a Content-Length that is no length" {
  local value
  for value in -5 5x 99999999999999999999 '+5' '5,6' '%20'; do
    fetch "$ORIGIN/bad-length?value=$value"
    [[ $(outcome) == 'protocol bad_content_length '*' 1 1' ]] || {
      echo "$value: $record"
      return 1
    }
  done
}

@test "the end of the connection within the headers" {
  expect 'truncated eof headers 2 1' eof-headers
  holds '.status == 200 and .size == 0'
}

@test "a header line that is too large" {
  # 64 KiB is the bound of the block; libcurl refuses longer lines itself.
  fetch "$ORIGIN/big-header?bytes=70000"
  [[ $(outcome) == 'protocol header_'*' headers 1 1' ]]
  expect 'protocol header_too_large headers 1 1' 'big-header?bytes=300000'
}

@test "too many headers, too many bytes of them" {
  expect 'protocol header_flood headers 1 1' 'header-flood?fields=6000&bytes=1'
  expect 'protocol header_flood headers 1 1' 'header-flood?fields=200&bytes=2000'
  expect 'none 1 0' 'header-flood?fields=200&bytes=100'
  holds '.headers | length > 200'
}

@test "interim responses: some, and without end" {
  expect 'none 1 0' 'interim?count=3'
  holds '.status == 200'
  fetch "$ORIGIN/interim?count=100000"
  [[ $(outcome) == 'protocol '*' headers 1 1' ]]
}

@test "a NUL in a header, a header without a colon" {
  expect 'protocol bad_header headers 1 1' nul-header
  expect 'protocol bad_header headers 1 1' \
    "$(raw 'HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n')"
}

@test "bare CR, LF only and folded headers pass, escaped" {
  expect 'none 1 0' "$(raw 'HTTP/1.1 200 OK\nX-A: a\rb\nX-F: one\n two
X-E: \x1b[31m\nContent-Length: 3\n\nok\n')"
  holds '.headers["x-a"] == ["a\rb"] and .headers["x-f"] == ["one two"]'
  [[ $record == *'a\rb'* ]]
  [[ $record == *'\u001b[31m'* ]]
}

@test "answers that are not HTTP" {
  expect 'protocol not_http wait 1 1' not-http
  expect 'protocol not_http wait 1 1' "$(raw 'hello')"
  expect 'protocol not_http wait 1 1' 'raw?text=%00%01%02%ff%fe%16%03'
}

@test "statuses out of the ordinary" {
  expect 'http status body 1 1' status/999
  holds '.status == 999 and .error.retryable == false'
  fetch "$ORIGIN/$(raw 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n')"
  [[ $(outcome) == 'protocol '*' 1 1' ]]
}

@test "101 and 206 that nobody asked for" {
  fetch "$ORIGIN/status-101"
  [[ $(outcome) == 'protocol unexpected_status '*' 1 1' ]]
  holds '.status == 101'
  expect 'none 1 0' status-206
  holds '.notes == ["unasked_range"] and .status == 206'
}

@test "204 and 304 with a body" {
  local number
  for number in 204 304; do
    expect 'none 1 0' \
      "$(raw "HTTP/1.1 $number No\r\nContent-Length: 5\r\n\r\nhello")" \
      -H 'If-None-Match: "x"'
    holds ".status == $number and .size == 0 and .ok"
  done
}

@test "a 304 that nobody asked for is no answer" {
  expect 'protocol unexpected_status headers 1 1' status/304
  holds '.status == 304 and (.ok | not)'
  expect 'protocol unexpected_status headers 1 1' status/304 --output-dir dir
  holds 'has("body_file") | not'
  [ -z "$(find dir -type f)" ]
  expect 'none 1 0' status/304 -H 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT'
  holds '.ok and (has("not_modified") | not)'
}

@test "redirects without end, and one too many" {
  expect 'redirect too_many headers 1 1' loop
  holds '.redirects | length == 10'
  expect 'redirect too_many headers 1 1' redirect/4 --max-redirs 3
  holds '[.redirects[].status] == [302, 302, 302]'
  expect 'none 1 0' redirect/10
  holds '.status == 200 and (.redirects | length == 10)'
}

# Hops that follow at once: none may wait for an event that already came.
@test "short hops one after the other do not stall" {
  for _ in {1..10}; do
    expect 'none 1 0' redirect/10 -m 10s
  done
}

@test "redirects to other schemes" {
  local url
  for url in file:///etc/passwd gopher://127.0.0.1/ ftp://127.0.0.1/ \
    dict://127.0.0.1:11211/stat ldap://127.0.0.1/ scp://127.0.0.1/x data:,x javascript:1; do
    expect 'blocked scheme headers 1 1' "redirect-to?url=$url"
    holds '.status == 302 and .redirects == null'
  done
}

@test "a Location that is no URL, and none" {
  expect 'redirect bad_location headers 1 1' bad-location
  expect 'none 1 0' no-location
  holds '.status == 302 and .ok'
}

# A list of good and bad lines; the run goes on behind each bad one.
bad_lines() {
  printf '%s\n' "$ORIGIN/1" '{"url":' "$ORIGIN/2"
  printf 'http://127.0.0.1/\xff\xfe\n'
  printf '%s\n' '{"url":"http://a/","headers":{"X":"a\r\nEvil: 1"}}'
  printf '%s\n' '{"url":"http://a/","method":"GET / HTTP/1.1\r\n"}'
  printf '%s\n' 'mailto:someone@example.org' 'http://[::1/' '{"id":1}'
  head -c 2097152 /dev/zero | tr '\0' x
  printf '\n%s\n' "$ORIGIN/3"
}

@test "bad lines are records of class input, and the run goes on" {
  local list=$BATS_TEST_TMPDIR/list out=$BATS_TEST_TMPDIR/out
  bad_lines >"$list"
  run -1 "$AFETCH" -i "$list" -o "$out"
  run jq -rs 'sort_by(.index) | .[] |
    [.index, .line // "-", .error.class // "none", .error.code // "-",
     .error.phase // "-", .attempts] | join(" ")' "$out"
  assert_output - <<'LINES'
0 - none - - 1
1 2 input bad_json queue 0
2 - none - - 1
3 4 input bad_utf8 queue 0
4 5 input bad_request_header queue 0
5 6 input bad_method queue 0
6 7 input scheme queue 0
7 8 input bad_url queue 0
8 9 input no_url queue 0
9 10 input line_too_long queue 0
10 - none - - 1
LINES
}

@test "with --strict the first bad line ends the run, exit 2" {
  local list=$BATS_TEST_TMPDIR/list out=$BATS_TEST_TMPDIR/out
  bad_lines >"$list"
  run --separate-stderr -2 "$AFETCH" --strict -i "$list" -o "$out"
  run jq -rs 'sort_by(.index) | .[:3][] |
    [.index, .line // "-", .error.code // "-"] | join(" ")' "$out"
  [[ ${lines[0]} == '0 - '* ]]
  [ "${lines[1]}" = '1 2 bad_json' ]
  [[ -z ${lines[2]} || ${lines[2]} == '2 - strict' ]]
  # What stands behind the bad line is not sent.
  [ "$(jq -s 'map(select(.index > 1 and .attempts > 0)) | length' "$out")" = 0 ]
  [[ $stderr == afetch:*--strict* ]]
}

@test "nothing of it leaves a word of an internal error" {
  local list=$BATS_TEST_TMPDIR/list path
  for path in reset empty reset-body truncate cut-chunk bad-chunk eof-headers \
    two-lengths bad-length both-framings header-flood big-header not-http \
    nul-header status-101 extra-bytes loop bad-location; do
    echo "$ORIGIN/$path"
  done >"$list"
  cat "$list" "$list" "$list" >"$list.3"
  run --separate-stderr -1 "$AFETCH" --retry 1 --retry-delay 1ms "$list.3"
  [ "${#lines[@]}" -eq 54 ]
  [ -z "$stderr" ]
  [[ $output != *'"class":"internal"'* ]]
}

@test "a status line inside a header block or behind the body starts nothing" {
  local trailers='HTTP/1.1 410 Bad\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'
  expect 'protocol bad_content_length body 1 1' \
    "$(raw 'HTTP/1.1 404 No\r\nContent-Length: 5\r\nHTTP/1.1 200 a: b\r\nContent-Length: 7\r\n\r\n1234567')"
  holds '.status == 404'
  expect 'http status body 1 1' "$(raw "${trailers}HTTP/1.1 200 OK: x\\r\\n\\r\\n")"
  holds '.status == 410'
  for _ in {1..300}; do
    trailers+='HTTP/1.1 200: b\r\n'
  done
  expect 'protocol header_flood body 1 1' "$(raw "$trailers\\r\\n")"
}

# Runs afetch with all it prints on a terminal, and prints what that gets.
on_terminal() {
  $PYTHON - "$AFETCH" "$@" <<'PYTHON'
import os, pty, subprocess, sys

master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=slave,
                         stderr=slave)
os.close(slave)
shown = b""
try:
    while piece := os.read(master, 65536):
        shown += piece
except OSError:  # what Linux says where others say end of file
    pass
child.wait()
sys.stdout.buffer.write(shown)
PYTHON
}

@test "on a terminal no byte of a server arrives that it acts upon" {
  local evil list=$BATS_TEST_TMPDIR/list seen=$BATS_TEST_TMPDIR/seen
  # A title, C1, DEL, an override of the direction, and no UTF-8.
  evil='\x1b]0;OWNED\x07\x9b31m\xc2\x9b31m\x7f\xe2\x80\xaeOWNED\xff'
  {
    echo "$ORIGIN/$(raw "HTTP/1.1 200 $evil\r\nX: $evil\r\nContent-Type: $evil\r\n\r\n$evil")"
    echo "$ORIGIN/$(raw "HTTP/1.1 302 $evil\r\nLocation: /$evil\r\nContent-Length: 0\r\n\r\n")"
    echo "$ORIGIN/$(raw "HTTP/1.1 302 $evil\r\nLocation: x$evil://y\r\nContent-Length: 0\r\n\r\n")"
    echo "$ORIGIN/$(raw "HTTP/1.1 503 $evil\r\nRetry-After: $evil\r\nContent-Length: 0\r\n\r\n")"
    echo "$ORIGIN/$(raw "HTTP/1.1 200 OK\r\nContent-Encoding: $evil\r\n\r\n$evil")"
    echo "$ORIGIN/$(raw "HTTP/1.1 200 OK\r\nContent-Length: $evil\r\n\r\n$evil")"
    echo "$ORIGIN/$(raw "$evil")"
    echo "$ORIGIN/$(raw 'HTTP/1.1 200 OK\r\n\r\n\x1b[31m\xc2\x9b31m\x7f\xe2\x80\xae')"
    printf "http://127.0.0.1/$evil\n"
    printf "{\"url\":\"http://127.0.0.1/\",\"method\":\"$evil\"}\n"
    printf "$evil\n"
  } >"$list"
  on_terminal -v --headers --body inline --retry 1 --retry-delay 1ms "$list" >"$seen"
  # They are all there, escaped; of the last body too, which is text.
  [ "$(grep -acF '\u001b]0;OWNED\u0007' "$seen")" -ge 6 ]
  grep -aqF '"body":"\u001b[31m\u009b31m\u007f\u202e"' "$seen"
  $PYTHON - "$seen" <<'PYTHON'
import re, sys
text = open(sys.argv[1], "rb").read().decode("utf-8", "strict")
found = re.search("[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u061c"
                  "\u2028-\u202e\u2066-\u2069]|\r(?!\n)", text)
assert not found, text[max(found.start() - 200, 0):found.end() + 50]
PYTHON
}
