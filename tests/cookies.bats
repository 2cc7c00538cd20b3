#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Cookies: none unless asked for; those of -b and of a line; one jar for all
# requests and hops of a run, whose cookies go where they belong; its file.
#
# Elsewhere: the jar alone, with its files, in tests/unit/test_fetch_cookies.c.

# shellcheck disable=SC2317,SC2154 # run calls the functions, and sets stderr
load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  LOCAL=http://localhost:$ORIGIN_PORT
  OTHER=http://127.0.0.2:$ORIGIN_PORT
  # The names of the tests, all of them this machine.
  printf '%s 127.0.0.1\n' localhost '*.test' '*.uk' >table
  : >log
}

# afetch, one request after the other, with names of the table.
named() {
  NAMES_TABLE=table NAMES_LOG=log LD_PRELOAD=$BUILD/names.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 exec "$AFETCH" "$@"
}

# Its records, in the order of the list, in `out`.
fetch() {
  run --separate-stderr -0 named -c 1 --retry 0 --body inline -o records --force "$@"
  jq -cs 'sort_by(.index)[]' records >out
}

# The Cookie fields that the Nth request's /echo saw, each on a line.
cookies_of() { # N
  jq -sr ".[$1].body | fromjson | .headers[] |
    select(.[0] | ascii_downcase == \"cookie\")[1]" out
}

# The same of one field, sorted.
sorted_of() { # N
  cookies_of "$1" | tr -d ' ' | tr ';' '\n' | sort | xargs
}

# URL that sets a cookie (percent-encoded where it must be).
setting() { # ORIGIN COOKIE
  echo "$1/headers?Set-Cookie=$2"
}

# The names and values of a jar.
jar() { # FILE
  awk -F'\t' 'NF >= 6 { print $6 "=" $7 }' "$1" | sort | xargs
}

@test "no cookies unless they are asked for" {
  fetch "$(setting "$ORIGIN" a=1)" "$ORIGIN/echo"
  [ -z "$(cookies_of 1)" ]
}

@test "-b DATA is sent, to the origins that the lines name only" {
  fetch -b 'a=1; b=2' --cookie c=3 "$ORIGIN/echo" \
    "$ORIGIN/redirect-to?url=$OTHER/echo" "$ORIGIN/redirect-to?url=/echo"
  [ "$(cookies_of 0)" = 'a=1; b=2; c=3' ]
  [ -z "$(cookies_of 1)" ]
  [ "$(cookies_of 2)" = 'a=1; b=2; c=3' ]
}

@test "a line's cookie stands instead of -b, its Cookie field instead of both" {
  cat >list <<LIST
{"url":"$ORIGIN/echo","cookie":"x=1"}
{"url":"$ORIGIN/echo","cookie":["x=1","y=2"]}
{"url":"$ORIGIN/echo","headers":{"Cookie":"z=1"}}
{"url":"$ORIGIN/echo","headers":{"cookie":["z=1","z=2"]},"cookie":"x=1"}
{"url":"$ORIGIN/echo","cookie":""}
{"url":"$ORIGIN/echo"}
{"url":"$ORIGIN/redirect-to?url=$OTHER/echo","headers":{"Cookie":"z=1"}}
LIST
  fetch -b a=1 list
  [ "$(cookies_of 0)" = x=1 ]
  [ "$(cookies_of 1)" = 'x=1; y=2' ]
  [ "$(cookies_of 2)" = z=1 ]
  [ "$(cookies_of 3)" = 'z=1; z=2' ]
  [ -z "$(cookies_of 4)" ]
  [ "$(cookies_of 5)" = a=1 ]
  [ -z "$(cookies_of 6)" ]
  # Another cookie is another request.
  [ "$(jq -r .key out | sort -u | wc -l)" -eq 7 ]
}

@test "a line names no file of cookies and smuggles in no field" {
  touch file
  printf '%s\n' "{\"url\":\"$ORIGIN/echo\",\"cookie\":\"file\"}" \
    "{\"url\":\"$ORIGIN/echo\",\"cookie\":\"a=1\\r\\nX-Evil: 1\"}" >list
  run --separate-stderr -1 "$AFETCH" list
  jq -se 'all(.[]; .error.class == "input" and .error.code == "bad_value" and
    (.error.message | startswith("cookie: ")))' <<<"$output"
  [[ $output != *'"file'* ]] # it may be a cookie
  run --separate-stderr -2 "$AFETCH" -b $'a=1\r\nX-Evil: 1' "$ORIGIN/echo"
  [[ $stderr == *"--cookie: control byte 0x0d"* ]]
}

