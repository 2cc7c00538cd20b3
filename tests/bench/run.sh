#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs afetch beside its peers on loopback servers: BUILD=build bash run.sh
# [WORKLOAD...]. README.md here tells how to read what it prints.
#
# ROUNDS=N   rounds of each comparison (5)
# SCALE=N    an Nth of the URLs, for a quick look (1)
# PEERS=LIST only these of the peers, by name
set -euo pipefail

BUILD=${BUILD:-build}
ROUNDS=${ROUNDS:-5}
SCALE=${SCALE:-1}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
all_workloads=(small hosts slow h2 rss first big files)

for setting in ROUNDS SCALE; do
  if ! [[ ${!setting} =~ ^[1-9][0-9]*$ ]]; then
    echo "bench: $setting must be a number above 0" >&2
    exit 2
  fi
done
mkdir -p "$BUILD/bench"
BUILD=$(cd "$BUILD" && pwd)
results=$BUILD/bench/results.tsv
summary=$BUILD/bench/summary.tsv

# In memory where there is room, so that no disk is measured.
tmp=${TMPDIR:-/tmp}
if [ -w /dev/shm ] &&
  [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 500000 ]; then
  tmp=/dev/shm
fi
measured=""
afetch_invalid=0
tmp=$(mktemp -d "$tmp/afetch-bench.XXXXXX")

# shellcheck source=tests/bench/servers.sh disable=SC1091
. "$here/servers.sh"
# shellcheck source=tests/bench/peers.sh disable=SC1091
. "$here/peers.sh"
# shellcheck source=tests/bench/rounds.sh disable=SC1091
. "$here/rounds.sh"

finish() {
  local status=$?
  trap - EXIT INT TERM HUP
  if [ -n "$measured" ]; then
    kill "$measured" 2>/dev/null || true
    wait "$measured" 2>/dev/null || true
  fi
  servers_stop
  rm -rf "$tmp"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# One process holds up to 20,000 connections. Nothing of the caller's own
# configuration may turn the runs into something else.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY \
  ALL_PROXY NO_PROXY SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE
for name in "${!AFETCH_@}"; do
  unset "$name"
done
export HOME=$tmp XDG_CONFIG_HOME=$tmp XDG_DATA_HOME=$tmp TMPDIR=$tmp LC_ALL=C

"${CC:-cc}" -O2 -std=c11 -D_GNU_SOURCE -o "$BUILD/bench/measure" \
  "$here/measure.c"
results_begin

for workload in "${@:-${all_workloads[@]}}"; do
  if [ ! -f "$here/workloads/$workload.sh" ]; then
    echo "bench: no workload '$workload' (${all_workloads[*]})" >&2
    exit 2
  fi
done
for workload in "${@:-${all_workloads[@]}}"; do
  workload_run "$workload"
done
echo "every run: $results; the tables: $summary"
[ "$afetch_invalid" -eq 0 ] || exit 1
