#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Credentials: where they come from, which of them counts, to which origin they
# go, and that they are not shown.
#
# Elsewhere: secrets of invalid lines in tests/unit/test_line_secrets.c,
# headers of lines behind redirects in redirects.bats.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin --address 0.0.0.0
}

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  OTHER=http://127.0.0.2:$ORIGIN_PORT
  HERE_URL=$ORIGIN/echo
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

fetch() { # ARGUMENT...
  run --separate-stderr "$AFETCH" --retry 0 --body inline "$@"
  record=$output
  [ "${#lines[@]}" -eq 1 ] || {
    echo "status $status, stderr: $stderr"
    return 1
  }
}

# A JSON line: URL MEMBERS [OPTION...]
fetch_line() {
  echo "{\"url\":\"$1\",${2//$'\n'/}}" >"$LIST"
  shift 2
  fetch "$@" "$LIST"
}

basic() {
  echo "Basic $(printf %s "$1" | base64)"
}

refused() { # TEXT ARGUMENT...
  local text=$1
  shift
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run --separate-stderr "$AFETCH" "$@" "$ORIGIN/echo"
  [ "$status" -eq 2 ] && [ -z "$output" ] && [[ $stderr == *"$text"* ]] || {
    echo "status $status, stderr: $stderr, not: $text"
    return 1
  }
  [ "$(origin_stats .requests)" -eq 0 ]
}

@test "-u shows a user, a URL's own goes before it" {
  fetch -u run:pw "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic run:pw)" ]
  fetch -u run: "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic run:)" ]
  fetch_line "$HERE_URL" '"user":"line:pw"' -u run:pw
  [ "$(seen_header authorization)" = "$(basic line:pw)" ]
  fetch_line "${HERE_URL/\/\////url:pw@}" '"user":"line:pw"' -u run:pw
  [ "$(seen_header authorization)" = "$(basic url:pw)" ]
  refused 'afetch: --user: control byte' -u $'a:\n'
}

# REPLY ARGUMENT...: on a terminal of its own; what it did goes into $done.
on_terminal() {
  done=$("$PYTHON" "$HERE/terminal.py" "$1" "$AFETCH" --retry 0 --body inline \
    "${@:2}")
  record=$(jq -r .stdout <<<"$done")
}

did() {
  jq -c "$1" <<<"$done"
}

@test "-u and -U ask for a password that is missing, without echo" {
  on_terminal 's3cret:x\n' -s -u name "$HERE_URL" "$HERE_URL" -c 1
  [ "$(did '[.status, .echo, .echo_after]')" = '[0,false,true]' ]
  [ "$(did .shown)" = '"afetch: password of \"name\": \r\n"' ]
  record=${record%%$'\n'*}
  [ "$(seen_header authorization)" = "$(basic name:s3cret:x)" ]
  on_terminal '\n' --user name "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic name:)" ]
  start_proxy --user name:s3cret
  on_terminal 's3cret\n' -s -U name -x "http://$PROXY" "$HERE_URL"
  [ "$(did .shown)" = '"afetch: password for the proxy of \"name\": \r\n"' ]
  [ "$(jq -r .status <<<"$record")" = 200 ]
}

@test "a question that is not answered leaves the terminal as it was" {
  on_terminal '\x03' -u name "$HERE_URL"
  [ "$(did '[.status, .echo, .echo_after, .stdout]')" = '[-2,false,true,""]' ]
  on_terminal '\x04' -u name "$HERE_URL"
  [ "$(did '[.status, .echo, .echo_after, .stdout]')" = '[2,false,true,""]' ]
  [[ $(did .shown) == *'--user: no password behind the name, and nothing was typed'* ]]
  [ "$(origin_stats .requests)" = 0 ]
}