@test "a cookie is secret in records, and a record's is not sent" {
  echo "{\"url\":\"$ORIGIN/echo\",\"cookie\":\"a=hidden\"}" >list
  run --separate-stderr -0 "$AFETCH" --fields +request list
  [[ $output != *hidden* ]]
  jq -e '.request.cookie == "***"' <<<"$output"
  run --separate-stderr -1 "$AFETCH" - <<<"$output"
  jq -e '.error.message == "cookie: is not in the record: it is secret"' \
    <<<"$output"
}

@test "a cookie goes back to its host, port left aside, and to no other" {
  local a=a.test:$ORIGIN_PORT port=$ORIGIN_PORT
  fetch --cookie-jar jar "$(setting "$ORIGIN" a=1)" "$(setting "http://$a" b=1)"
  start_origin --address 0.0.0.0
  fetch --cookie-jar jar "$ORIGIN/echo" "http://127.0.0.1:$port/echo" \
    "http://localhost:$port/echo" "$OTHER/echo" "http://$a/echo" "http://sub.$a/echo"
  [ "$(cookies_of 0)" = a=1 ]
  [ "$(cookies_of 1)" = a=1 ]
  [ -z "$(cookies_of 2)" ]
  [ -z "$(cookies_of 3)" ]
  [ "$(cookies_of 4)" = b=1 ]
  [ -z "$(cookies_of 5)" ]
}

@test "a redirect's cookie is sent at the next hop, where it belongs there" {
  fetch --cookie-jar jar \
    "$ORIGIN/redirect-to?url=/echo&header=Set-Cookie:a=1"
  [ "$(cookies_of 0)" = a=1 ]
  fetch --cookie-jar jar \
    "$ORIGIN/redirect-to?url=$LOCAL/echo&header=Set-Cookie:b=1"
  [ -z "$(cookies_of 0)" ]
  fetch --cookie-jar jar \
    "$OTHER/redirect-to?url=$OTHER/redirect-to?url%3D$ORIGIN/echo"
  [ "$(sorted_of 0)" = 'a=1 b=1' ]
}

@test "a jar's cookies and those of -b or a line are one field" {
  cat >list <<LIST
{"url":"$(setting "$ORIGIN" a=1)"}
{"url":"$ORIGIN/echo"}
{"url":"$ORIGIN/echo","headers":{"Cookie":"z=1"}}
{"url":"$ORIGIN/echo","max_time":20}
LIST
  fetch --cookie-jar jar -b b=2 list
  [ "$(cookies_of 1)" = 'a=1; b=2' ]
  [ "$(cookies_of 2)" = 'a=1; z=1' ]
  [ "$(cookies_of 3)" = 'a=1; b=2' ]
  [ "$(jar jar)" = a=1 ]
}

@test "a line with a Host field of its own has no jar, and the next one has" {
  printf 'bank.test\tFALSE\t/\tFALSE\t0\tkept\t1\n' >jar
  cat >list <<LIST
{"url":"$(setting "$ORIGIN" own=1)","headers":{"Host":"bank.test"}}
{"url":"$ORIGIN/echo"}
{"url":"$(setting "$LOCAL" local=1)"}
{"url":"$ORIGIN/echo","headers":{"Host":"bank.test"}}
{"url":"$LOCAL/echo"}
LIST
  fetch --cookie-jar jar list
  [ -z "$(cookies_of 1)" ]
  [ -z "$(cookies_of 3)" ]
  [ "$(cookies_of 4)" = local=1 ]
  [ "$(jar jar)" = 'kept=1 local=1' ]
}

@test "a line that says where a host is has no cookies and no password of it" {
  printf 'bank.test\tFALSE\t/\tFALSE\t0\tkept\t1\n' >jar
  echo 'machine bank.test login me password pw' >netrc
  start_proxy
  local bank=http://bank.test:$ORIGIN_PORT
  cat >list <<LIST
{"url":"$bank/echo"}
{"url":"http://bank.test/echo","connect_to":["::127.0.0.1:$ORIGIN_PORT"]}
{"url":"$bank/echo","resolve":["bank.test:$ORIGIN_PORT:127.0.0.1"]}
{"url":"$bank/echo","proxy":"http://$PROXY"}
{"url":"$bank/echo","max_time":20}
{"url":"$bank/echo"}
LIST
  fetch --cookie-jar jar --netrc-file netrc list
  for n in 0 4 5; do
    [ "$(cookies_of $n)" = kept=1 ]
  done
  for n in 1 2 3; do
    [ -z "$(cookies_of $n)" ]
    jq -se ".[$n].body | contains(\"uthorization\") | not" out
  done
  jq -se '.[0].body | contains("uthorization")' out
}

