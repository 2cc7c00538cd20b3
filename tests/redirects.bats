#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Redirects: the chain in the record, when it is not followed, what becomes of
# method and body, what an origin gets to see of headers and credentials, and
# that hops wait for slots as requests do.
#
# Elsewhere: broken Locations alone in faults.bats, clocks over a chain in
# time.bats, a retry of a chain in retry.bats, the rules alone in
# tests/unit/test_redirect.c.

load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  OUT=$BATS_TEST_TMPDIR/out
  OTHER=http://127.0.0.2:$ORIGIN_PORT
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# One request: its record goes into $record.
fetch() {
  run --separate-stderr "$AFETCH" --retry 0 --body inline "$@"
  record=$output
  [ "${#lines[@]}" -eq 1 ]
}

holds() {
  jq -e "$1" <<<"$record" >/dev/null || {
    echo "not so: $1"
    echo "$record"
    return 1
  }
}

# A JSON line: URL [MORE-MEMBERS]
line() {
  echo "{\"url\":\"$1\"${2:+,$2}}" >"$LIST"
}

asked() {
  curl -s "$ORIGIN/log" | xargs
}

@test "the chain is in the record" {
  fetch "$ORIGIN/redirect/3"
  holds ".ok and .status == 200 and .attempts == 1 and
    .url == \"$ORIGIN/redirect/3\" and .final_url == \"$ORIGIN/redirect/0\""
  holds ".redirects == [{status: 302, url: \"$ORIGIN/redirect/2\"},
    {status: 302, url: \"$ORIGIN/redirect/1\"},
    {status: 302, url: \"$ORIGIN/redirect/0\"}]"
  fetch "$ORIGIN/redirect/2?absolute=1&status=308"
  holds '[.redirects[].status] == [308, 308] and .ok'
  fetch "$ORIGIN/ok"
  holds 'has("redirects") | not'
}

@test "a Location is joined to the URL it was found at" {
  local base=$ORIGIN/a/b
  while read -r location target; do
    line "$ORIGIN/redirect-to/a/b?url=$(jq -rR @uri <<<"$location")"
    fetch "$LIST"
    holds ".redirects[0].url == \"$ORIGIN/$target\"" || {
      echo "$location at $base"
      return 1
    }
  done <<TABLE
c redirect-to/a/c
/c c
../c redirect-to/c
./../../../c c
?q redirect-to/a/b?q
//127.0.0.1:$ORIGIN_PORT/c c
/c#part c
$ORIGIN/c%7e c~
TABLE
}

@test "--no-location follows nothing" {
  fetch --no-location --headers "$ORIGIN/redirect/3"
  [ "$status" -eq 0 ]
  holds '.status == 302 and .ok and (has("redirects") | not) and
    .headers.location == ["/redirect/2"]'
  [ "$(asked)" = 'GET /redirect/3' ]
}

@test "--max-redirs bounds the chain" {
  fetch --max-redirs 3 "$ORIGIN/redirect/3"
  [ "$status" -eq 0 ]
  fetch --max-redirs 3 "$ORIGIN/redirect/4"
  [ "$status" -eq 1 ]
  holds '.error | .class == "redirect" and .code == "too_many"'
  holds '.ok == false and .status == 302 and (.redirects | length) == 3'
  fetch --max-redirs 0 "$ORIGIN/redirect/1"
  holds '.error.code == "too_many" and (has("redirects") | not)'
  fetch --max-redirs 0 "$ORIGIN/ok"
  [ "$status" -eq 0 ]
}

@test "a loop ends after ten" {
  fetch "$ORIGIN/loop"
  holds '.error.code == "too_many" and (.redirects | length) == 10'
  [ "$(origin_stats .requests)" -eq 11 ]
}

@test "method and body behind 301, 302, 303, 307 and 308" {
  local wrong='' code method next body
  while read -r code method next body; do
    line "$ORIGIN/redirect-to?url=/echo&status=$code" \
      "\"method\":\"$method\",\"body\":\"sent\""
    fetch "$LIST"
    [ "$(seen '.method + " " + .body')" = "$next ${body#-}" ] ||
      wrong+="$code $method: $(seen .)"$'\n'
  done <<'TABLE'
301 POST GET -
302 POST GET -
303 POST GET -
307 POST POST sent
308 POST POST sent
301 PUT PUT sent
302 PUT PUT sent
303 PUT GET -
307 PUT PUT sent
308 PUT PUT sent
302 PATCH PATCH sent
303 DELETE GET -
308 DELETE DELETE sent
303 GET GET -
TABLE
  [ -z "$wrong" ] || {
    echo "$wrong"
    return 1
  }
}

@test "what became a GET stays one" {
  # 303, then 307: the POST and its body are gone for good.
  line "$ORIGIN/redirect-to?status=303&url=/redirect-to%3Fstatus=307%26url=/echo" \
    '"method":"POST","json":{"a":1}'
  fetch "$LIST"
  [ "$(seen '.method + .body')" = GET ]
  [ -z "$(seen_header content-length)$(seen_header transfer-encoding)" ]
  holds '.method == "POST" and ([.redirects[].status] == [303, 307])'
}

# RFC 9110 section 15.4: what describes the body goes with it.
@test "what became a GET has no Content-Type of the body that it lost" {
  line "$ORIGIN/redirect-to?status=303&url=/echo" \
    '"method":"POST","json":{"a":1},"headers":{"X-Kept":"yes"}'
  fetch "$LIST"
  [ "$(seen_header x-kept)" = yes ]
  [ -z "$(seen_header content-type)" ]
}

@test "a HEAD stays one" {
  for code in 301 302 303 307 308; do
    line "$ORIGIN/redirect-to?url=/end&status=$code" '"method":"HEAD"'
    fetch "$LIST"
    [ "$status" -eq 0 ]
  done
  [ "$(curl -s "$ORIGIN/log" | grep -c '^HEAD /end$')" -eq 5 ]
}

@test "other 3xx are answers, not redirects" {
  for code in 300 304 305 306 399; do
    fetch -H 'If-None-Match: "x"' "$ORIGIN/redirect-to?url=/no&status=$code"
    holds ".ok and .status == $code and (has(\"redirects\") | not)"
  done
  fetch "$ORIGIN/redirect-to?url=/no&status=200"
  holds '.status == 200 and (has("redirects") | not)'
  [[ $(asked) != *'GET /no' ]]
}

@test "a broken hop ends the chain behind those that were good" {
  fetch "$ORIGIN/redirect-to?url=/redirect-to%3Furl=ftp://127.0.0.1/x"
  holds '.error.class == "blocked" and .error.code == "scheme" and
    (.redirects | length) == 1 and .status == 302'
  fetch "$ORIGIN/redirect-to?url=/redirect-to%3Furl=file:///etc/passwd"
  holds '.error.class == "blocked" and (.body | contains("root:") | not)'
  fetch "$ORIGIN/redirect-to?url=/bad-location"
  holds '.error.code == "bad_location" and (.redirects | length) == 1'
  fetch "$ORIGIN/redirect-to?url=/no-location"
  holds '.ok and .status == 302 and (.redirects | length) == 1'
  fetch "$ORIGIN/redirect-to?url=/reset"
  holds '.error.code == "reset" and (.redirects | length) == 1'
  fetch "$ORIGIN/redirect-to?url=http://127.0.0.1:$(free_port)/"
  holds '.error.code == "refused" and .status == null'
}

secrets='"headers":{"Authorization":"Bearer s3cret","Cookie":"c=s3cret",
  "X-Api-Key":"s3cret","X-Two":["a","b"]}'

@test "headers of a line stay with the origin of the line" {
  # On the same origin they go along ...
  line "$ORIGIN/redirect-to?url=/redirect-to%3Furl=/echo" "${secrets//$'\n'/}"
  fetch "$LIST"
  [ "$(seen_header authorization)" = 'Bearer s3cret' ]
  [ "$(seen_header cookie)" = 'c=s3cret' ]
  [ "$(seen_header x-api-key)" = s3cret ]
  [ "$(seen_header x-two)" = a,b ]
}

@test "headers of a line go to no other address, name, port" {
  local elsewhere here=$ORIGIN
  start_origin
  for elsewhere in "${ORIGIN/127.0.0.1/localhost}" "$ORIGIN"; do
    line "$here/redirect-to?url=$elsewhere/echo" "${secrets//$'\n'/}"
    fetch "$LIST"
    holds '.ok and .status == 200'
    [[ $record != *s3cret* ]]
    [[ $(seen_header x-two)$(seen_header authorization) == '' ]]
  done
  line "$here/redirect-to?url=$OTHER/echo" "${secrets//$'\n'/}"
  fetch "$LIST"
  holds '.status == 200'
  [[ $record != *s3cret* ]]
  # Nor along the way, by a detour, or with a body that is kept.
  line "$here/redirect-to?url=$OTHER/redirect-to%3Furl=/echo&status=307" \
    "${secrets//$'\n'/},\"method\":\"PUT\",\"body\":\"x\""
  fetch "$LIST"
  [ "$(seen .method)" = PUT ]
  [[ $record != *s3cret* ]]
}

@test "a user name and password stay with the origin of the line" {
  local basic
  basic=$(printf 'me:s3cret' | base64)
  fetch "${ORIGIN/\/\//\/\/me:s3cret@}/redirect-to?url=/echo"
  [ "$(seen_header authorization)" = "Basic $basic" ]
  fetch "${ORIGIN/\/\//\/\/me:s3cret@}/redirect-to?url=$OTHER/echo"
  holds '.status == 200'
  [ -z "$(seen_header authorization)" ]
  [[ $record != *s3cret* ]]
}

@test "a user name and password in a Location are not used and not shown" {
  fetch "$ORIGIN/redirect-to?url=http://evil:pw12@127.0.0.2:$ORIGIN_PORT/echo"
  holds '.status == 200'
  [ -z "$(seen_header authorization)" ]
  holds ".final_url == \"$OTHER/echo\" and .redirects[0].url == .final_url"
}

@test "hops wait for the slots of their host and of the run" {
  local n
  # Eight hosts that all send to one.
  for n in {3..10}; do
    echo "http://127.0.0.$n:$ORIGIN_PORT/redirect-to?url=$OTHER/delay/0.05"
    echo "http://127.0.0.$n:$ORIGIN_PORT/redirect-to?url=$OTHER/delay/0.06"
  done >"$LIST"
  run -0 "$AFETCH" -c 6 --host-concurrency 2 -o "$OUT" "$LIST"
  [ "$(jq -s 'length == 16 and all(.[]; .ok and .attempts == 1)' "$OUT")" = true ]
  [ "$(origin_stats ".hosts[\"127.0.0.2:$ORIGIN_PORT\"].max_active")" -eq 2 ]
  [ "$(origin_stats '.max_active <= 6')" = true ]
}

@test "a hop that waits for its host holds no slot" {
  {
    echo "$OTHER/delay/0.4"
    echo "$ORIGIN/redirect-to?url=$OTHER/end"
    echo "http://127.0.0.3:$ORIGIN_PORT/free"
  } >"$LIST"
  run --separate-stderr -0 "$AFETCH" -c 2 --host-concurrency 1 "$LIST"
  [ "$(jq .index <<<"$output" | xargs)" = '2 0 1' ]
}

@test "what describes a body goes nowhere else without one" {
  line "$ORIGIN/redirect-to?url=$OTHER/echo" \
    '"headers":{"Content-Language":"s3cret"}'
  fetch "$LIST"
  holds '.status == 200'
  [ -z "$(seen_header content-language)" ]
  # Of the run too.
  line "$ORIGIN/redirect-to?url=$OTHER/echo" '"id":1'
  fetch -H 'Content-Language: s3cret' "$LIST"
  holds '.status == 200'
  [ -z "$(seen_header content-language)" ]
}

@test "a body that goes along to another origin keeps its type, and only that" {
  line "$ORIGIN/redirect-to?status=308&url=$OTHER/echo" \
    '"method":"POST","json":{"a":1},"headers":{"X-Secret":"s"}'
  fetch "$LIST"
  [ "$(seen .body)" = '{"a":1}' ]
  [ "$(seen_header content-type)" = application/json ]
  [ -z "$(seen_header x-secret)" ]
}