@test "without a terminal a password that is missing is wrong usage" {
  local option
  for option in -u -U; do
    run --separate-stderr -2 "$PYTHON" "$HERE/terminal.py" none "$AFETCH" \
      "$option" name "$HERE_URL"
    [[ $stderr == *'no password behind the name, and there is no terminal to ask on'* ]]
  done
  [[ $stderr == 'afetch: --proxy-user: '* ]]
  run --separate-stderr -2 "$PYTHON" "$HERE/terminal.py" none "$AFETCH" -u name x
  [[ $stderr == 'afetch: --user: '*'(see --user-file)' ]]
  # Nor is there anybody to ask for a file, the environment or a line.
  echo 'user = name' >config
  refused 'afetch: config:1: user: must be NAME:PASSWORD' --config config
  AFETCH_PROXY_USER=name refused 'AFETCH_PROXY_USER: must be NAME:PASSWORD'
  AFETCH_USER=name refused 'AFETCH_USER: must be NAME:PASSWORD'
  for option in user proxy_user; do
    fetch_line "$HERE_URL" "\"$option\":\"name\""
    [[ $(jq -r .error.message <<<"$record") == "$option: must be NAME:PASSWORD"* ]]
  done
}

@test "--oauth2-bearer shows a token" {
  fetch --oauth2-bearer t0ken "$HERE_URL"
  [ "$(seen_header authorization)" = 'Bearer t0ken' ]
  fetch_line "$HERE_URL" '"oauth2_bearer":"line"' --oauth2-bearer run
  [ "$(seen_header authorization)" = 'Bearer line' ]
  refused 'cannot both be shown' --oauth2-bearer a -u b:c
  refused 'afetch: --oauth2-bearer: a token holds visible ASCII only' --oauth2-bearer $'a\nb'
  fetch_line "$HERE_URL" '"oauth2_bearer":"a","user":"b:c"'
  [ "$(jq -r .error.code <<<"$record")" = bad_value ]
}

@test "what a line shows stands instead of all that the run shows" {
  fetch_line "$HERE_URL" '"user":"line:pw"' --oauth2-bearer run
  [ "$(seen_header authorization)" = "$(basic line:pw)" ]
  fetch_line "$HERE_URL" '"oauth2_bearer":"line"' -u run:pw
  [ "$(seen_header authorization)" = 'Bearer line' ]
  fetch --oauth2-bearer run "${HERE_URL/\/\////url:pw@}"
  [ "$(seen_header authorization)" = "$(basic url:pw)" ]
  fetch -H 'Authorization: run' "${HERE_URL/\/\////url:pw@}"
  [ "$(seen_header authorization)" = "$(basic url:pw)" ]
  fetch_line "$HERE_URL" '"user":"line:pw"' -H 'Authorization: run'
  [ "$(seen_header authorization)" = "$(basic line:pw)" ]
  fetch_line "$HERE_URL" '"headers":{"Authorization":"line"}' -u run:pw
  [ "$(seen_header authorization)" = line ]
  fetch -H 'Authorization: field' -u run:pw "$HERE_URL"
  [ "$(seen_header authorization)" = field ]
}

@test "secrets come from files, stdin and the environment" {
  printf 'file:pw\r\nsecond line' >user
  echo t0ken >token
  fetch --user-file user "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic file:pw)" ]
  fetch --oauth2-bearer-file token "$HERE_URL"
  [ "$(seen_header authorization)" = 'Bearer t0ken' ]
  fetch --oauth2-bearer-file - "$HERE_URL" <token
  [ "$(seen_header authorization)" = 'Bearer t0ken' ]
  AFETCH_USER=env:pw fetch "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic env:pw)" ]
  AFETCH_OAUTH2_BEARER_FILE=token fetch "$HERE_URL"
  [ "$(seen_header authorization)" = 'Bearer t0ken' ]
  refused '--user and --user-file cannot stand side by side' -u a:b --user-file user
  refused 'afetch: --user-file: must be NAME:PASSWORD' --user-file token
  [[ $stderr != *t0ken* ]]
  refused 'afetch: --oauth2-bearer-file: gone: No such file' --oauth2-bearer-file gone
  AFETCH_USER=t0ken run --separate-stderr -2 "$AFETCH" "$HERE_URL"
  [[ $stderr == 'afetch: AFETCH_USER: must be NAME:PASSWORD'* && $stderr != *t0ken* ]]
}

