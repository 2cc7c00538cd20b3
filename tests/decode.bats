#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Compressed bodies: what is asked for, what is decoded, what is refused, the
# limits on what decoding makes, and what is left as it came.
#
# Elsewhere: streams cut and split at every byte in tests/unit/test_decode.c,
# --max-body of plain bodies in records.bats.

load helper

# nginx says of NAME.gzip that it is gzip, and so of the others; what is below /live/ it compresses itself.
setup_file() {
  start_origin
  start_nginx 'location /live/ { gzip on; gzip_min_length 1; gzip_types *; }
    location ~ [.]gzip$ { types { } default_type text/plain;
      add_header Content-Encoding gzip; }
    location ~ [.](deflate|br|zstd)$ { types { } default_type text/plain;
      add_header Content-Encoding $1; }
    location ~ [.]twice$ { types { } default_type text/plain;
      add_header Content-Encoding "gzip, gzip"; }'
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

text='To be decoded, to be decoded, or not to be decoded.'
declare -gA hex=(
  [gzip]=1f8b08000000000002030bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea7101006d097cb134000000
  [zlib]=78da0bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea710100ccc71139
  [raw]=0bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea710100
  [br]=1b3300f88dc3b8b15b7c1bb5b84a052a39c8c591fe7997426ddaa494441ea54a801296c2187923ab782173f91a
  [zstd]=28b52ffd24340d0100c0546f206265206465636f6465642c20746f72206e6f742e0a020039e542e4b9046b7cdbcd
  [gzip,zstd]=28b52ffd24308101001f8b08000000000002030bc957484a5548494dce4f494dd1512841e5e61729e4e597a08aea7101006d097cb134000000b553be3b
)

# The codings that this build has.
has() {
  [[ ", $("$AFETCH" --body inline "$ORIGIN/echo" |
    jq -r '.body | fromjson | .headers[] | select(.[0] == "Accept-Encoding")[1]')," == *", $1,"* ]]
}

need_coding() {
  has "$1" || skip "built without $1"
}

hex_of() {
  od -An -v -tx1 | tr -d ' \n'
}

# CODING HEX [QUERY]: the URL of these bytes under this Content-Encoding.
coded() {
  echo "$ORIGIN/body?text=$(sed 's/../%&/g' <<<"$2")&header=Content-Encoding:${1// /%20}${3:-}"
}

# Where a file's bytes are served from, as gzip.
serve() { # NAME <BYTES
  gzip -9 >"$NGINX_ROOT/$1.gzip"
  echo "$NGINX/$1.gzip"
}

# OPTION... URL: the record goes into $record, the exit status into $status.
fetch() {
  run --separate-stderr "$AFETCH" --retry 1 --retry-delay 1ms --body inline \
    --headers "$@"
  record=$output
  [ "${#lines[@]}" -eq 1 ]
}

holds() {
  jq -e --arg text "$text"$'\n' "$1" <<<"$record" >/dev/null || {
    echo "not so: $1"
    echo "$record"
    return 1
  }
}

# The record's error, attempts and the exit status.
fails() { # CLASS CODE ATTEMPTS
  holds ".ok == false and .error.class == \"$1\" and .error.code == \"$2\" and
    .error.phase == \"body\" and .attempts == $3 and
    .error.retryable == (.attempts > 1)"
  [ "$status" -eq 1 ]
}

# What the server saw of a request's Accept-Encoding.
asked_for() {
  fetch "$@"
  jq -r '[.body | fromjson | .headers[] | select(.[0] | ascii_downcase ==
    "accept-encoding")[1]] | join("|")' <<<"$record"
}

