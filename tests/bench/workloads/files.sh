# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Many small URLs, each body in a file of its own.
count=$((20000 / SCALE))
title="$count small URLs of one host saved as files, c=100"
contenders=(afetch aria2)
needs=(nginx)
goals='aria2:ratio:>=:2.0'
"$BUILD/afetch" --help | grep -q -e --output-dir ||
  skip="this afetch has no --output-dir"

workload_prepare() {
  nginx_start
  seq -f "$origin/%.0f" "$count" >"$urls"
}

workload_command() {
  rm -rf "$work/saved" "$work/records"
  case $1 in
    afetch)
      command=("$BUILD/afetch" --host-concurrency 0 -c "$concurrency" -s
        --force -o "$work/records" --output-dir "$work/saved" "$urls")
      ;;
    aria2)
      command_aria2
      command[${#command[@]}]=-d
      command[${#command[@]}]=$work/saved
      ;;
  esac
}

workload_fault() {
  local files

  files=$(find "$work/saved" -type f | wc -l)
  [ "$files" -ge "$count" ] || echo "$files files for $count URLs"
}