@test "a line that is insecure by itself has no cookies and no password" {
  start_nginx 'location /seen { return 200 "$http_cookie|$http_authorization"; }'
  printf '127.0.0.1\tFALSE\t/\tFALSE\t0\tkept\t1\n' >jar
  echo 'machine 127.0.0.1 login me password pw' >netrc
  echo '{"127.0.0.1": {"insecure": true}}' >hosts
  printf '%s\n' "{\"url\":\"$NGINX_TLS/seen\",\"insecure\":true}" \
    "{\"url\":\"$NGINX/seen\",\"insecure\":true}" \
    "{\"url\":\"$NGINX_TLS/seen\",\"max_time\":20}" >list
  local all=(--cookie-jar jar --netrc-file netrc list) none='"|"' \
    some='"kept=1|Basic bWU6cHc="'
  # Plain http proves nothing either way.
  fetch --cacert "$NGINX_CA" "${all[@]}"
  [ "$(jq -c .body out | xargs -d '\n')" = "$none $some $some" ]
  # Where the user says so, the line says nothing of its own.
  fetch -k "${all[@]}"
  [ "$(jq -c .body out | xargs -d '\n')" = "$some $some $some" ]
  fetch --host-config hosts "${all[@]}"
  [ "$(jq -c .body out | xargs -d '\n')" = "$some $some $some" ]
}

@test "Secure, expired, session and path are kept to" {
  local a=http://a.test:$ORIGIN_PORT
  fetch --cookie-jar jar "$(setting "$a" 'safe=1;Secure')" \
    "$(setting "$a" 'long=1;Max-Age=1000')" "$(setting "$a" 'gone=1;Max-Age=1000')" \
    "$(setting "$a" 'gone=1;Max-Age=0')" "$(setting "$a" 'deep=1;Path=/deep')" \
    "$(setting "$a" session=1)" "$a/echo"
  [ "$(sorted_of 6)" = 'long=1 session=1' ]
  # libcurl takes a Secure cookie over https only.
  [ "$(jar jar)" = 'deep=1 long=1 session=1' ]
  [ "$(awk -F'\t' '$6 == "session" { print $5 }' jar)" = 0 ]
}

@test "no cookie for a public suffix, where libcurl knows them" {
  local here=http://shop.co.uk:$ORIGIN_PORT
  "$AFETCH" --version | grep -qF +PSL || skip "libcurl without the list"
  fetch --cookie-jar jar "$(setting "$here" 'wide=1;Domain=co.uk')" \
    "$(setting "$here" 'fair=1;Domain=shop.co.uk')"
  fetch --cookie-jar jar "http://other.co.uk:$ORIGIN_PORT/echo" \
    "http://www.shop.co.uk:$ORIGIN_PORT/echo"
  [ -z "$(cookies_of 0)" ]
  [ "$(cookies_of 1)" = fair=1 ]
  [ "$(jar jar)" = fair=1 ]
}

@test "-b FILE: its cookies are sent, those that come are kept, not the file" {
  printf '%s\n' '# Netscape HTTP Cookie File' \
    "127.0.0.1	FALSE	/	FALSE	4102444800	filed	1" >file
  cp file before
  fetch -b file -b data=1 "$ORIGIN/echo" "$(setting "$ORIGIN" new=1)" "$ORIGIN/echo"
  [ "$(cookies_of 0)" = 'filed=1; data=1' ]
  [ "$(sorted_of 2)" = 'data=1 filed=1 new=1' ]
  cmp file before
  fetch -b '' "$(setting "$ORIGIN" new=1)" "$ORIGIN/echo"
  [ "$(cookies_of 1)" = new=1 ]
}

