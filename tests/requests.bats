#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the command line says of every request, as curl would: method, header
# fields, bodies, ranges; what a JSON line says otherwise; and what is refused
# before anything is sent.
#
# Elsewhere: credentials, and what is shown of them, in secrets.bats; JSON
# lines alone in jsonl.bats; data and forms alone in tests/unit/test_data.c,
# test_form.c and test_form_parse.c.

# shellcheck disable=SC2154 # run sets stderr
load helper

setup_file() {
  start_origin
}

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  cd "$BATS_TEST_TMPDIR" || return 1
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# One request to /echo (or what $URL says): its record goes into $record.
fetch() {
  run --separate-stderr "$AFETCH" --retry 0 --body inline "$@" "${URL-$ORIGIN/echo}"
  record=$output
  [ "${#lines[@]}" -eq 1 ] || {
    echo "status $status, stderr: $stderr"
    return 1
  }
}

# The same of a JSON line: MEMBERS [OPTION...]
fetch_line() {
  echo "{\"url\":\"${URL-$ORIGIN/echo}\",${1//$'\n'/}}" >"$LIST"
  shift
  run --separate-stderr "$AFETCH" --retry 0 --body inline "$@" -i "$LIST"
  record=$output
  [ "${#lines[@]}" -eq 1 ]
}

# Wrong use: exit status 2 with this on stderr, and nothing is sent.
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

@test "-X sets the method" {
  fetch -X DELETE
  [ "$(seen .method)" = DELETE ]
  [ "$(jq -r .method <<<"$record")" = DELETE ]
  fetch --request PATCH -d x
  [ "$(seen '.method + .body')" = PATCHx ]
  fetch_line '"method":"PUT"' -X DELETE
  [ "$(seen .method)" = PUT ]
  fetch_line '"body":"b"' -X PUT
  [ "$(seen '.method + .body')" = PUTb ]
  refused 'afetch: --request: "A B" is not a method' -X 'A B'
  refused 'CONNECT' -X CONNECT
}

@test "-I asks for headers only" {
  fetch -I
  [ "$(jq -c '[.method, .status, .size]' <<<"$record")" = '["HEAD",200,0]' ]
  [ "$(curl -s "$ORIGIN/log")" = 'HEAD /echo' ]
  fetch_line '"method":"GET"' --head
  [ "$(seen .method)" = GET ]
  fetch_line '"body":"b"' -I
  [ "$(jq -r .error.message <<<"$record")" = 'HEAD takes no body' ]
}

@test "path and query are sent as the URL says them" {
  # A handle goes from one to the next: nothing of the last one stays.
  cat >targets <<'END'
/echo?a?b=/c&d
/echo?
/echo/b%2Fc%C3%84?e=%2f%c3%84
/echo/;p=(1)*'!$&,:@?%
/echo
END
  sed "s|^|$ORIGIN|" targets >"$LIST"
  run "$AFETCH" -c 1 --order fifo "$LIST"
  [ "${#lines[@]}" -eq 5 ]
  [ "$(curl -s "$ORIGIN/log")" = "$(sed 's/^/GET /' targets)" ]
}

@test "-H sends fields, empty ones, and none" {
  fetch -H 'X-A: 1' -H 'x-b:  2 ' -H 'X-Empty;' -H 'Accept:' -H 'User-Agent:' -H 'X-A: 3'
  [ "$(seen_header x-a)" = 1,3 ]
  [ "$(seen_header x-b)" = 2 ]
  [ "$(seen '[.headers[] | select(.[0] == "X-Empty")] | tostring')" = '[["X-Empty",""]]' ]
  [ -z "$(seen_header accept)$(seen_header user-agent)" ]
  fetch -H 'Host: example.org' -H 'Accept-Encoding:'
  [ "$(seen_header host)" = example.org ]
  [ -z "$(seen_header accept-encoding)" ]
}

