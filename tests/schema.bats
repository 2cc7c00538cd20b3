#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The published schema: records of every kind of outcome are valid, its words
# are the program's, and it does refuse what is no record. What the fields of
# a record say is in records.bats and faults.bats.

load helper

setup_file() {
  $PYTHON -c 'import jsonschema' 2>/dev/null || return 0
  start_origin
  start_nginx
}

setup() {
  $PYTHON -c 'import jsonschema' 2>/dev/null || skip "jsonschema is missing"
  cd "$BATS_TEST_TMPDIR" || return 1
  SCHEMA=$ROOT/man/afetch.schema.json
}

# Prints what is wrong with the records, and fails.
valid() { # FILE
  [ -s "$1" ]
  $PYTHON - "$SCHEMA" "$1" <<'PYTHON'
import json, sys
from jsonschema import Draft202012Validator

validator = Draft202012Validator(json.load(open(sys.argv[1])))
bad = 0
for number, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
    for error in validator.iter_errors(json.loads(line)):
        print(f"line {number}: {error.json_path}: {error.message}\n{line}")
        bad = 1
sys.exit(bad)
PYTHON
}

# The classes of the errors that a file of records has, on one line.
classes() {
  jq -r '.error.class // "none"' "$1" | sort -u | xargs
}

all_fields() {
  words_of field | paste -sd ,
}

@test "the schema is one" {
  $PYTHON -c 'import json, sys
from jsonschema import Draft202012Validator
Draft202012Validator.check_schema(json.load(open(sys.argv[1])))' "$SCHEMA"
}

@test "its words are those of the program, in order" {
  local kind
  for kind in class code phase; do
    same "$(words_of $kind)" "$(jq -r --arg kind $kind '."$defs"[$kind].enum[]' \
      "$SCHEMA")"
  done
}

@test "its fields are those of the program, in order, of their types" {
  same "$(words_of field)" "$(jq -r '.properties | keys_unsorted[]' "$SCHEMA")"
  "$AFETCH" --dump-words | awk -F'\t' '$1 == "field" { print $2 ": " $3 }' |
    sed -e 's/: int/: integer/' -e 's/: bool/: boolean/' >ours
  jq -r '.properties | to_entries[] | .key + ": " + (.value |
    if .enum then "string" else .type // "any" end |
    if type == "array" then join(" or ") else . end)' "$SCHEMA" | diff ours -
}

@test "records of good and odd responses are valid" {
  cat >list <<LINES
$ORIGIN/ok
{"url":"$ORIGIN/ok","id":{"a":[null,1e999]},"method":"HEAD"}
{"url":"$ORIGIN/echo","id":null,"json":{"a":1},"headers":{"Cookie":"x"}}
$ORIGIN/redirect/3?absolute=1
$ORIGIN/status/204
$ORIGIN/status/304
$ORIGIN/no-location
$ORIGIN/status-206
$ORIGIN/both-framings
$ORIGIN/no-length
$ORIGIN/extra-bytes
$ORIGIN/interim?count=2
$ORIGIN/bin
$ORIGIN/utf8
$ORIGIN/bytes/0
$ORIGIN/headers?X=1&X=2&Y=
$ORIGIN/flaky/a?fail=2
$ORIGIN/flaky/b?fail=1&how=reset
$ORIGIN/retry-after/c?after=0
$NGINX/x
LINES
  "$AFETCH" --retry-delay 1ms list >plain || [ $? -eq 1 ]
  curl -s "$ORIGIN/stats/reset" >/dev/null # flaky again
  "$AFETCH" --retry-delay 1ms --fields "$(all_fields)" --headers --body inline \
    list >full || [ $? -eq 1 ]
  files="$(all_fields | tr , '\n' | grep -vx 'body\|body_encoding' | paste -sd ,)"
  printf '%s\n' "$ORIGIN"/{html,bytes/1,ranges/a?fail=9\&cut=9,status/404} >saved
  for again in --no-skip-existing --skip-existing; do
    "$AFETCH" --retry 0 --output-dir saved.d --continue --hash sha256 $again \
      --fields "$files" saved >>full || [ $? -eq 1 ]
  done
  valid plain
  valid full
  same 'ambiguous_framing length_unknown unasked_range' \
    "$(jq -r '.notes[]?' plain full | sort -u | xargs)"
  # Asked again, one has not changed.
  echo page >"$NGINX_ROOT/page"
  for _ in 1 2; do
    "$AFETCH" --etag-store etags --body inline "$NGINX/page" >again
    valid again
  done
  # A duplicate has a record of its own kind.
  "$AFETCH" --dedupe "$NGINX/page" "$NGINX/page" >twice
  valid twice
  # All fields but those of invalid lines and dry runs were there.
  same "$(words_of field | grep -vxE 'line|would_send' | sort)" \
    "$(jq -r 'keys[]' full again twice | sort -u)"
}

