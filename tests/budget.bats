#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# When a run has seen enough: --fail-fast, --max-failures, --first, --race;
# and --dry-run, which does not even begin.
#
# Elsewhere: signals and --strict in stop.bats, --deadline in time.bats; the
# sums alone in tests/unit/test_budget.c and test_race.c.
#
# shellcheck disable=SC2154 # run sets stderr

load helper

setup_file() {
  start_origin
}

setup() {
  OUT=$BATS_TEST_TMPDIR/out
  LIST=$BATS_TEST_TMPDIR/list
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# GROUP PATH...: JSON lines of a group, which is JSON.
racers() {
  local group=$1 path
  shift
  for path; do
    printf '{"url":"%s/%s","group":%s}\n' "$ORIGIN" "$path" "$group"
  done
}

# One record for each that was read, none twice.
complete() {
  holds 'map(.index) == [range(length)]'
}

cancelled() { # CODE
  echo ".error.class == \"cancelled\" and .error.code == \"$1\""
}

@test "--fail-fast stops at the first record that is not ok" {
  {
    urls 2 'ok?@'
    urls 1 'status/404?delay=0.2'
    urls 3 'hang?@'
    urls 9000 'new?@'
  } >"$LIST"
  run --separate-stderr -3 "$AFETCH" --fail-fast -m 0 -c 4 --queue 50 \
    -o "$OUT" "$LIST"
  complete
  holds 'all(.[:2][]; .ok) and .[2].error.class == "http"'
  holds "all(.[3:][]; $(cancelled fail_fast))"
  holds 'all(.[3:6][]; .attempts == 1)'
  [ "$(origin_stats .requests)" -le 8 ]
  [[ $stderr == *'stopped: a record that is not ok and --fail-fast'* ]]
  [[ $stderr == *"not read: $LIST from line $(($(wc -l <"$OUT") + 1)) on"* ]]
}

@test "--fail-fast: a retry that helps is no failure, an invalid line is one" {
  urls 1 'flaky/f?fail=1' >"$LIST"
  run -0 "$AFETCH" --fail-fast --retry-delay 1ms -o "$OUT" "$LIST"
  { urls 1 'hang' && echo 'mailto:someone@example.org'; } >"$LIST"
  run -3 "$AFETCH" --fail-fast -m 0 --force -o "$OUT" "$LIST"
  holds ".[0] | $(cancelled fail_fast)"
  run -3 "$AFETCH" --fail-fast --exit-zero --force -o "$OUT" "$LIST"
}

@test "--max-failures N stops at the Nth failure, and not before" {
  { urls 3 'status/404?@' && urls 3 'ok?@' && urls 20 'hang?@'; } >"$LIST"
  run -3 "$AFETCH" --max-failures 3 -c 1 -m 0 -o "$OUT" "$LIST"
  holds "map(select(.error.class == \"http\")) | length == 3"
  holds "all(.[3:][]; $(cancelled max_failures))"
  { urls 2 'status/404?@' && urls 3 'ok?@'; } >"$LIST"
  run -1 "$AFETCH" --max-failures 3 --force -o "$OUT" "$LIST"
  holds 'map(select(.ok)) | length == 3'
}

@test "--max-failures P% counts from --min-sample records on" {
  # Half of them fail: it is known after 20, or after 4.
  { for n in {1..40}; do
    urls 1 "ok?$n"
    urls 1 "status/404?$n"
  done; } >"$LIST"
  run -3 "$AFETCH" --max-failures 50% -c 1 -o "$OUT" "$LIST"
  holds "map(select($(cancelled max_failures))) | length == 60"
  run -3 "$AFETCH" --max-failures 50% --min-sample 4 -c 1 --force -o "$OUT" \
    "$LIST"
  holds "map(select($(cancelled max_failures))) | length == 76"
  run -1 "$AFETCH" --max-failures 50.1% -c 1 --force -o "$OUT" "$LIST"
  holds 'all(.[]; .status)'
}

@test "--first N cancels the rest, which is no failure" {
  { urls 1 status/404 && urls 40 'ok?@' && urls 5 'hang?@'; } >"$LIST"
  run --separate-stderr -0 "$AFETCH" --first 7 -m 0 -c 8 -o "$OUT" "$LIST"
  complete
  holds 'map(select(.ok)) | length == 7'
  holds "map(select($(cancelled enough))) | length >= 38"
  [[ $stderr == *'stopped: as many records are ok as --first wants'* ]]
  # More than there are: all counts as ever.
  { urls 1 status/404 && urls 3 'ok?@'; } >"$LIST"
  run -1 "$AFETCH" --first 4 --force -o "$OUT" "$LIST"
}

@test "--first N has N ok records, however many end at once" {
  urls 60 'delay/0.3?@' >"$LIST"
  run -0 "$AFETCH" --first 3 --host-concurrency 0 -o "$OUT" "$LIST"
  holds 'map(select(.ok)) | length == 3'
  holds "map(select($(cancelled enough))) | length == 57"
}

@test "--race: the first ok one of a group wins" {
  {
    racers '"a"' status/404 'hang?1' 'delay/0.1' 'hang?2'
    racers 7 'hang?3' ok
    racers '"b"' 'status/500?1' 'status/404?2'
    urls 1 alone
  } >"$LIST"
  run -1 "$AFETCH" --race --retry 0 -m 0 --host-concurrency 0 -o "$OUT" "$LIST"
  complete
  holds 'map(.ok) == [false, false, true, false, false, true, false, false,
    true]'
  holds "all(.[1, 3, 4]; $(cancelled race))"
  # A group in which none is ok ends as it does.
  holds 'map(.status)[6:8] == [500, 404]'
}

