#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Load: 20,000 URLs on one host, 10,000 hosts with two URLs each. "One request,
# one record": every index is there once, all are ok, and the exit status is 0.
#
# Elsewhere: speed and memory, in `make bench`.

load helper

setup() {
  out=$BATS_TEST_TMPDIR/out
}

# Records of N requests: each index once, each ok with status 200.
complete() {
  jq -r 'select(.ok and .status == 200 and .error == null) | .index' "$out" |
    sort -n >"$out.seen"
  seq 0 $(($1 - 1)) >"$out.wanted"
  cmp "$out.seen" "$out.wanted"
  [ "$(wc -l <"$out")" -eq "$1" ]
}

@test "20,000 URLs on one host" {
  start_nginx
  run --separate-stderr -0 "$AFETCH" -c 100 --host-concurrency 0 -m 120s \
    --fields index,ok,status,error -o "$out" --glob "$NGINX/[1-20000]"
  [ -z "$stderr" ]
  complete 20000
  # Each was sent once, over about as many connections as there are slots: a
  # hot host's are spread over several caches.
  [ "$(awk '{ print $5 }' "$NGINX_LOG" | sort -u | wc -l)" -eq 20000 ]
  [ "$(wc -l <"$NGINX_LOG")" -eq 20000 ]
  [ "$(awk '{ print $1 }' "$NGINX_LOG" | sort -u | wc -l)" -le 400 ]
}

@test "10,000 hosts with two URLs each" {
  [ "$(uname -s)" = Linux ] || skip "127.0.0.0/8 is all loopback on Linux only"
  start_origin --address 0.0.0.0
  awk -v port="$ORIGIN_PORT" 'BEGIN {
    for (round = 1; round <= 2; round++)
      for (host = 0; host < 10000; host++)
        printf "http://127.%d.%d.%d:%d/%d\n", 1 + int(host / 5000),
          int(host / 100) % 50, host % 100 + 1, port, round
  }' >"$out.list"
  run --separate-stderr -0 "$AFETCH" -c 100 -m 120s --connect-timeout 60s \
    --fields index,ok,status,error -o "$out" "$out.list"
  [ -z "$stderr" ]
  complete 20000
  [ "$(origin_stats '.hosts | length')" -eq 10000 ]
  [ "$(origin_stats '[.hosts[].requests] | unique == [2]')" = true ]
  [ "$(origin_stats .max_active)" -le 100 ]
}

@test "20,000 lines from a pipe, many of them bad" {
  start_origin
  local status=0
  awk -v origin="$ORIGIN" 'BEGIN {
    for (n = 0; n < 20000; n++)
      print n % 4 == 3 ? "mailto:nobody" : origin "/status/" 200 + n % 4
  }' | "$AFETCH" -c 100 --host-concurrency 0 -m 120s \
    --fields index,line,status,error >"$out" || status=$?
  [ "$status" -eq 1 ]
  [ "$(jq -r '.status // .error.code' "$out" | sort | uniq -c | xargs)" = \
    '5000 200 5000 201 5000 202 5000 scheme' ]
  [ "$(jq -r 'select(.error) | .line - .index' "$out" | uniq)" = 1 ]
  jq .index "$out" | sort -n | cmp - <(seq 0 19999)
}