@test "records of what is not sent are valid" {
  local port
  port=$(free_port)
  "$AFETCH" --dry-run "$ORIGIN/" >records
  "$AFETCH" --dry-run -x http://proxy.invalid "$ORIGIN/" >>records
  "$AFETCH" --retry 0 --host-concurrency 1 --host-max-errors 1 \
    "http://127.0.0.1:$port/"{1,2} >>records || [ $? -eq 1 ]
  same 'skipped would_send' \
    "$(jq -r 'keys[]' records | grep -xE 'skipped|would_send' | sort -u | xargs)"
  valid records
}

@test "records of HTTP/2 over TLS are valid" {
  "$AFETCH" --cacert "$NGINX_CA" --fields "$(all_fields)" "$NGINX_TLS/x" >records
  same '"2"' "$(jq .http_version records)"
  valid records
}

@test "records of failures are valid" {
  cat >list <<LINES
$ORIGIN/status/404
$ORIGIN/status/599
http://127.0.0.1:$(free_port)/
http://$(printf 'a%.0s' {1..64}).invalid/
$NGINX_TLS/untrusted
https://127.0.0.1:${NGINX##*:}/no-tls
$ORIGIN/reset
$ORIGIN/empty
$ORIGIN/hang
$ORIGIN/hang-headers
$ORIGIN/hang-body
$ORIGIN/truncate
$ORIGIN/cut-chunk
$ORIGIN/bad-chunk
$ORIGIN/reset-body
$ORIGIN/eof-headers
$ORIGIN/two-lengths
$ORIGIN/bad-length
$ORIGIN/header-flood
$ORIGIN/big-header
$ORIGIN/not-http
$ORIGIN/nul-header
$ORIGIN/status-101
$ORIGIN/bad-location
$ORIGIN/loop
$ORIGIN/redirect-to?url=ftp://127.0.0.1/
$ORIGIN/bytes/5000
$ORIGIN/flaky/z?fail=9
LINES
  "$AFETCH" --retry 1 --retry-delay 1ms -m 1 --max-body 4K --max-redirs 3 \
    --fields "$(all_fields)" list >records || [ $? -eq 1 ]
  same 28 "$(wc -l <records)"
  valid records
  same 'blocked connect dns http protocol redirect timeout tls too_large truncated' \
    "$(classes records)"
}

# Prints what is wrong with the items of streams, and fails.
valid_items() { # FILE
  [ -s "$1" ]
  $PYTHON - "$SCHEMA" "$1" <<'PYTHON'
import json, sys
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
item = dict(schema, **{"allOf": [{"$ref": "#/$defs/item"}]})
for word in ("type", "required", "additionalProperties", "dependentRequired"):
    item.pop(word, None)
# The record's own properties say other things of the same words.
item["properties"] = {k: schema["properties"][k] for k in ("index", "id")}
validator = Draft202012Validator(item)
bad = 0
for number, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
    for error in validator.iter_errors(json.loads(line)):
        print(f"line {number}: {error.json_path}: {error.message}\n{line}")
        bad = 1
sys.exit(bad)
PYTHON
}

