#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bodies as files: their names and what is in them, which answers leave one,
# hashes, what is in the way, and bodies that are continued where they were
# cut off.
#
# Elsewhere: links, full disks, locks and leftovers below world/save in
# tests/unit/test_save.c and test_save_kept.c, names in test_file_name.c.

load helper

setup_file() {
  start_origin
  start_nginx 'location /live/ { gzip on; gzip_min_length 1; gzip_types *; }'
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# OPTION... URL...: the records go into $records, the exit status into $status.
save() {
  run --separate-stderr "$AFETCH" --output-dir dir --retry-delay 1ms "$@"
  records=$output
}

# A filter that is true of the records as an array.
so() {
  jq -se "$1" <<<"$records" >/dev/null || {
    echo "not so: $1"
    echo "$records"
    return 1
  }
}

# All there is below the folder, hidden files too.
files() {
  find dir ! -type d -printf '%P\n' | sort
}

# URL: what curl gets of it is in the file of the only record.
same() {
  curl -s "$1" | cmp - "dir/$(jq -r .body_file <<<"$records")"
}

@test "a body goes to a file below the folder, which is made" {
  save "$ORIGIN/html" "$ORIGIN/bin" "$ORIGIN/echo"
  [ "$status" -eq 0 ]
  so 'map(select(.ok and (has("body") | not) and .error == null)) | length == 3'
  so 'all("127.0.0.1/\(.key[:16]).\(
    {html: "html", bin: "bin", echo: "json"}[.url | split("/")[-1]])" == .body_file)'
  [ "$(files | wc -l)" -eq 3 ]
  [ "$(files)" = "$(jq -r .body_file <<<"$records" | sort)" ]
  records=$(grep /bin <<<"$records") same "$ORIGIN/bin"
  [ "$(stat -c %a dir/*/*.bin)" = "$(printf %o $((0666 & ~$(umask))))" ]
  save "$ORIGIN/html" "$ORIGIN/html"
  [ "$(files | wc -l)" -eq 3 ]
}

@test "only the last answer leaves a file, and only when it is ok" {
  save --retry 0 "$ORIGIN/status/404" "$ORIGIN/truncate" "$ORIGIN/loop" \
    "$ORIGIN/no-such-thing?status=304" "$ORIGIN/bytes/10?status=302"
  [ "$status" -eq 1 ]
  so 'map(select(has("body_file"))) | length == 1'
  [ "$(files | wc -l)" -eq 1 ]
  rm -r dir
  save "$ORIGIN/redirect/2"
  [ "$(cat dir/*/*)" = ok ]
  [ "$(files | wc -l)" -eq 1 ]
  save --no-location --name moved "$ORIGIN/redirect/1"
  [ "$(cat dir/moved)" = elsewhere ]
  save --accept 404 --name gone "$ORIGIN/status/404"
  [ "$(cat dir/gone)" = scripted ]
  echo '{"url":"'"$ORIGIN"'/html","method":"HEAD"}' >list
  save --name head list
  so '.[0].ok and (.[0] | has("body_file") | not)'
  [ ! -e dir/head ]
  save --name empty "$ORIGIN/body?text="
  so '.[0].body_file == "empty" and .[0].size == 0'
  [ -f dir/empty ] && [ ! -s dir/empty ]
}

@test "an error leaves what was there before" {
  save --name kept "$ORIGIN/bytes/10"
  save --name kept --retry 0 "$ORIGIN/truncate"
  [ "$(wc -c <dir/kept)" -eq 10 ]
  [ "$(files)" = kept ]
}

@test "a retry begins a new file" {
  save "$ORIGIN/flaky/files?how=close"
  so '.[0].attempts == 2 and .[0].ok'
  [ "$(cat dir/*/*)" = ok ]
  [ "$(files | wc -l)" -eq 1 ]
}

