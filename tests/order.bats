#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --order, as the server sees it: within a priority, and with what goes before
# new requests.
#
# Elsewhere: turns of hosts and priorities in limits.bats, the scheduler alone
# in tests/unit/test_sched_random.c.

load helper

setup_file() {
  start_origin
}

setup() {
  LIST=$BATS_TEST_TMPDIR/list
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

# The paths in the order in which the server saw them.
asked() {
  curl -s "$ORIGIN/log" | sed -n 's|^GET /||p' | xargs
}

list() {
  printf "$ORIGIN/%s\n" "$@" >"$LIST"
}

@test "fifo is the order of the list, and the default" {
  list {1..9}
  "$AFETCH" -c 1 "$LIST" >/dev/null
  "$AFETCH" -c 1 --order fifo "$LIST" >/dev/null
  [ "$(asked)" = '1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9' ]
}

@test "lifo is the latest first" {
  list {1..9}
  "$AFETCH" -c 1 --order lifo "$LIST" >/dev/null
  [ "$(asked)" = '9 8 7 6 5 4 3 2 1' ]
}

@test "random is any order, the same for the same seed" {
  local first
  list {1..30}
  "$AFETCH" -c 1 --order random --seed 1 "$LIST" >/dev/null
  first=$(asked)
  [ "$first" != "$(echo {1..30})" ]
  [ "$(tr ' ' '\n' <<<"$first" | sort -n | xargs)" = "$(echo {1..30})" ]
  curl -s "$ORIGIN/stats/reset" >/dev/null
  "$AFETCH" -c 1 --order random --seed 1 "$LIST" >/dev/null
  [ "$(asked)" = "$first" ]
  curl -s "$ORIGIN/stats/reset" >/dev/null
  "$AFETCH" -c 1 --order random --seed 2 "$LIST" >/dev/null
  [ "$(asked)" != "$first" ]
}

@test "priorities count within every order" {
  local order n
  for n in {1..12}; do
    printf '{"url":"%s/%s","priority":%s}\n' "$ORIGIN" "$n" $((n % 3 - 1))
  done >"$LIST"
  for order in fifo lifo random; do
    curl -s "$ORIGIN/stats/reset" >/dev/null
    "$AFETCH" -c 1 --order $order "$LIST" >/dev/null
    [ "$(asked | tr ' ' '\n' | awk '{ print $1 % 3 - 1 }' | uniq | xargs)" = \
      '1 0 -1' ]
  done
}

@test "hops go before new ones in every order" {
  local order
  list redirect/1 {1..6} redirect/1
  for order in fifo lifo random; do
    curl -s "$ORIGIN/stats/reset" >/dev/null
    "$AFETCH" -c 1 --order $order "$LIST" >/dev/null
    [ "$(asked | grep -o 'redirect/1 redirect/0' | wc -l)" -eq 2 ]
  done
}

@test "an unknown order is refused" {
  run -2 "$AFETCH" --order up "$ORIGIN/"
  [[ $output == *--order*'fifo, lifo, random'* ]]
}