@test "each coding is decoded, and both sizes are told" {
  local coding bytes
  for coding in gzip x-gzip GZIP zlib raw br zstd; do
    bytes=${hex[${coding,,}]-${hex[gzip]}}
    case $coding in
    zlib | raw) fetch "$(coded deflate "$bytes")" ;;
    br | zstd)
      has $coding || continue
      fetch "$(coded $coding "$bytes")"
      ;;
    *) fetch "$(coded $coding "$bytes")" ;;
    esac
    [ "$status" -eq 0 ]
    holds ".ok and .body == \$text and .size == (\$text | length) and
      .size_download == $((${#bytes} / 2)) and .body_encoding == \"utf-8\""
  done
}

@test "several codings are undone from the last to the first" {
  need_coding zstd
  fetch "$(coded 'gzip, zstd' "${hex[gzip,zstd]}")"
  holds '.ok and .body == $text'
  # Two fields are one list.
  fetch "$(coded gzip "${hex[gzip,zstd]}" '&header=Content-Encoding:zstd')"
  holds '.ok and .body == $text'
  fetch "$(coded 'zstd, gzip' "${hex[gzip,zstd]}")"
  fails decode bad_encoding 1
}

@test "a server that compresses as it sends, over HTTP/1.1 and HTTP/2" {
  mkdir -p "$NGINX_ROOT/live"
  seq 200000 >"$NGINX_ROOT/live/numbers"
  "$AFETCH" --body inline --headers --cacert "$NGINX_CA" "$NGINX/live/numbers" \
    "$NGINX_TLS/live/numbers" >records
  [ "$(jq -c '[.ok, .http_version, .headers["content-encoding"], .size]' records | sort)" = \
    '[true,"1.1",["gzip"],1288895]
[true,"2",["gzip"],1288895]' ]
  jq -se 'all(.size_download < .size / 2)' records
  jq -j 'select(.http_version == "2").body' records | cmp - "$NGINX_ROOT/live/numbers"
}

@test "no body, and any Content-Encoding" {
  local coding code
  for coding in gzip unknown 'gzip, gzip, gzip, gzip, gzip, gzip'; do
    fetch "$(coded "$coding" '')"
    holds '.ok and .size == 0 and .body == ""'
    for code in 204 304; do
      fetch -H 'If-None-Match: "x"' "$(coded "$coding" '' "&status=$code")"
      holds ".ok and .status == $code and .size == 0"
    done
    jq -nc --arg url "$(coded "$coding" "${hex[gzip]}")" '{$url, method: "HEAD"}' >list
    fetch list
    holds '.ok and .status == 200 and .size == 0'
  done
  fetch "$(coded identity 6f6b)"
  holds '.ok and .body == "ok"'
}

@test "cut short under a right Content-Length: truncated_stream, tried again" {
  local coding
  for coding in gzip br zstd; do
    has $coding || continue
    fetch "$(coded $coding "${hex[$coding]:0:-4}")"
    fails decode truncated_stream 2
    holds '.headers["content-length"] == ["\(.size_download)"]'
  done
  # The same of chunks, and of two layers of which only the inner one is cut.
  fetch "$(coded gzip "${hex[gzip]:0:-4}" '&chunked=1')"
  fails decode truncated_stream 2
  fetch "$(coded 'gzip, identity' "${hex[gzip]:0:40}")"
  fails decode truncated_stream 2
  fetch "$(coded 'gzip, gzip' "$(sed 's/../\\x&/g' <<<"${hex[gzip]:0:80}" |
    xargs -0 printf '%b' | head -c 40 | gzip -c | hex_of)")"
  fails decode truncated_stream 2
}

@test "a transfer cut short is truncated, not decode" {
  local head='HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 48\r\n\r\n'
  fetch "$ORIGIN/raw?text=$(printf '%b' "$head" | jq -sRr @uri)$(
    sed 's/../%&/g' <<<"${hex[gzip]:0:60}"
  )"
  fails truncated eof 2
}

@test "a bad checksum, damage, and what is not of the coding: bad_encoding" {
  local crc=${hex[gzip]:0:-16}00000000${hex[gzip]: -8}
  fetch "$(coded gzip "$crc")"
  fails decode bad_encoding 1
  holds '.body == $text' # what came before the checksum
  fetch "$(coded gzip "${hex[gzip]:0:40}ffffff${hex[gzip]:46}")"
  fails decode bad_encoding 1
  fetch "$(coded gzip 3c68746d6c3e)"
  fails decode bad_encoding 1
  fetch "$(coded deflate "${hex[zlib]:0:-2}00")"
  fails decode bad_encoding 1
}

@test "members follow each other, zeros may, anything else may not" {
  fetch "$(coded gzip "${hex[gzip]}${hex[gzip]}")"
  holds '.ok and .body == $text + $text'
  fetch "$(coded gzip "${hex[gzip]}000000")"
  holds '.ok and .body == $text and .size_download == 51'
  fetch "$(coded gzip "${hex[gzip]}6a756e6b")"
  fails decode bad_encoding 1
  holds '.error.message | contains("follow the end")'
  fetch "$(coded gzip "${hex[gzip]}${hex[gzip]:0:20}")"
  fails decode truncated_stream 2
}

@test "an unknown coding and a sixth layer: the body is kept as it came" {
  fetch "$(coded snappy 68656c6c6f)"
  fails decode bad_encoding 1
  holds '.body == "hello" and .size == 5 and .size_download == 5'
  holds '.error.message | contains("\"snappy\"")'
  fetch "$(coded 'gzip, gzip, gzip, gzip, gzip, gzip' 68656c6c6f)"
  fails decode bad_encoding 1
  holds '.body == "hello"'
  # Five are decoded.
  fetch "$(coded 'gzip, gzip, gzip, gzip, gzip' \
    "$(echo five | gzip | gzip | gzip | gzip | gzip | hex_of)")"
  holds '.ok and .body == "five\n"'
}

@test "an accepted decode error is ok" {
  fetch --accept 200,decode "$(coded snappy 6f6b)"
  [ "$status" -eq 0 ]
  holds '.ok and .error.code == "bad_encoding"'
}

@test "a bomb is stopped by its ratio, and the message has the figures" {
  local url
  url=$(head -c 50000000 /dev/zero | serve zeros)
  fetch --max-body 10M "$url"
  fails too_large ratio 1
  holds '.size < 10 * 1048576 and (has("body") | not)'
  holds '.error.message | test("^[0-9]+ bytes of the body became [0-9]+ .*:1")'
  fetch --body none "$url"
  fails too_large ratio 1
  # Without it the size stops the bomb, or nothing does.
  fetch --max-ratio 0 "$url"
  fails too_large max_body 1
  holds '.size as $size | .error.message | contains("(\($size) bytes came)")'
  fetch --max-ratio 0 --body none "$url"
  holds '.ok and .size == 50000000 and .size_download < 60000'
  fetch --max-ratio 2000 --body none "$url"
  holds '.ok and .size == 50000000'
}

# The same 50 MB of zeros in each of the other codings.
bomb() {
  case $1 in
  br)
    echo cfffff7ff82700e2b14020f7fe9ffffffff04f00c4610180eefd7ffec1ebe39f0088c322001d747d
    ;;
  zstd) # blocks of one byte repeated 131,072 times, of which one is the last
    printf '28b52ffd0038'
    printf '02001000%.0s' {1..381}
    echo 03001000
    ;;
  deflate)
    "$PYTHON" -c 'import zlib; print(zlib.compress(bytes(50000000), 9).hex())'
    ;;
  esac
}