@test "names by a template; one that is given twice is numbered" {
  local sum
  sum=$(curl -s "$ORIGIN/html" | sha256sum | cut -d' ' -f1)
  echo '{"url":"'"$ORIGIN"'/html","id":"a/b"}' >list
  save --name 'x/{index}-{id}-{path}-{host}-{sha256}.{ext}' list
  so '.[0].body_file == "x/0-a_b-html-127.0.0.1-'"$sum"'.html"'
  so '.[0] | has("sha256") | not'
  [ -f "dir/$(jq -r .body_file <<<"$records")" ]
  rm -r dir
  save -c 1 --name 'page.{ext}' "$ORIGIN/bytes/1" "$ORIGIN/bytes/2" "$ORIGIN/bytes/3"
  [ "$(jq -r '"\(.size) \(.body_file)"' <<<"$records" | sort)" = \
    '1 page.txt
2 page-2.txt
3 page-3.txt' ]
  [ "$(wc -c <dir/page-3.txt)" -eq 3 ]
}

@test "what cannot be is said before anything is fetched" {
  local -a wrong
  wrong=(
    '--body file:--body file http://a/'
    '--output-dir:--output-dir dir --body inline http://a/'
    '--skip-existing:--skip-existing http://a/'
    '--continue:--continue http://a/'
    '--continue:--continue --raw --output-dir dir http://a/'
    '--name:--name {nmae} --output-dir dir http://a/'
    '--name:--name ../x --output-dir dir http://a/'
    '--skip-existing:--skip-existing --name {sha256} --output-dir dir http://a/'
    '--fields:--fields +body --output-dir dir http://a/'
    '--hash:--hash md5 http://a/'
  )
  for line in "${wrong[@]}"; do
    # shellcheck disable=SC2086
    run --separate-stderr "$AFETCH" ${line#*:}
    [ "$status" -eq 2 ]
    # shellcheck disable=SC2154 # set by run
    [[ $stderr == "afetch: ${line%%:*}: "* ]]
    [ -z "$output" ]
  done
  [ ! -e dir ]
  : >dir
  save "$ORIGIN/html"
  [ "$status" -eq 2 ]
  [[ $stderr == *"the folder dir"* ]]
}

@test "the sha256 of the decoded body, wherever it goes" {
  local mode url=$NGINX/live/numbers sum
  mkdir -p "$NGINX_ROOT/live"
  seq 100000 >"$NGINX_ROOT/live/numbers"
  sum=$(sha256sum <"$NGINX_ROOT/live/numbers" | cut -d' ' -f1)
  for mode in 'none' 'inline' 'file --output-dir dir'; do
    # shellcheck disable=SC2086
    records=$("$AFETCH" --headers --hash sha256 --body $mode "$url")
    so '.[0].sha256 == "'"$sum"'" and .[0].headers["content-encoding"] == ["gzip"]'
  done
  records=$("$AFETCH" --fields ok,sha256 "$url")
  [ "$records" = '{"ok":true,"sha256":"'"$sum"'"}' ]
  # The answer that counts is the last one, whole, and may be an error.
  records=$("$AFETCH" --hash sha256 --retry 1 --retry-delay 1ms \
    "$ORIGIN/flaky/sum?how=close" "$ORIGIN/redirect/1" "$ORIGIN/status/404" \
    "$ORIGIN/truncate") || true
  sum=$(sha256sum <<<ok | cut -d' ' -f1)
  so 'sort_by(.index) | map(.sha256) == ["'"$sum"'", "'"$sum"'",
    "'"$(sha256sum <<<scripted | cut -d' ' -f1)"'", null]'
}

@test "a request whose file is there is not sent" {
  save "$ORIGIN/html" "$ORIGIN/bin"
  curl -s "$ORIGIN/stats/reset" >/dev/null
  save --skip-existing "$ORIGIN/html" "$ORIGIN/bin" "$ORIGIN/utf8"
  [ "$status" -eq 0 ]
  [ "$(origin_stats .requests)" = 1 ]
  so 'map(select(.skipped)) | length == 2 and all(.ok and .status == null and
    .attempts == 0 and .error == null and (has("started_at") | not))'
  so 'map(select(.url | endswith("html")))[0] | .size == '"$(curl -s "$ORIGIN/html" | wc -c)"'
    and .body_file == "127.0.0.1/\(.key[:16]).html"'
  # What this run has made itself is nothing from before.
  rm -r dir
  mkdir dir
  echo before >dir/page
  save --skip-existing --name page -c 1 "$ORIGIN/bytes/1" "$ORIGIN/bytes/2"
  so 'sort_by(.index) | .[0].skipped and .[0].body_file == "page" and
    .[1].body_file == "page-2" and (.[1] | has("skipped") | not)'
  [ "$(cat dir/page)" = before ]
}

@test "something else in the way of a file" {
  mkdir -p dir/folder elsewhere
  ln -s "$PWD/elsewhere/target" dir/link
  ln -s "$PWD/elsewhere" dir/way
  mkfifo dir/fifo
  for name in folder link fifo way/file; do
    save --name "$name" "$ORIGIN/bytes/10"
    [ "$status" -eq 5 ]
    so '.[0].ok == false and .[0].status == 200 and (.[0] | has("body_file") | not)'
    so '.[0].error | .class == "io" and .code == "write" and
      (.message | contains("'"$name"'")) and .retryable == false and .errno != null'
  done
  [ -z "$(ls -A elsewhere)" ]
  [ "$(find dir -type f | wc -l)" -eq 0 ]
}