@test "a jar is read, written as one's own, and read back by afetch and curl" {
  umask 000
  # As curl's "-b jar -c jar": the file need not be there the first time.
  fetch -b jar --cookie-jar jar "$(setting "$ORIGIN" 'a=1;Max-Age=1000')"
  [ "$(stat -c %a jar)" = 600 ]
  [ ! -e jar.lock ]
  fetch --cookie-jar jar "$ORIGIN/echo" "$(setting "$ORIGIN" 'b=2;HttpOnly')"
  [ "$(cookies_of 0)" = a=1 ]
  [ "$(jar jar)" = 'a=1 b=2' ]
  run -0 curl -s -b jar "$ORIGIN/echo"
  jq -e '.headers[] | select(.[0] == "Cookie")[1] |
    . == "a=1; b=2" or . == "b=2; a=1"' <<<"$output"
  curl -s -c jar -b jar -o curl.out "$(setting "$ORIGIN" c=3)"
  fetch --cookie-jar jar "$ORIGIN/echo"
  [ "$(sorted_of 0)" = 'a=1 b=2 c=3' ]
}

@test "a jar is saved after a signal, a deadline and a reader that goes away" {
  named --cookie-jar jar --grace 0 -o out1 "$(setting "$ORIGIN" a=1)" \
    "$ORIGIN/hang" 2>stderr 3>&- 4>&- &
  pid=$!
  wait_for 10 test -s out1
  terminate "$pid"
  [ "$(jar jar)" = a=1 ]
  run --separate-stderr -4 named --cookie-jar jar --deadline 1 \
    "$(setting "$ORIGIN" b=1)" "$ORIGIN/hang"
  [ "$(jar jar)" = 'a=1 b=1' ]
  named --cookie-jar jar -c 1 "$(setting "$ORIGIN" c=1)" "$ORIGIN/delay/0.2" \
    "$ORIGIN/ok" | head -n 1 >first
  [ "$(jar jar)" = 'a=1 b=1 c=1' ]
}

@test "a jar that cannot be had ends the run before it begins" {
  : >urls
  curl -s "$ORIGIN/stats/reset" >/dev/null
  named --cookie-jar jar --grace 0 -o out1 "$ORIGIN/hang" 2>stderr 3>&- 4>&- &
  pid=$!
  wait_for 10 test -e jar.lock
  run --separate-stderr -5 "$AFETCH" --cookie-jar jar "$ORIGIN/ok"
  [ "$stderr" = "afetch: jar is in use by another run, which holds jar.lock" ]
  terminate "$pid"
  run --separate-stderr -5 "$AFETCH" --cookie-jar none/jar "$ORIGIN/ok"
  echo "$ORIGIN/ok" >list
  cp list before
  run --separate-stderr -5 "$AFETCH" --cookie-jar list "$ORIGIN/ok"
  [[ $stderr == *"list is no cookie jar"* ]]
  cmp list before
  run --separate-stderr -2 "$AFETCH" --cookie-jar - "$ORIGIN/ok"
  [[ $stderr == *"--cookie-jar: "* ]]
  run --separate-stderr -2 "$AFETCH" -b - "$ORIGIN/ok"
  [[ $stderr == *"--cookie: "* ]]
  run --separate-stderr -2 "$AFETCH" -b absent "$ORIGIN/ok"
  [[ $stderr == *"--cookie: cannot read absent"* ]]
  [ "$(curl -s "$ORIGIN/log" | xargs)" = 'GET /hang' ]
}

@test "many hosts at once, each with cookies of its own" {
  seq 1 200 | awk -v port="$ORIGIN_PORT" '{
    print "http://h" $1 ".test:" port "/redirect-to?url=/echo/" $1 \
      "&header=Set-Cookie:n=" $1 }' >list
  run --separate-stderr -0 named -c 50 --body inline --cookie-jar jar -o records list
  jq -se 'length == 200 and all(.[]; .body | fromjson |
    .target[6:] as $n | [.headers[] | select(.[0] == "Cookie")[1]] == ["n=" + $n])' \
    records >/dev/null
  [ "$(jar jar | wc -w)" -eq 200 ]
}

@test "a jar is bounded: 150 cookies of a host, the oldest go" {
  seq 1 1400 | awk -v origin="$ORIGIN" '{
    print origin "/headers?Set-Cookie=n" $1 "=" $1 }' >list
  setting "$LOCAL" kept=1 >>list
  fetch --cookie-jar jar list
  [ "$(jar jar | wc -w)" -eq 151 ]
  [[ " $(jar jar) " == *" kept=1 "* && " $(jar jar) " == *" n1400=1400 "* ]]
  [[ " $(jar jar) " != *" n1=1 "* ]]
  [[ $stderr == *"150 of one host: the oldest are forgotten"* ]]
  # While the run goes on, not only as the jar is saved.
  fetch -b '' list
  [[ $stderr == *"150 of one host: the oldest are forgotten"* ]]
}