@test "--race: what failed in a group that is won is no failure" {
  racers 1 'status/404' 'delay/0.2' >"$LIST"
  run -0 "$AFETCH" --race -o "$OUT" "$LIST"
  holds '.[0].status == 404 and .[1].ok'
  run -1 "$AFETCH" --force -o "$OUT" "$LIST"
}

@test "--race: those that wait, and those that come later, are not sent" {
  {
    racers 1 ok 'waits?1' 'waits?2'
    racers 1 'flaky/r?fail=1'
    urls 200 'between?@'
    racers 1 'late?1' 'late?2'
  } >"$LIST"
  run -0 "$AFETCH" --race -c 1 --queue 5 -o "$OUT" "$LIST"
  complete
  holds "all(.[1, 2, 3, 204, 205]; ($(cancelled race)) and .attempts == 0)"
  [ "$(origin_stats .requests)" -eq 201 ]
}

@test "--race ends a member that waits for its retry" {
  racers 1 status/503 delay/0.3 >"$LIST"
  run -0 "$AFETCH" --race --retry 5 --retry-delay 1000s --retry-max-delay 1000s \
    --seed 1 -o "$OUT" "$LIST"
  holds ".[0] | ($(cancelled race)) and .attempts == 1"
}

@test "groups race only with --race, and are strings or numbers" {
  racers 1 'ok?1' 'ok?2' >"$LIST"
  run -0 "$AFETCH" -o "$OUT" "$LIST"
  holds 'all(.[]; .ok)'
  racers '{}' ok >"$LIST"
  run -1 "$AFETCH" --force -o "$OUT" "$LIST"
  holds '.[0].error | .class == "input" and (.message | startswith("group: "))'
}