@test "items of streams are valid, and records behind them" {
  local change
  cat >list <<LINES
{"url":"$ORIGIN/body?text=a%0A%FF","stream":"lines","id":[1]}
{"url":"$ORIGIN/body?text=1%20null%20[]","stream":"json"}
{"url":"$ORIGIN/body?text=1%20x","stream":"json"}
{"url":"$ORIGIN/ok","stream":"sse"}
{"url":"$ORIGIN/stream/a?type=text/event-stream&text=retry:3%0Adata:x%0A%0A","stream":"sse"}
{"url":"$ORIGIN/stream/b?type=text/event-stream&text=data:x%0A%0A","stream":"sse"}
LINES
  "$AFETCH" list >out || [ $? -eq 1 ]
  jq -c 'select(has("ok"))' out >records
  jq -c 'select(has("seq"))' out >items
  same '6 8' "$(wc -l <records) $(wc -l <items)"
  valid records
  valid_items items
  run ! valid items
  run ! valid_items records
  jq -c 'select(.text == "a")' items >item
  for change in 'del(.seq)' '.seq = -1' 'del(.encoding)' '.encoding = "x"' \
    '.value = 1' '.more = 1' 'del(.text, .encoding)'; do
    jq -c "$change" item >changed
    run valid_items changed
    [ "$status" -eq 1 ] || {
      echo "the schema allows $change"
      return 1
    }
  done
}

@test "records of invalid lines are valid" {
  cat >list <<'LINES'
mailto:x
http://
{
{}
{"url":1}
{"url":"http://a/","method":"A B"}
{"url":"http://a/","headers":{"A B":"c"}}
{"url":"http://a/","priority":9,"id":[1]}
http://a/[1-
LINES
  printf 'http://a/\xff\n' >>list
  head -c 1100000 /dev/zero | tr '\0' x >>list
  "$AFETCH" --glob --fields "$(all_fields)" list 'mailto:y' >records ||
    [ $? -eq 1 ]
  "$AFETCH" --strict - >>records <<<'{"url":"http://127.0.0.1/","x":1}' ||
    [ $? -eq 2 ]
  same 13 "$(wc -l <records)"
  same input "$(classes records)"
  valid records
  printf '%s\n' bad_{glob,json,method,request_header,url,utf8,value} \
    line_too_long no_url scheme unknown_key >codes
  same "$(<codes)" "$(jq -r .error.code records | sort -u)"
}

@test "records of cancelled requests are valid" {
  printf '%s\n' "$ORIGIN/ok" "$ORIGIN/hang" "$ORIGIN/hang" "$ORIGIN/hang-body" \
    >list
  "$AFETCH" -c 2 --deadline 0.3 list >records || [ $? -eq 4 ]
  { cat list && echo bad: ; } | "$AFETCH" --strict - >>records || [ $? -eq 2 ]
  same 'deadline strict' "$(jq -r 'select(.error.class == "cancelled").error.code' \
    records | sort -u | xargs)"
  valid records
}

@test "what is no record is refused" {
  local change
  "$AFETCH" --retry 0 "$ORIGIN/status/404" >record || [ $? -eq 1 ]
  valid record
  for change in '.extra = 1' 'del(.error)' '.index = -1' '.key = "x"' \
    '.ok = "yes"' '.status = "404"' '.error.class = "odd"' \
    '.error.code = "odd"' '.error.phase = "odd"' '.error.more = 1' \
    'del(.error.retryable)' '.body = "x"' '.headers = {"X":["1"]}' \
    '.headers = {"x":"1"}' '.notes = []' '.time.total = "1"' 'del(.time.dns)' \
    '.tries = [{"at":0,"wait":0}]' '.redirects = []' '.started_at = "now"' \
    '.line = 0' '.error.errno = "no"'; do
    jq -c "$change" record >changed
    run valid changed
    [ "$status" -eq 1 ] || {
      echo "the schema allows $change"
      return 1
    }
  done
}