@test "a bomb is stopped in every coding, and in two of them" {
  local coding
  for coding in deflate br zstd; do
    has $coding || continue
    "$PYTHON" -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' \
      < <(bomb $coding) >"$NGINX_ROOT/bomb.$coding"
    fetch --max-body 100M "$NGINX/bomb.$coding"
    fails too_large ratio 1
    holds '.size < 12 * 1048576'
    fetch --max-ratio 0 --max-body 10M "$NGINX/bomb.$coding"
    fails too_large max_body 1
  done
  # The outer one is small enough; what is within it is not.
  head -c 50000000 /dev/zero | gzip -9 | gzip -9 >"$NGINX_ROOT/bomb.twice"
  fetch --max-body 100M "$NGINX/bomb.twice"
  fails too_large ratio 1
}

@test "a small body may grow as it likes" {
  fetch "$(head -c 1048576 /dev/zero | serve mebibyte)"
  holds '.ok and .size == 1048576 and .size > 500 * .size_download'
}

@test "--max-body counts decoded bytes" {
  local url
  url=$(seq 20000 | serve numbers) # 108,894 bytes
  fetch --max-body 108894 "$url"
  holds '.ok and .size == 108894'
  fetch --max-body 108893 "$url"
  fails too_large max_body 1
  holds 'has("body") | not'
}

