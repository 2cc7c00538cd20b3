# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Memory over a long list on stdin, which stays open until the last record is
# read. curl reads its whole list first, so it gets a tenth.
count=$((1000000 / SCALE))
title="$count URLs on stdin, c=100 (curl: $((count / 10)) of a file)"
contenders=(afetch curl)
needs=(nginx)
goals='afetch:growth:<=:2 afetch:rss:<:40'
rounds=1
limit=600

workload_prepare() {
  nginx_start
  seq -f "$origin/%.0f" $((count / 10)) >"$urls"
}

workload_command() {
  if [ "$1" = afetch ]; then
    feed=(-n "$count" -u "$origin/" -m $((count / 10)))
    command=("$BUILD/afetch" --host-concurrency 0 -c "$concurrency" -s)
  else
    count=$((count / 10))
    "command_$1"
  fi
}
