# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# -v: what it says on stderr of tries, redirects, cooled hosts and the end;
# nothing without it. The summary on a terminal is in records.bats.
load helper

setup() {
  start_origin
}

teardown() {
  stop_servers
}

@test "-v tells of repeated tries and where redirects lead" {
  run --separate-stderr "$AFETCH" -v --retry-delay 1ms "$ORIGIN/flaky/v?fail=1" "$ORIGIN/redirect/1"
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 2 ]
  [[ $stderr == *"afetch: $ORIGIN/flaky/v?fail=1: attempt 1: status 503; again in 0.00"* ]]
  [[ $stderr == *"afetch: $ORIGIN/redirect/1: redirect 302 to $ORIGIN/redirect/0"* ]]
  [[ $stderr == *"afetch: 2 records, 3 sends, 0 missed events"* ]]
}

@test "-v tells which host is left alone" {
  run --separate-stderr "$AFETCH" -v --retry 0 --max-retry-after 10ms \
    "$ORIGIN/retry-after/v?fail=1&after=5"
  [ "$status" -eq 1 ]
  [[ $stderr == *"afetch: $ORIGIN: left alone for 0.01 s"* ]]
}

@test "without -v stderr stays empty" {
  run --separate-stderr "$AFETCH" --retry-delay 1ms "$ORIGIN/flaky/w?fail=1" "$ORIGIN/redirect/1"
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
}

@test "-v shows no rest of a secret that goes out in two pieces" {
  start_nginx 'large_client_header_buffers 4 256k;'
  # Over TLS a head goes out 64 KiB at a time: the cut is in the token.
  printf 'X-Pad: %065000d\nAuthorization: Bearer %01000d\nX-Last: seen\n' \
    0 0 >"$BATS_TEST_TMPDIR/fields"
  run --separate-stderr "$AFETCH" -v --http1.1 --retry 0 --cacert "$NGINX_CA" \
    -H @"$BATS_TEST_TMPDIR/fields" "$NGINX_TLS/"
  [[ $stderr == *"> Authorization: ***"* ]]
  [[ $stderr == *"< HTTP/1.1 200 "* ]]
  # Where TLS cuts is the socket's affair; wherever it is, nothing is shown.
  [ "$(grep -c '> 0*$' <<<"$stderr")" -eq 0 ]
}
