#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Conditional requests: what --etag-store remembers of a list and sends at the
# next run, what a 304 then means, and when nothing is remembered or sent.
#
# Elsewhere: the store's file alone in tests/unit/test_etag_store.c.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin --address 0.0.0.0
  start_nginx
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  OTHER=http://127.0.0.2:$ORIGIN_PORT
  DATE='Sun, 06 Nov 1994 08:49:37 GMT'
}

# Its records, in the order of the list, in `out`.
fetch() {
  run --separate-stderr -0 "$AFETCH" --retry 0 --body inline --etag-store store \
    -o records --force "$@"
  jq -cs 'sort_by(.index)[]' records >out
}

holds() {
  jq -se "$1" out >/dev/null || {
    echo "not so: $1"
    head -n 5 out
    return 1
  }
}

# The conditions that the Nth request's /echo saw.
conditions_of() { # N
  jq -sr ".[$1].body | fromjson | .headers[] |
    select(.[0] | ascii_downcase | startswith(\"if-\")) | \"\(.[0]): \(.[1])\"" out
}

# /echo that answers with these header fields.
echoing() { # FIELD...
  local url=$ORIGIN/echo field sign=\?
  for field; do
    url+=${sign}header=$(jq -rR @uri <<<"$field")
    sign=\&
  done
  echo "$url"
}

etags() {
  jq -r .etag store | paste -sd' '
}

@test "a second run asks only for what has changed" {
  for i in {1..100}; do
    echo "page $i" >"$NGINX_ROOT/page$i"
    echo "$NGINX/page$i"
  done >list
  fetch list
  holds 'length == 100 and all(.[]; .status == 200 and (has("not_modified") | not))'
  [ "$(wc -l <store)" -eq 100 ]
  fetch list
  holds 'length == 100 and all(.[]; .status == 304 and .not_modified and .ok and
    .size == 0 and .size_download == 0 and (has("body") | not) and .error == null)'
  echo "page 42 is new" >"$NGINX_ROOT/page42"
  fetch list
  holds '[.[] | select(.not_modified | not)] | length == 1 and
    .[0].status == 200 and (.[0].url | endswith("/page42")) and
    .[0].body == "page 42 is new\n"'
  fetch list
  holds 'all(.[]; .not_modified)'
  # What HEAD says is another request's.
  echo "{\"url\":\"$NGINX/page1\",\"method\":\"HEAD\"}" >list
  fetch list
  holds '.[0].status == 200'
  fetch list
  holds '.[0].status == 304 and .[0].not_modified and .[0].ok'
}

@test "both validators are sent, as they came, or the one that there is" {
  local both etag date none
  both=$(echoing 'ETag: W/"a-b"' "Last-Modified: $DATE")
  etag=$(echoing 'ETag: "x"')
  date=$(echoing "Last-Modified: $DATE")
  none=$(echoing 'ETag: no tag' 'Last-Modified: yesterday')
  fetch "$both" "$etag" "$date" "$none"
  [ -z "$(conditions_of 0)$(conditions_of 1)$(conditions_of 2)" ]
  fetch "$both" "$etag" "$date" "$none"
  [ "$(conditions_of 0)" = "If-None-Match: W/\"a-b\"
If-Modified-Since: $DATE" ]
  [ "$(conditions_of 1)" = 'If-None-Match: "x"' ]
  [ "$(conditions_of 2)" = "If-Modified-Since: $DATE" ]
  [ -z "$(conditions_of 3)" ]
  # Only with the option.
  "$AFETCH" --body inline "$both" >out
  [ -z "$(conditions_of 0)" ]
}

@test "only GET and HEAD, and not where the line has a condition of its own" {
  local url
  url=$(echoing 'ETag: "x"')
  cat >list <<LIST
{"url":"$url","method":"POST","body":""}
{"url":"$url","method":"OPTIONS"}
{"url":"$url","headers":{"If-None-Match":"\"mine\""}}
{"url":"$url","headers":{"if-range":"\"mine\""}}
LIST
  fetch list
  [ ! -s store ]
  fetch list
  [ -z "$(conditions_of 0)$(conditions_of 1)" ]
  [ "$(conditions_of 2)" = 'If-None-Match: "mine"' ]
  [ "$(conditions_of 3)" = 'if-range: "mine"' ]
  # Nor where the command line has one.
  fetch -H 'If-None-Match: "mine"' "$url"
  fetch -H 'If-None-Match: "mine"' "$url"
  [ ! -s store ]
  [ "$(conditions_of 0)" = 'If-None-Match: "mine"' ]
}

@test "a 304 that no validator of ours asked for is none of a store's" {
  run --separate-stderr -1 "$AFETCH" --etag-store store \
    "$ORIGIN/status/304?header=ETag:%22x%22"
  jq -e '.status == 304 and .error.code == "unexpected_status" and
    (has("not_modified") | not)' <<<"$output"
  [ ! -s store ]
  echo "page" >"$NGINX_ROOT/own"
  fetch "$NGINX/own"
  jq -c '{url, headers: {"If-None-Match": .etag}}' store >list
  fetch list
  holds '.[0].status == 304 and (.[0] | has("not_modified") | not)'
  # It is the 200 that is accepted; a 304 need not be named.
  fetch --accept 200 "$NGINX/own"
  holds '.[0].not_modified and .[0].ok'
  run --separate-stderr -1 "$AFETCH" --etag-store store --accept 404 "$NGINX/own"
  jq -e '.not_modified and .error.message == "status 304"' <<<"$output"
}

@test "what an identity was answered is not asked for as another one" {
  local url option hosts
  url=$(echoing 'ETag: "x"')
  for option in '-u a:1' '-u b:1' '-H X-Team:a' '-H X-Team:b' '-H X-Team;' \
    '-b jar' '-c jar' '--netrc-file netrc' ''; do
    : >jar
    : >netrc
    # shellcheck disable=SC2086 # options are words
    fetch ${option/-c jar/--cookie-jar jar} "$url"
    [ -z "$(conditions_of 0)" ] || {
      echo "$option: another one's"
      return 1
    }
    # shellcheck disable=SC2086
    fetch ${option/-c jar/--cookie-jar jar} "$url"
    [ "$(conditions_of 0)" = 'If-None-Match: "x"' ]
  done
  # A password is no name.
  fetch -u a:2 "$url"
  [ "$(conditions_of 0)" = 'If-None-Match: "x"' ]
  # What a file says of the host is no other matter.
  for hosts in '"headers":{"X-Team":"c"}' '"user":"c:1"'; do
    echo "{\"127.0.0.1\":{$hosts}}" >hosts
    fetch --host-config hosts "$url"
    [ -z "$(conditions_of 0)" ]
    fetch --host-config hosts "$url"
    [ "$(conditions_of 0)" = 'If-None-Match: "x"' ]
  done
}

@test "a secret of the run leaves the store alone, one of a line is its own" {
  local url option
  url=$(echoing 'ETag: "x"')
  for option in '--oauth2-bearer t0ken' '-b a=t0ken' '-H X-Api-Key:t0ken'; do
    # shellcheck disable=SC2086 # options are words
    fetch $option "$url"
    [ ! -s store ]
    [[ $stderr == 'afetch: --etag-store is left alone where '* ]]
  done
  echo '{"127.0.0.1":{"headers":{"Authorization":"t0ken"}}}' >hosts
  fetch --host-config hosts "$url"
  [ ! -s store ]
  echo "{\"url\":\"$url\",\"oauth2_bearer\":\"t0ken\"}" >list
  fetch list
  fetch list
  [ "$(conditions_of 0)" = 'If-None-Match: "x"' ]
  [ "$(wc -l <store)" -eq 1 ]
  fetch "$url"
  [ -z "$(conditions_of 0)" ]
}

@test "a redirect ends it: nothing is sent to where it leads, nothing is kept" {
  local to
  to=$(echoing 'ETag: "there"' | jq -rR @uri)
  fetch "$ORIGIN/redirect-to?url=$to" "$OTHER/redirect-to?url=$to"
  [ ! -s store ]
  # It was a page, and is now a redirect: to be asked without a condition when
  # it is a page again.
  key=$(jq -rs '.[0].key' out)
  echo "{\"key\":\"$key\",\"etag\":\"\\\"old\\\"\"}" >store
  fetch "$ORIGIN/redirect-to?url=$to"
  holds '.[0].status == 200 and (.[0].redirects | length == 1)'
  [ -z "$(conditions_of 0)" ]
  [ ! -s store ]
}

@test "what is not a whole, accepted 200 is not remembered" {
  run --separate-stderr -1 "$AFETCH" --etag-store store --retry 0 \
    "$ORIGIN/truncate?header=ETag:%22cut%22" "$ORIGIN/status/404?header=ETag:%22no%22" \
    "$ORIGIN/status/206?header=ETag:%22part%22" "$ORIGIN/status/203?header=ETag:%22by%22" \
    "$ORIGIN/flaky/x?how=close"
  [ ! -s store ]
  run --separate-stderr -1 "$AFETCH" --etag-store store --accept 404 \
    "$(echoing 'ETag: "x"')"
  [ ! -s store ]
}

# Puts the request of `out` into the store.
remember() {
  jq -c --arg tag '"old"' '{key, etag: $tag}' out >store
}

@test "an error keeps what is known, another answer ends it" {
  "$AFETCH" --retry 0 "$ORIGIN/status/503" >out || true
  remember
  run --separate-stderr "$AFETCH" --etag-store store --retry 0 "$ORIGIN/status/503"
  [ "$(etags)" = '"old"' ]
  "$AFETCH" "$ORIGIN/ok" >out
  remember
  fetch "$ORIGIN/ok"
  [ ! -s store ]
  # Also one that is no whole body, but is accepted.
  "$AFETCH" "$ORIGIN/status/204" >out
  remember
  fetch "$ORIGIN/status/204"
  [ ! -s store ]
}

@test "a 304 renews what it brings and keeps the rest" {
  local url=$ORIGIN/status/304
  jq -nc --arg date "$DATE" --arg key "$("$AFETCH" "$url?header=ETag:%22new%22" | jq -r .key)" \
    '{$key, last_modified: $date}' >store
  fetch "$url?header=ETag:%22new%22"
  holds '.[0].not_modified'
  [ "$(etags)" = '"new"' ]
  [ "$(jq -r .last_modified store)" = "$DATE" ]
  before=$(stat -c %i store)
  fetch "$url?header=ETag:%22new%22"
  [ "$(stat -c %i store)" = "$before" ]
}

@test "a 304 with another ETag changes nothing" {
  local url=$ORIGIN/status/304
  jq -nc --arg key "$("$AFETCH" "$url?header=ETag:%22new%22" | jq -r .key)" \
    '{$key, etag: "\"old\""}' >store
  fetch "$url?header=ETag:%22new%22"
  [ "$(etags)" = '"old"' ]
}

@test "a part is not asked for by what the whole was, and forgets nothing" {
  echo whole >"$NGINX_ROOT/whole"
  fetch "$NGINX/whole"
  cp store before
  for part in '--range 0-2' '--header Range:bytes=0-2'; do
    # shellcheck disable=SC2086 # two words
    fetch $part "$NGINX/whole"
    holds '.[0].status == 206 and .[0].body == "who"'
    cmp store before
  done
  fetch "$NGINX/whole"
  holds '.[0].not_modified'
}

@test "a request that the list has twice gets two answers of its kind" {
  echo twice >"$NGINX_ROOT/twice"
  printf '%s\n' "$NGINX/twice" "$NGINX/twice" >list
  fetch -c 1 list
  holds 'all(.[]; .status == 200 and .body == "twice\n")'
  fetch -c 1 list
  holds 'all(.[]; .not_modified)'
}

@test "what was not sent forgets nothing: a duplicate, a file that is there" {
  local url
  url=$(echoing 'ETag: "one"')
  seq 300 | sed "s,.*,$ORIGIN/ok?&," >many
  # The duplicate is read when the answer is there.
  { echo "$url" && cat many && echo "$url"; } >list
  fetch --dedupe --queue 10 -c 1 list
  holds '.[301].duplicate_of == 0'
  grep -qF '\"one\"' store
  for options in --raw --skip-existing; do
    run -0 "$AFETCH" --etag-store store --output-dir bodies --name body $options "$url"
  done
  [ "$(jq .skipped <<<"${lines[0]}")" = true ]
  grep -qF '\"one\"' store
}

@test "the store is saved after a signal and a deadline, of what was answered" {
  "$AFETCH" --etag-store store --grace 0 -o out1 "$(echoing 'ETag: "a"')" "$ORIGIN/hang" \
    2>stderr 3>&- 4>&- &
  pid=$!
  wait_for 10 test -s out1
  terminate "$pid"
  [ "$(etags)" = '"a"' ]
  run --separate-stderr -4 "$AFETCH" --etag-store store --deadline 1 \
    "$(echoing 'ETag: "b"')" "$ORIGIN/hang?header=ETag:%22c%22"
  [ "$(etags)" = '"a" "b"' ]
  [ ! -e store.lock ]
}

@test "it is not saved when the records reach nobody" {
  [ -e /dev/full ] || skip "no /dev/full"
  run --separate-stderr -5 sh -c '"$AFETCH" --etag-store store "$1" >/dev/full' - \
    "$(echoing 'ETag: "a"')"
  [ ! -e store ]
}

@test "a store that cannot be had ends the run before it begins" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  "$AFETCH" --etag-store store --grace 0 -o out1 "$ORIGIN/hang" 2>stderr 3>&- 4>&- &
  pid=$!
  wait_for 10 test -e store.lock
  run --separate-stderr -5 "$AFETCH" --etag-store store "$ORIGIN/ok"
  [ "$stderr" = "afetch: store is in use by another run, which holds store.lock" ]
  terminate "$pid"
  echo "$ORIGIN/ok" >list
  cp list before
  run --separate-stderr -5 "$AFETCH" --etag-store list "$ORIGIN/ok"
  [[ $stderr == *"list is no ETag store"* ]]
  cmp list before
  run --separate-stderr -5 "$AFETCH" --etag-store none/store "$ORIGIN/ok"
  run --separate-stderr -2 "$AFETCH" --etag-store - "$ORIGIN/ok"
  [[ $stderr == *"--etag-store: "* ]]
  [ "$(curl -s "$ORIGIN/log" | xargs)" = 'GET /hang' ]
}