@test "-H @FILE reads a field from each line" {
  printf 'X-A: 1\r\n\n  \nX-Empty;\nAccept:\n# X: 1: none is a comment' >fields
  run "$AFETCH" -H @fields "$ORIGIN/echo"
  [ "$status" -eq 2 ]
  [[ $output == *'--header: fields, line 6: "# X" is not a header name'* ]]
  sed -i '$d' fields
  fetch -H @fields
  [ "$(seen_header x-a)" = 1 ]
  [ -z "$(seen_header accept)" ]
  echo 'X-In: y' >in
  fetch -H @- <in
  [ "$(seen_header x-in)" = y ]
  refused 'afetch: --header: gone: No such file' -H @gone
}

@test "a field that a line gives stands instead of the run's" {
  fetch_line '"headers":{"x-a":"line","X-C":"c"}' -H 'X-A: run' -H 'X-B: run'
  [ "$(seen_header x-a)" = line ]
  [ "$(seen_header x-b)" = run ]
  [ "$(seen_header x-c)" = c ]
}

@test "fields that could smuggle in another request are refused" {
  refused 'afetch: --header: "Content-Length" cannot be set' -H 'Content-Length: 5'
  refused '"transfer-encoding" cannot be set' -H 'transfer-encoding: chunked'
  refused '"Connection" cannot be set' -H 'Connection:'
  refused 'value of "X" holds a control byte' -H $'X: a\r\nEvil: 1'
  refused 'is not a header name' -H $'X\n: a'
  refused 'is not a header name' -H ': a'
  refused '"Host" cannot be left away' -H 'Host:'
  refused '"Host" is given more than once' -H 'Host: a' -H 'host: b'
  refused 'afetch: --user-agent: control byte 0x0a' -A $'a\nb'
  refused 'afetch: --referer: control byte 0x0d' -e $'a\rb'
  refused 'afetch: --referer: ";auto" is not supported' -e 'http://a/;auto'
  refused 'afetch: --range: "0-1' -r $'0-1\n'
  # What is no field may be a secret.
  refused 'afetch: --header: neither' -H 's3cret'
  [[ $stderr != *s3cret* ]]
}

@test "what a line sets is checked as on the command line" {
  local member
  for member in '"user_agent":"a\r\nEvil: 1"' '"referer":"a\nb"' '"range":"1"' \
    '"range":"0-1\r\nEvil: 1"' '"user":"a"' '"user":"a:\n"' '"oauth2_bearer":"a b"' \
    '"oauth2_bearer":"a\nb"'; do
    fetch_line "$member"
    [ "$(jq -r '.error.class + " " + .error.code' <<<"$record")" = 'input bad_value' ] || {
      echo "$member: $record"
      return 1
    }
  done
  [ "$(origin_stats .requests)" -eq 0 ]
}

