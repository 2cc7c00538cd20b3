# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# One large body, thrown away: what a byte costs, and that none is kept.
count=1
size=$((2147483648 / SCALE))
title="one body of $((size >> 20)) MiB, thrown away"
contenders=(afetch curl)
needs=(nginx)
goals="curl:cpuratio:>=:0.95 afetch:rss:<:40"

workload_prepare() {
  nginx_start
  mkdir "$work/files"
  truncate -s "$size" "$work/files/big"
  echo "$origin/files/big" >"$urls"
}

workload_command() {
  case $1 in
    afetch)
      command=("$BUILD/afetch" --body none -m 0 -s --force -o "$work/records"
        "$urls")
      ;;
    curl) command=(curl -q -f -s -o /dev/null "$(cat "$urls")") ;;
  esac
}

workload_fault() {
  [ "$1" != afetch ] || grep -qF "\"size\":$size," "$work/records" ||
    echo "not all of the $size bytes came"
}