@test "--dry-run tells what would be sent, and sends nothing" {
  cat >"$LIST" <<LINES
$ORIGIN/a?b=c
{"url":"http://user:geheim@name.invalid/x","method":"PUT","json":{"a":1},"id":5}
{"url":"$ORIGIN/","headers":{"X-Api-Key":"geheim","X-Plain":["1","2"],"Host":"h"}}
mailto:someone@example.org
LINES
  run -1 "$AFETCH" --dry-run -o "$OUT" "$LIST"
  complete
  holds 'all(.[:3][]; .ok and .status == null and .attempts == 0 and
    .error == null and .final_url == null)'
  holds ".[0].would_send | .method == \"GET\" and .url == \"$ORIGIN/a?b=c\" and
    .body_size == 0 and .headers.host == [\"127.0.0.1:$ORIGIN_PORT\"] and
    .headers.accept == [\"*/*\"]"
  holds '.[1].would_send | .method == "PUT" and .url == "http://name.invalid/x"
    and .body_size == 7 and .headers.authorization == ["***"] and
    .headers["content-type"] == ["application/json"] and
    .headers["content-length"] == ["7"]'
  holds '.[2].would_send.headers | .["x-api-key"] == ["***"] and
    .["x-plain"] == ["1", "2"] and .host == ["h"]'
  holds '.[3].error.class == "input" and (.[3] | has("would_send") | not)'
  run -1 grep geheim "$OUT"
  [ "$(origin_stats .connections)" -eq 0 ]
}

@test "--dry-run makes and changes no file" {
  local dir=$BATS_TEST_TMPDIR/here before after
  mkdir "$dir"
  cd "$dir"
  printf 'there\n' >jar.old
  echo "{\"url\":\"$ORIGIN/a\"}" >list
  before=$(find . | sort)
  "$AFETCH" --dry-run --output-dir new/folder --cookie-jar jar --etag-store etags \
    --continue list >"$OUT"
  after=$(find . | sort)
  diff <(echo "$before") <(echo "$after")
  # What is there would be skipped, as in a real run.
  mkdir saved
  touch saved/0.html
  before=$(find saved | sort)
  "$AFETCH" --dry-run --output-dir saved --name '{index}.{ext}' --skip-existing \
    "$ORIGIN/"{a,b} >"$OUT"
  diff <(echo "$before") <(find saved | sort)
  holds '.[0].skipped and .[0].body_file == "0.html" and
    (.[0] | has("would_send") | not) and .[1].would_send.method == "GET"'
}

@test "--dry-run tells what the guard refuses, and the proxy" {
  cat >"$LIST" <<LINES
http://10.0.0.1/
http://name.invalid/
http://pinned.invalid/
http://shut.invalid/
LINES
  run -1 "$AFETCH" --dry-run --block-private --deny-host shut.invalid \
    --resolve pinned.invalid:80:127.0.0.1 -o "$OUT" "$LIST"
  complete
  holds '[.[] | .error | if . then .class + " " + .code else "" end] ==
    ["blocked address", "", "blocked address", "blocked host"]'
  holds '[.[] | .ok == has("would_send")] | all'
  holds '.[1].would_send | has("proxy") | not'
  echo "{\"url\":\"http://name.invalid/\",\"proxy\":\"socks5h://own.invalid:1\"}" >"$LIST"
  echo "http://name.invalid/" >>"$LIST"
  run -0 "$AFETCH" --dry-run -x http://user:geheim@proxy.invalid:8080 --force \
    -o "$OUT" "$LIST"
  holds '[.[].would_send.proxy] ==
    ["socks5h://own.invalid:1", "http://proxy.invalid:8080"]'
}

@test "--dry-run tells the header fields that are really sent" {
  local line
  line=$(printf '{"url":"%s/echo","json":[1],"headers":{"X":"1","Accept":""}}' \
    "$ORIGIN")
  "$AFETCH" --dry-run <<<"$line" |
    jq -S .would_send.headers >"$BATS_TEST_TMPDIR/dry"
  "$AFETCH" --body inline <<<"$line" | jq -S '.body | fromjson | .headers |
    group_by(.[0] | ascii_downcase) |
    map({(.[0][0] | ascii_downcase): map(.[1])}) | add' >"$BATS_TEST_TMPDIR/real"
  diff "$BATS_TEST_TMPDIR/dry" "$BATS_TEST_TMPDIR/real"
}