@test "-e and -A, of the run and of a line" {
  fetch -e http://from.example/ -A me
  [ "$(seen_header referer)" = http://from.example/ ]
  [ "$(seen_header user-agent)" = me ]
  fetch_line '"referer":"line","user_agent":"it"' -e run -A me
  [ "$(seen_header referer)" = line ]
  [ "$(seen_header user-agent)" = it ]
  fetch_line '"headers":{"Referer":"field"}' -e run
  [ "$(seen_header referer)" = field ]
}

@test "-r asks for a part, uncoded" {
  fetch -r 0-4,10-
  [ "$(seen_header range)" = bytes=0-4,10- ]
  [ "$(seen_header accept-encoding)" = identity ]
  fetch_line '"range":"-5"' --range 0-4
  [ "$(seen_header range)" = bytes=-5 ]
  URL=$ORIGIN/status-206 fetch -r 0-4
  [ "$(jq -c .notes <<<"$record")" = null ]
  URL=$ORIGIN/status-206 fetch -H 'Range: bytes=0-4'
  [ "$(jq -c .notes <<<"$record")" = null ]
  URL=$ORIGIN/status-206 fetch
  [ "$(jq -c .notes <<<"$record")" = '["unasked_range"]' ]
  refused 'no list of byte ranges' --range 5
  refused 'no list of byte ranges' --range -
  refused 'no list of byte ranges' --range 1-2,
}

@test "-d posts data as a form does" {
  printf 'c=\r\n3\n' >file
  fetch -d a=1 --data b=2 -d @file
  [ "$(seen '.method + " " + .body')" = 'POST a=1&b=2&c=3' ]
  [ "$(seen_header content-type)" = application/x-www-form-urlencoded ]
  fetch -d ''
  [ "$(seen .method)$(seen_header content-length)" = POST0 ]
  fetch -d x -H 'Content-Type: text/plain'
  [ "$(seen_header content-type)" = text/plain ]
  fetch -d x -H 'Content-Type:'
  [ -z "$(seen_header content-type)" ]
  fetch -d @- <file
  [ "$(seen .body)" = c=3 ]
}

@test "--data-raw, --data-binary, --data-urlencode" {
  printf 'a\r\nb\n' >file
  fetch --data-raw @file
  [ "$(seen .body)" = @file ]
  fetch --data-binary @file
  [ "$(seen '.body | tojson')" = '"a\r\nb\n"' ]
  fetch --data-urlencode 'a b' --data-urlencode 'n=a&b' --data-urlencode n@file
  [ "$(seen .body)" = 'a+b&n=a%26b&n=a%0D%0Ab%0A' ]
}

@test "--json posts JSON" {
  echo '{"a":1}' >file
  fetch --json @file
  [ "$(seen '.method + .body')" = 'POST{"a":1}' ]
  [ "$(seen_header content-type)" = application/json ]
  [ "$(seen_header accept)" = application/json ]
  fetch --json '{' --json '}' -H 'accept: text/html' -X PUT
  [ "$(seen '.method + .body')" = 'PUT{}' ]
  [ "$(seen_header accept)" = text/html ]
}

@test "-G puts the data into each URL" {
  fetch -G -d a=1 --data-urlencode 'b=x y'
  [ "$(seen '.method + " " + .target + .body')" = 'GET /echo?a=1&b=x+y' ]
  [ -z "$(seen_header content-type)$(seen_header content-length)" ]
  [ "$(jq -r '.url, .final_url' <<<"$record" | xargs)" = \
    "$ORIGIN/echo $ORIGIN/echo?a=1&b=x+y" ]
  URL="$ORIGIN/echo?q" fetch --get -d a=1
  [ "$(seen .target)" = '/echo?q&a=1' ]
  fetch -I -G -d a=1
  [ "$(curl -s "$ORIGIN/log" | tail -n 1)" = 'HEAD /echo?a=1' ]
}

@test "-F and --form-string post a multipart form" {
  printf 'of the file' >part.txt
  fetch -F 'a=1' -F 'f=@part.txt;type=text/x' -F 't=<part.txt' --form-string 's=@part.txt'
  [ "$(seen .method)" = POST ]
  [[ $(seen_header content-type) == 'multipart/form-data; boundary=-'* ]]
  [ "$(form_parts)" = $'a|||1\nf|part.txt|text/x|of the file\nt|||of the file\ns|||@part.txt' ]
}

# Each part of the form that came: NAME|FILENAME|TYPE|VALUE, read by another
# implementation.
form_parts() {
  { echo "Content-Type: $(seen_header content-type)" && echo &&
    jq -j '.body | fromjson | .body' <<<"$record"; } |
    "$PYTHON" -c '
import email, sys
for part in email.message_from_binary_file(sys.stdin.buffer).get_payload():
    print(part.get_param("name", header="Content-Disposition"),
          part.get_filename() or "", part.get("Content-Type", ""),
          part.get_payload(decode=True).decode(), sep="|")'
}

@test "a line may hold a form, but name no file" {
  fetch_line '"form":{"a":"@/etc/passwd","b":["1","2"]}'
  [ "$(form_parts)" = $'a|||@/etc/passwd\nb|||1\nb|||2' ]
  [ "$(seen .method)" = POST ]
  fetch_line '"form":[{"name":"f","base64":"aGk=","filename":"x.png"},
    {"name":"n","value":"</etc/passwd","type":"text/csv"}]'
  [ "$(form_parts)" = $'f|x.png|image/png|hi\nn||text/csv|</etc/passwd' ]
  fetch_line '"data_urlencode":{"a b":"c&d","e":["@/etc/passwd","2"]}'
  [ "$(seen .body)" = 'a+b=c%26d&e=%40%2Fetc%2Fpasswd&e=2' ]
  [ "$(seen_header content-type)" = application/x-www-form-urlencoded ]
}