@test "what is asked for: the codings of this build, or what the user says" {
  [[ $(asked_for "$ORIGIN/echo") =~ ^gzip,\ deflate(,\ br)?(,\ zstd)?$ ]]
  [ -z "$(asked_for --no-compressed "$ORIGIN/echo")" ]
  jq -nc --arg url "$ORIGIN/echo" '{$url, headers: {"accept-ENCODING": "br;q=0.1"}}' >own
  [ "$(asked_for own)" = 'br;q=0.1' ]
  jq -nc --arg url "$ORIGIN/echo" '{$url, headers: {"Accept-Encoding": ""}}' >none
  [ -z "$(asked_for none)" ]
  # Beside other fields, with a body, and behind a redirect.
  jq -nc --arg url "$ORIGIN/echo" '{$url, body: "x", headers: {A: "b"}}' >post
  [[ $(asked_for post) == gzip,\ deflate* ]]
  [[ $(asked_for "$ORIGIN/redirect-to?url=/echo") == gzip,\ deflate* ]]
}

@test "what was not asked for is decoded too" {
  fetch --no-compressed "$(coded gzip "${hex[gzip]}")"
  holds '.ok and .body == $text'
}

@test "--raw keeps bytes as they came, whatever they are" {
  fetch --raw "$(coded gzip "${hex[gzip]}")"
  holds '.ok and .size == 48 and .size_download == 48 and .body_encoding == "base64"'
  [ "$(jq -r .body <<<"$record" | base64 -d | gzip -dc)" = "$text" ]
  fetch --raw "$(coded snappy 6f6b)"
  holds '.ok and .body == "ok" and .error == null'
}

@test "a part of a coded body is asked for uncoded, and never decoded" {
  jq -nc --arg url "$ORIGIN/echo" '{$url, headers: {Range: "bytes=0-3"}}' >range
  [ "$(asked_for range)" = identity ]
  fetch "$(coded gzip 6f6b '&status=206')"
  holds '.ok and .status == 206 and .body == "ok"'
}

@test "the body of a redirect that is followed may be coded as it likes" {
  local url
  url=$(coded gzip 6f6b "&status=302&header=Location:/body?text=there")
  fetch "$url"
  holds '.ok and .body == "there" and (.redirects | length) == 1'
  fetch --no-location "$url"
  fails decode bad_encoding 1
}

# PID KIBIBYTES
holds_memory() {
  [ "$(ps -o rss= -p "$1")" -gt "$2" ]
}

@test "bodies that wait for memory are decoded once" {
  local size=30000000 pid hold
  seq -f 'line %.0f' 2500000 | head -c $size | gzip -1 >"$NGINX_ROOT/big.gzip"
  # All of them at once would take more than the 256 MiB that there are for
  # bodies, and nobody reads yet.
  seq -f "$NGINX/big.gzip?%.0f" 12 >list
  mkfifo slow
  exec {hold}<>slow
  "$AFETCH" --host-concurrency 0 -m 2 --retry 0 --body inline --max-body none \
    list >slow 2>err 3>&- &
  pid=$!
  wait_for 30 holds_memory $pid 130000
  jq -c '[.ok, .size, (.body | length), .error.code]' <slow >seen 3>&- {hold}>&- &
  exec {hold}>&-
  wait $pid
  wait $!
  [ "$(sort seen | uniq -c | sed 's/^ *//')" = "12 [true,$size,$size,null]" ]
}

@test "a build without brotli and zstd says so and asks for neither" {
  command -v pkg-config >/dev/null || skip "pkg-config is not installed"
  tar -C "$ROOT" --exclude=./build --exclude=./.git -cf - . | tar -xf -
  env -u BUILD -u MAKEFLAGS -u MAKELEVEL make -s -j 2 CFLAGS=-O0 \
    WITHOUT='brotli zstd' all build/unit/test_decode
  run -0 build/afetch --version
  [[ $output == *$'\nbrotli left out\nzstd left out'* ]]
  AFETCH=build/afetch
  [ "$(asked_for "$ORIGIN/echo")" = 'gzip, deflate' ]
  fetch "$(coded br "${hex[br]}")"
  fails decode bad_encoding 1
  build/unit/test_decode
  # And with them again: nothing of the choice is left behind.
  env -u BUILD -u MAKEFLAGS -u MAKELEVEL make -s -j 2 CFLAGS=-O0 WITHOUT=zstd all
  run -0 build/afetch --version
  [[ $output != *'brotli left out'* && $output == *'zstd left out'* ]]
}
