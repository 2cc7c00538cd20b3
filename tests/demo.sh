#!/bin/bash
# SPDX-License-Identifier: MIT
# `make demo`: fetches some hundred URLs of several hosts, good and bad, from
# the test origin on a free loopback port, and shows the records, a summary
# and the exit status. demo.sh FILE fetches that list instead.
HERE=$(cd "$(dirname "$0")" && pwd -P)
BUILD=${BUILD:-build}
[[ $BUILD = /* ]] || BUILD=${HERE%/*}/$BUILD
columns=$(tput cols 2>/dev/null || echo 120)
[[ -t 1 ]] || columns=120

dir=$(mktemp -d) || exit 1
origin=
clean_up() {
  if [[ -n $origin ]]; then
    kill "$origin" 2>/dev/null
    wait "$origin" 2>/dev/null
  fi
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_origin() {
  "$BUILD/origin" --address 0.0.0.0 --with-parent --idle-exit 60 \
    --port-file "$dir/port" >/dev/null &
  origin=$!
  for _ in {1..200}; do
    [[ -s $dir/port ]] && return
    sleep 0.02
  done
  echo "demo: the origin does not start" >&2
  exit 1
}

# HOST COUNT PATH...: COUNT times these paths of 127.0.0.HOST
urls() {
  local host=$1 count=$2 n path
  shift 2
  for ((n = 1; n <= count; n++)); do
    for path in "$@"; do
      echo "http://127.0.0.$host:$port/${path//@/$n}"
    done
  done
}

make_list() {
  local port=$1
  echo "# a healthy host, and one that is slow"
  urls 1 45 'page/@'
  urls 2 12 'delay/0.@?n=@'
  echo
  echo "# redirects: followed, without end, to what is not spoken"
  urls 3 5 'redirect/@'
  urls 3 1 loop 'redirect-to?url=ftp://127.0.0.3/' no-location
  echo "# downloads of some size"
  urls 4 8 'bytes/@00000' 'bytes/@000?chunked=1'
  echo "# fails at first, then works"
  urls 5 6 'flaky/a@?fail=1' 'flaky/b@?fail=1&how=reset'
  urls 5 2 'retry-after/@?fail=1&after=1'
  echo "# fails"
  urls 6 1 status/404 status/410 status/500 status/503 reset empty truncate \
    bad-chunk not-http hang
  echo "# nobody listens"
  urls 7 4 'gone/@' | sed "s/:$port/:1/"
  echo "# no URLs"
  echo "mailto:someone@example.org"
  echo "http://"
}

if [[ $# -gt 0 ]]; then
  list=$1
  options=()
else
  start_origin
  list=$dir/urls.txt
  make_list "$(<"$dir/port")" >"$list"
  options=(--retry 2 --retry-delay 200ms -m 2s --connect-timeout 2s)
fi

command=(afetch "${options[@]}" --fields
  "index,url,status,ok,attempts,error" -i "$list")
echo "\$ ${command[*]/$dir\//}"
started=${EPOCHREALTIME/[.,]/}
"$BUILD/${command[0]}" "${command[@]:1}" </dev/null |
  tee "$dir/records" | cut -c "1-$columns"
status=${PIPESTATUS[0]}
took=$((${EPOCHREALTIME/[.,]/} - started))

echo
awk -v took="$took" '
/"ok":true/ { kinds["ok"]++; next }
match($0, /"class":"[a-z_]*"/) {
    kinds[substr($0, RSTART + 9, RLENGTH - 10)]++
    next
}
{ kinds["other"]++ }
END {
    printf "%d records in %.1f s\n", NR, took / 1e6
    for (kind in kinds)
        printf "  %-10s %5d\n", kind, kinds[kind] | "sort -k 2nr"
}' "$dir/records"
echo "exit status $status (1: some were not ok)"
[[ $status -le 1 ]]