@test "forms of a line that are none" {
  local member
  for member in '"form":"a=b"' '"form":{"a":1}' '"form":["a"]' '"form":[{"value":"x"}]' \
    '"form":[{"name":"a"}]' '"form":[{"name":"a","value":"b","base64":""}]' \
    '"form":[{"name":"a","base64":"x"}]' '"form":[{"name":"a","value":"b","file":"c"}]' \
    '"form":[{"name":"a","name":"b","value":""}]' '"form":{"a":"b","a":"c"}' \
    '"form":[{"name":"a","value":"b","type":"x\r\nEvil: 1"}]' '"data_urlencode":["a"]' \
    '"data_urlencode":{"a":{}}' '"form":{},"body":""' '"json":1,"data_urlencode":{}'; do
    fetch_line "$member"
    [ "$(jq -r '.error.class + " " + .error.code' <<<"$record")" = 'input bad_value' ] || {
      echo "$member: $record"
      return 1
    }
  done
}

@test "a line's own body stands instead of the run's, and drops its type" {
  fetch_line '"id":1' -d run
  [ "$(seen '.method + .body')" = POSTrun ]
  fetch_line '"body":"line"' -d run -X PUT -H 'Content-Type: text/run' -H 'X-A: run'
  [ "$(seen '.method + .body')" = PUTline ]
  [ -z "$(seen_header content-type)" ]
  [ "$(seen_header x-a)" = run ]
  fetch_line '"body":"line"' -F a=b
  [ "$(seen .body)" = line ]
  [ -z "$(seen_header content-type)" ]
  # Without a body of the run, -H says the type of all.
  fetch_line '"body":"line"' -H 'Content-Type: text/run'
  [ "$(seen_header content-type)" = text/run ]
  # A method of the line that takes no body has none.
  fetch_line '"method":"HEAD"' -d run
  [ "$(jq -c '[.ok, .method]' <<<"$record")" = '[true,"HEAD"]' ]
  fetch_line '"method":"GET"' -d run
  [ "$(seen '.method + .body')" = GETrun ]
}

@test "many requests share the run's body, kept connections too" {
  head -c 300000 /dev/zero | tr '\0' x >body
  for _ in {1..50}; do echo "$ORIGIN/echo"; done >"$LIST"
  run --separate-stderr "$AFETCH" --body inline --data-binary @body -c 4 "$LIST"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.body | fromjson | .body_length' <<<"$output" | sort | uniq -c | xargs)" = '50 300000' ]
}

@test "what does not go together is refused" {
  refused '--head and --request cannot stand side by side' -I -X GET
  refused 'HEAD takes no body' -I -d x
  refused 'TRACE takes no body' -X TRACE -F a=b
  refused '--data and --form cannot stand side by side' -d x -F a=b
  refused '--form-string and --json cannot stand side by side' --form-string a=b --json 1
  refused '--get and --form cannot stand side by side' -G -F a=b
  refused 'afetch: --form: "a" is not NAME=CONTENT' -F a
  refused 'afetch: --data-binary: gone: No such file' --data-binary @gone
  refused 'afetch: --form: gone: No such file' -F a=@gone
}

@test "stdin is read once" {
  refused 'afetch: --data: stdin: can be read only once' -d @- - <<<x
  refused 'afetch: --header: stdin: can be read only once' -H @- -i - <<<x
  refused 'afetch: --data: stdin: can be read only once' -d @/dev/stdin -i /dev/stdin <<<x
  refused 'afetch: --json: stdin: can be read only once' -d @- --json @- <<<x
  run --separate-stderr "$AFETCH" -d @- <<<"$ORIGIN/echo"
  [ "$status" -eq 2 ]
  [[ $stderr == *'--data: stdin: can be read only once'* ]]
}