@test "--netrc-file has the credentials of hosts" {
  echo "machine 127.0.0.1 login me password pw" >netrc
  fetch --netrc-file netrc "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic me:pw)" ]
  fetch --netrc-file netrc "$OTHER/echo"
  [ -z "$(seen_header authorization)" ]
  fetch --netrc-file netrc -u run:pw "$HERE_URL"
  [ "$(seen_header authorization)" = "$(basic run:pw)" ]
  fetch --netrc-file netrc --oauth2-bearer t "$HERE_URL"
  [ "$(seen_header authorization)" = 'Bearer t' ]
  refused 'afetch: --netrc-file: cannot read gone' --netrc-file gone
}

@test "a line can name no file of this machine" {
  echo "machine 127.0.0.1 login me password pw" >netrc
  fetch_line "$HERE_URL" "\"netrc_file\":\"$PWD/netrc\""
  [ "$(jq -r .error.code <<<"$record")" = unknown_key ]
  for key in user_file oauth2_bearer_file header data; do
    fetch_line "$HERE_URL" "\"$key\":\"@$PWD/netrc\"" --strict
    [ "$(jq -r .error.code <<<"$record")" = unknown_key ]
  done
}

# The answer to the challenge of /digest (RFC 7616 section 3.4.1).
digest_is_right() { # USER:PASSWORD METHOD URI
  local header
  header=$(seen_header authorization)
  field() {
    sed -nE "s/.*[ ,]$1=\"?([^\",]*)\"?.*/\1/p" <<<"$header"
  }
  md5() {
    printf %s "$1" | md5sum | cut -d ' ' -f 1
  }
  local first second
  first=$(md5 "${1%%:*}:origin:${1#*:}")
  second=$(md5 "$2:$3")
  [ "$(field response)" = "$(md5 "$first:once:$(field nc):$(field cnonce):auth:$second")" ]
}

@test "--digest answers the challenge, in one attempt" {
  fetch --digest -u user:pw --headers "$ORIGIN/digest"
  digest_is_right user:pw GET /digest
  # The record is that of the last exchange.
  jq -e '.status == 200 and .attempts == 1 and .ok and
    (.headers | has("x-challenge") | not) and
    .size == (.body | length) and .size_download == .size' <<<"$record"
  [ "$(curl -s "$ORIGIN/log" | xargs)" = 'GET /digest GET /digest' ]
}

@test "--digest sends the body once, with the answer" {
  head -c 200000 /dev/zero | tr '\0' x >body
  fetch --digest -u user:pw --data-binary @body "$ORIGIN/digest"
  [ "$(seen '.method + " \(.body_length)"')" = 'POST 200000' ]
  digest_is_right user:pw POST /digest
  fetch_line "$ORIGIN/digest?user=line" '"user":"line:pw","digest":true,"method":"PUT","body":"b"'
  [ "$(seen '.method + .body')" = PUTb ]
  digest_is_right line:pw PUT '/digest?user=line'
}

@test "--digest that does not help is a 401, with its own body" {
  fetch --digest -u other:pw --headers "$ORIGIN/digest"
  [ "$(jq -c '[.status, .size, .body, .headers["x-challenge"], .attempts]' <<<"$record")" = \
    '[401,7,"denied\n",["yes"],1]' ]
  fetch --digest "$ORIGIN/digest"
  [ "$(jq -c '[.status, .body]' <<<"$record")" = '[401,"denied\n"]' ]
}

@test "an Authorization that is written out stands alone" {
  fetch --digest -u user:pw -H 'Authorization: field' "$ORIGIN/digest"
  [ "$(jq -r .status <<<"$record")" -eq 401 ]
  [ "$(curl -s "$ORIGIN/log" | xargs)" = 'GET /digest' ]
}