@test "a body that does not fit on the disk fails alone" {
  (
    trap '' XFSZ
    ulimit -f 16
    "$AFETCH" --output-dir dir -c 1 "$ORIGIN/bytes/100000" "$ORIGIN/bytes/10" \
      "$ORIGIN/bytes/100000?status=302&header=Location:/html" \
      >records 2>errors
  ) && status=0 || status=$?
  [ "$status" -eq 5 ]
  records=$(<records)
  so 'sort_by(.index) | .[0].error == {class: "io", code: "write", phase: "body",
    message: "cannot write the body to its file: File too large", errno: "EFBIG",
    retryable: false} and .[0].attempts == 1 and .[1].ok'
  # What is not saved needs no room: the body of a redirect.
  so 'sort_by(.index) | .[2].ok and (.[2].redirects | length) == 1'
  [ "$(files)" = "$(jq -r '.body_file // empty' records | sort)" ]
}

@test "files and sockets share the descriptors that there are" {
  ulimit -n 64
  seq -f "$ORIGIN/drip?bytes=3&every=0.05&n=%.0f" 200 >list
  save -c 100 --host-concurrency 0 list
  [ "$status" -eq 0 ]
  [ "$(files | wc -l)" -eq 200 ]
  # Also where a file of --control wants more.
  rm -r dir
  echo '{"concurrency": 100}' >control
  save -c 10 --host-concurrency 0 --control control list
  [ "$status" -eq 0 ]
  [ "$(files | wc -l)" -eq 200 ]
}

@test "--max-body counts what goes to the file" {
  save --max-body 100 --name a "$ORIGIN/bytes/101"
  so '.[0].error.class == "too_large"'
  [ -z "$(files)" ]
  save --max-body 100 --name a "$ORIGIN/bytes/100"
  so '.[0].ok'
  # Of a body that is continued, the whole.
  save --continue --max-body 99 "$ORIGIN/ranges/max?bytes=100&fail=1&cut=50"
  so '.[0].error.class == "too_large" and .[0].attempts == 2'
  [ "$(files)" = a ]
  # Also when more is there than may be: an earlier run allowed it.
  save --continue --retry 0 "$ORIGIN/ranges/less?bytes=100&fail=1&cut=50"
  so '.[0].truncated'
  save --continue --max-body 40 "$ORIGIN/ranges/less?bytes=100&fail=1&cut=50"
  so '.[0].error.class == "too_large" and .[0].attempts == 1'
  [ "$(files)" = a ]
}

# QUERY [OPTION...]: a body that is cut once, and goes on.
continued() {
  local query=$1
  shift
  save --continue --hash sha256 "$@" \
    "$ORIGIN/ranges/$BATS_TEST_NUMBER-$RANDOM?fail=1&$query"
}

# The record's file, size and hash are those of these bytes.
whole() { # SIZE [FROM]
  curl -s "$ORIGIN/bytes/$(($1 + ${2:-0}))" | tail -c "$1" >want
  cmp "dir/$(jq -r .body_file <<<"$records")" want
  so ".[0].ok and .[0].size == $1 and
    .[0].sha256 == \"$(sha256sum <want | cut -d' ' -f1)\" and (.[0] | has(\"truncated\") | not)"
  [ "$(files | grep -c '^[.]')" -eq 0 ]
}

@test "a body that was cut off is continued by the next attempt" {
  for validator in etag modified; do
    continued "bytes=3000&cut=1000&validator=$validator"
    [ "$status" -eq 0 ]
    so '.[0].status == 206 and .[0].attempts == 2 and .[0].size_download == 2000 and
      (.[0] | has("notes") | not)'
    whole 3000
  done
  # Large enough to be written page by page, over several cuts.
  continued 'bytes=3000000&cut=1234567'
  so '.[0].size_download == 3000000 - 1234567'
  whole 3000000
  # The statuses that are accepted are those of the whole.
  continued 'bytes=3000&cut=1000' --accept 200
  whole 3000
}

@test "without a length the last byte is asked for again" {
  continued 'bytes=3000&cut=1000&chunked=1'
  so '.[0].status == 206 and .[0].size_download == 2001'
  whole 3000
  continued 'bytes=3000&cut=3000&chunked=1'
  so '.[0].status == 206 and .[0].size_download == 1'
  whole 3000
}

@test "a body without a validator begins anew; a weak one is none" {
  continued "bytes=3000&cut=1000&validator=none"
  so '.[0].status == 200 and .[0].size_download == 3000'
  whole 3000
  continued "bytes=3000&cut=1000&validator=weak"
  so '.[0].status == 200 and .[0].size_download == 3000'
  whole 3000
  # Then its date is one.
  continued "bytes=3000&cut=1000&validator=weak,modified"
  so '.[0].status == 206'
  whole 3000
}