@test "the key tells bodies and a line's fields apart, not the run's fields" {
  key() {
    "$AFETCH" --fields key "$@" | jq -r .key
  }
  plain=$(key "$ORIGIN/echo")
  [ "$(key -H 'X-A: 1' "$ORIGIN/echo")" = "$plain" ]
  [ "$(key -d x "$ORIGIN/echo")" != "$plain" ]
  [ "$(key -d x "$ORIGIN/echo")" = "$(key --data-raw x "$ORIGIN/echo")" ]
  [ "$(key -G -d x "$ORIGIN/echo")" = "$(key "$ORIGIN/echo?x")" ]
  echo "{\"url\":\"$ORIGIN/echo\",\"range\":\"0-1\"}" >"$LIST"
  [ "$(key "$LIST")" != "$plain" ]
  echo "{\"url\":\"$ORIGIN/echo\",\"retry\":1}" >"$LIST"
  [ "$(key "$LIST")" = "$plain" ]
  # A form of the same parts is the same.
  [ "$(key -F a=b "$ORIGIN/echo")" = "$(key -F a=b "$ORIGIN/echo")" ]
}

@test "a redirect to a GET loses the run's body and what tells of it" {
  URL="$ORIGIN/redirect-to?url=/echo" fetch -d x -H 'Content-Language: de' -H 'X-A: 1'
  [ "$(seen '.method + .body')" = GET ]
  [ -z "$(seen_header content-type)$(seen_header content-language)" ]
  [ "$(seen_header x-a)" = 1 ]
  URL="$ORIGIN/redirect-to?url=/echo&status=307" fetch -d x
  [ "$(seen '.method + .body')" = POSTx ]
  [ "$(seen_header content-type)" = application/x-www-form-urlencoded ]
}

@test "AFETCH_NAME sets the default of --name" {
  AFETCH_REQUEST=PUT AFETCH_USER_AGENT=it AFETCH_HEADER='X-Env: 1' fetch -H 'X-Arg: 2'
  [ "$(seen .method)" = PUT ]
  [ "$(seen_header user-agent)" = it ]
  [ "$(seen_header x-env)$(seen_header x-arg)" = 12 ]
  AFETCH_USER_AGENT=it fetch -A arg
  [ "$(seen_header user-agent)" = arg ]
  AFETCH_DATA=x AFETCH_COMPRESSED=false fetch
  [ "$(seen .body)" = x ]
  [ -z "$(seen_header accept-encoding)" ]
  AFETCH_REQUEST='' fetch
  [ "$(seen .method)" = GET ]
  AFETCH_MAX_TIME=soon run --separate-stderr -2 "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == 'afetch: AFETCH_MAX_TIME: "soon" is not a duration'* ]]
  AFETCH_LOCATION=no run --separate-stderr -2 "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == 'afetch: AFETCH_LOCATION: "no" is neither true nor false'* ]]
  AFETCH_MAX_TIME=soon run -0 "$AFETCH" --help
}

@test "a large body is sent at once, with no Expect" {
  head -c 1100000 /dev/zero | tr '\0' a >big
  fetch -d @big
  jq -e '.body | fromjson | .headers | map(.[0] | ascii_downcase) |
    index("expect") == null and index("content-length") != null' <<<"$record"
}

@test "so many header fields, and so many bytes of them" {
  seq -f 'X-%.0f: 1' 256 >fields
  fetch -H @fields
  jq -e '.ok' <<<"$record"
  echo 'X-More: 1' >>fields
  run -2 "$AFETCH" -H @fields "$ORIGIN/echo"
  [[ $output == *256* ]]
  { printf 'X-Large: ' && head -c 262144 /dev/zero | tr '\0' a && echo; } >fields
  run -2 "$AFETCH" -H @fields "$ORIGIN/echo"
}