@test "a challenge is answered to the host that made it, no other" {
  # One slot: each handle is used again for the other host.
  for _ in 1 2 3; do
    echo "$ORIGIN/digest"
    echo "$OTHER/echo"
  done >"$LIST"
  run --separate-stderr "$AFETCH" --body inline -c 1 --digest -u user:pw "$LIST"
  [ "$status" -eq 0 ]
  [ "$(jq -r 'select(.url | endswith("echo")) | .body' <<<"$output" | grep -ci authorization)" -eq 0 ]
  [ "$(curl -s "$ORIGIN/log" | grep -c digest)" -eq 6 ]
}

# All that is for the origin alone.
secrets=(-H 'Authorization: s3cret' -H 'Cookie: c=s3cret' -H 'X-Api-Key: s3cret'
  -H 'X-Any: s3cret' -e http://s3cret.example/ -A agent)

@test "fields of the command line stay with the origin of the line" {
  fetch "${secrets[@]}" "$ORIGIN/redirect-to?url=/echo"
  [ "$(seen '[.headers[] | select(.[1] | contains("s3cret"))] | length')" -eq 5 ]
  fetch "${secrets[@]}" "$ORIGIN/redirect-to?url=$OTHER/echo"
  [ "$(seen '.headers | tostring' | grep -c s3cret)" -eq 0 ]
  [ "$(seen_header user-agent)" = agent ]
  # Another port is another origin.
  local first=$ORIGIN
  start_origin
  fetch "${secrets[@]}" "$first/redirect-to?url=$ORIGIN/echo"
  [ "$(seen '.headers | tostring' | grep -c s3cret)" -eq 0 ]
  [ "$(seen_header host)" = "127.0.0.1:$ORIGIN_PORT" ]
}

@test "credentials stay with the origin of the line" {
  local first=$ORIGIN away
  echo "machine 127.0.0.1 login me password pw" >netrc
  echo "default login me password pw" >>netrc
  start_origin
  away="$first/redirect-to?url=$ORIGIN/echo"
  for option in '-u a:b' '--oauth2-bearer t' '--netrc-file netrc' '-u a:b --digest'; do
    # shellcheck disable=SC2086 # words
    fetch $option "$away"
    [ "$(jq -r .status <<<"$record")" -eq 200 ]
    [ -z "$(seen_header authorization)" ] || {
      echo "$option: $record"
      return 1
    }
  done
  fetch "${away/\/\////a:b@}"
  [ -z "$(seen_header authorization)" ]
  for member in '"user":"a:b"' '"oauth2_bearer":"t"' '"referer":"http://r/"'; do
    fetch_line "$away" "$member"
    [ -z "$(seen_header authorization)$(seen_header referer)" ]
  done
  # And are there again for the next request of the handle.
  printf '%s\n' "$away" "$first/echo" >"$LIST"
  run --separate-stderr "$AFETCH" --body inline -c 1 -u a:b "$LIST"
  [ "$(jq -r "select(.url == \"$first/echo\").body" <<<"$output" | grep -c Basic)" -eq 1 ]
}

@test "a range goes along to another origin" {
  fetch -r 0-4 "$ORIGIN/redirect-to?url=$OTHER/echo"
  [ "$(seen_header range)" = bytes=0-4 ]
}

@test "records show no secrets" {
  fetch --headers --no-location \
    "$ORIGIN/headers?Set-Cookie=a=s3cret&X-Token=asked-for&header=Set-Cookie:b=s3cret"
  jq -e '.headers["set-cookie"] == ["***", "***"] and .headers["x-token"] == ["asked-for"]' \
    <<<"$record"
  fetch_line "${HERE_URL/\/\////u:s3cret@}" '"user":"u:s3cret","oauth2_bearer":null,
    "headers":{"Authorization":"s3cret","Cookie":"s3cret"}' --fields url,request
  jq -e ".url == \"$HERE_URL\" and .request == {url: \"$HERE_URL\", user: \"***\",
    headers: {Authorization: \"***\", Cookie: \"***\"}}" <<<"$record"
}

@test "--show-secrets shows them" {
  fetch --show-secrets --headers "$ORIGIN/headers?Set-Cookie=a=s3cret"
  jq -e '.headers["set-cookie"] == ["a=s3cret"]' <<<"$record"
  fetch_line "${HERE_URL/\/\////u:s3cret@}" '"user":"u:s3cret",
    "headers":{"Authorization":"s3cret"}' --fields url,request --show-secrets
  jq -e ".url == .request.url and .url == \"${HERE_URL/\/\////u:s3cret@}\" and
    .request.user == \"u:s3cret\" and .request.headers.Authorization == \"s3cret\"" <<<"$record"
  fetch -v --show-secrets -u u:pw "$ORIGIN/headers?Set-Cookie=a=s3cret"
  [[ $stderr == *"> Authorization: $(basic u:pw)"* && $stderr == *'< Set-Cookie: a=s3cret'* ]]
}

@test "-v shows heads, request by request, without secrets" {
  printf '%s\n' "$ORIGIN/ok?first" "$ORIGIN/headers?Set-Cookie=a=s3cret&X-B=c" >"$LIST"
  run --separate-stderr "$AFETCH" -v "${secrets[@]}" -H 'X-Plain: shown' "$LIST"
  [ "$status" -eq 0 ]
  [[ $stderr == *'afetch: [0] > GET /ok?first HTTP/1.1'* ]]
  [[ $stderr == *'afetch: [1] > GET /headers?'* ]]
  [[ $stderr == *'afetch: [0] > X-Plain: shown'* && $stderr == *'[1] > X-Plain: shown'* ]]
  [[ $stderr == *'[0] < HTTP/1.1 200 OK'* && $stderr == *'[1] < X-B: c'* ]]
  [[ $stderr == *'[0] > Authorization: ***'* && $stderr == *'[0] > Cookie: ***'* ]]
  [[ $stderr == *'[0] > X-Api-Key: ***'* && $stderr == *'[1] < Set-Cookie: ***'* ]]
  # The fields that are no secrets by their name are shown.
  [ "$(grep -c 's3cret' <<<"$stderr")" -eq "$(grep -cE '> (X-Any|Referer): |> GET .*Set-Cookie=' <<<"$stderr")" ]
}

@test "-v shows each exchange, and no raw byte of a server" {
  fetch -v --digest -u user:pw "$ORIGIN/digest"
  [ "$(grep -c '\[0\] > GET /digest' <<<"$stderr")" -eq 2 ]
  [[ $stderr == *'[0] < HTTP/1.1 401'*'[0] > Authorization: ***'*'[0] < HTTP/1.1 200'* ]]
  fetch -v "$ORIGIN/raw?text=HTTP/1.1%20200%20OK%0D%0AX-Esc:%20%1B%5B31mred%0D%0ASet-Cookie:%20a%0D%0A%20s3cret%0D%0AContent-Length:%200%0D%0A%0D%0A"
  [[ ${stderr,,} == *'[0] < x-esc: \x1b[31mred'* ]]
  [[ $stderr != *$'\e'* && $stderr == *'Set-Cookie: ***'* ]]
  [ "$(grep '< ' <<<"$stderr" | grep -c s3cret)" -eq 0 ]
}

@test "a URL that a server sends is shown without its password" {
  local url="$ORIGIN/headers?Content-Location=http://u:hidden@h/x"
  run --separate-stderr -0 "$AFETCH" -v --headers -e http://u:hidden@r/ "$url" \
    --fields -url,-final_url
  [[ $stderr == *'Content-Location: http://h/x'* ]]
  [[ $stderr == *'Referer: http://r/'* ]]
  [[ $output == *'"http://h/x"'* ]]
  [[ $output != *hidden* ]]
  run --separate-stderr -0 "$AFETCH" --show-secrets --headers "$url"
  [[ $output == *'["http://u:hidden@h/x"]'* ]]
}