@test "another resource, or no ranges: the body begins anew" {
  continued 'bytes=3000&cut=1000&renew=1'
  so '.[0].status == 200 and .[0].size_download == 3000'
  whole 3000 7
  continued 'bytes=3000&cut=1000&as=whole'
  so '.[0].status == 200 and .[0].size_download == 3000'
  whole 3000
}

@test "an answer that is not the rest is refused, and the body begins anew" {
  for as in other grown coded refused; do
    continued "bytes=3000&cut=1000&as=$as" --retry 2
    so '.[0].attempts == 3 and .[0].status == 200 and
      (.[0].tries | map(.error // .status)) == ["eof", "bad_range", 200]'
    whole 3000
  done
  continued 'bytes=3000&cut=1000&as=other' --retry 1
  so '.[0].error | .class == "protocol" and .code == "bad_range" and .retryable'
  so '.[0] | has("truncated") | not'
}

@test "a rest of which nobody says where it ends is none" {
  continued 'bytes=3000&cut=1000&chunked=1&as=unknown' --retry 2
  so '.[0].attempts == 3 and .[0].status == 200 and
    (.[0].tries | map(.error // .status)) == ["eof", "bad_range", 200]'
  whole 3000
  # The answer that was cut off may have said it.
  continued 'bytes=3000&cut=1000&as=unknown'
  so '.[0].status == 206 and .[0].size_download == 2000'
  whole 3000
}

@test "a rest that ends early is continued too" {
  continued 'bytes=3000&cut=1000&as=short' --retry 1
  so '.[0].error | .class == "truncated" and .code == "eof"'
  so '.[0].truncated and .[0].size == 2995 and .[0].status == 206'
}

@test "a later run continues what an earlier one has kept" {
  local url="$ORIGIN/ranges/later?bytes=3000&fail=1&cut=1000"
  save --continue --retry 0 "$url"
  [ "$status" -eq 1 ]
  so '.[0].truncated and .[0].error.code == "eof" and (.[0] | has("body_file") | not)'
  [ "$(files | wc -l)" -eq 2 ]
  # Another fault in between takes nothing away.
  save --continue --retry 0 \
    --connect-to "127.0.0.1:$ORIGIN_PORT:127.0.0.1:$(free_port)" "$url"
  so '.[0].error.code == "refused" and .[0].truncated'
  save --continue --hash sha256 --retry 0 "$url"
  [ "$status" -eq 0 ]
  so '.[0].status == 206 and .[0].size_download == 2000'
  whole 3000
}

@test "what an earlier run has kept is read again for its hash, piece by piece" {
  # The rest is there long before the hash is.
  local url="$ORIGIN/ranges/pieces?bytes=60000000&fail=1&cut=59999000"
  save --continue --retry 0 "$url"
  so '.[0].truncated and .[0].error.code == "eof"'
  save --continue --hash sha256 --retry 0 "$url"
  so '.[0].status == 206 and .[0].size_download == 1000'
  whole 60000000
}

@test "a run that does not continue sweeps what is kept" {
  save --continue --retry 0 "$ORIGIN/ranges/sweep?bytes=3000&fail=1&cut=1000"
  [ "$(files | wc -l)" -eq 2 ]
  save "$ORIGIN/ranges/sweep?bytes=3000&fail=1&cut=1000"
  so '.[0].status == 200'
  [ "$(files | wc -l)" -eq 1 ]
}

kept_enough() {
  [ "$(find dir -name '.afetch-*.json' | wc -l)" -eq 1 ]
}

@test "a killed run leaves what can be continued" {
  local url="$ORIGIN/ranges/killed?bytes=3000000&fail=1&cut=1000000&how=hang"
  "$AFETCH" --output-dir dir --continue "$url" >/dev/null 3>&- &
  wait_for 10 kept_enough
  kill -9 $!
  wait $! || true
  save --continue --hash sha256 "$url"
  so '.[0].status == 206 and .[0].size_download < 2750000'
  whole 3000000
}

@test "only a GET that names no range of its own is continued" {
  for more in '"method":"POST","body":"x"' '"headers":{"Range":"bytes=0-"}'; do
    echo '{"url":"'"$ORIGIN/ranges/own$RANDOM"'?fail=1&cut=1000&bytes=3000",'"$more"'}' >list
    save --continue --retry 0 list
    so '.[0].error.code == "eof" and (.[0] | has("truncated") | not)'
    [ -z "$(files)" ]
  done
}

@test "bodies that may be continued are asked for without a coding" {
  seq 1000 >"$NGINX_ROOT/plain"
  save --continue --name echo "$ORIGIN/echo"
  jq -e '.headers | map(select(.[0] == "Accept-Encoding")[1]) == ["identity"]' dir/echo
}
