# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# One large body, into a file: what a byte costs, and that none is kept.
count=1
size=$((2147483648 / SCALE))
title="one body of $((size >> 20)) MiB, saved as a file"
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
  rm -rf "$work/saved"
  mkdir "$work/saved"
  case $1 in
    afetch)
      command=("$BUILD/afetch" --output-dir "$work/saved" -s --force
        -o "$work/records" "$urls")
      ;;
    curl) command=(curl -q -f -s -o "$work/saved/big" "$(cat "$urls")") ;;
  esac
}

workload_fault() {
  local bytes

  bytes=$(find "$work/saved" -type f -printf '%s\n')
  [ "$bytes" = "$size" ] || echo "${bytes:-none} of the $size bytes are there"
}
