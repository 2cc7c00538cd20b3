#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs the unit tests of $BUILD/unit and the bats files (those given, else
# all), and ends with the line "N passed, N failed" over both. A unit test
# that crashes and a bats test that never reports count as failed.
#
# JOBS=N runs N bats files at a time, where GNU parallel is installed.
HERE=$(cd "$(dirname "$0")" && pwd -P)
cd "$HERE/.." || exit 1
BUILD=${BUILD:-build}
[[ $BUILD = /* ]] || BUILD=$PWD/$BUILD
export BUILD
# A test that hangs is a failed one.
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}
shopt -s nullglob
passed=0
failed=0
skipped=0

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# Bounded, where there is a timeout(1).
limit() {
  if command -v timeout >/dev/null; then
    timeout "$@"
  else
    shift
    "$@"
  fi
}

unit_test() {
  local name=${1##*/} status counts
  limit 300 "$1" >"$log" 2>&1 </dev/null
  status=$?
  counts=$(sed -nE 's/^.*: ([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$log" |
    tail -n 1)
  if [[ -z $counts || ($status -ne 0 && ${counts#* } -eq 0) ]]; then
    echo "$name: ended with status $status" >>"$log"
    counts="${counts:+${counts% *}} 1"
    [[ $counts = ' 1' ]] && counts='0 1'
  fi
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  if [[ ${counts#* } -gt 0 ]]; then
    cat "$log"
  else
    tail -n 1 "$log"
  fi
}

# Shows what bats says as it comes, and keeps the counts in the log.
bats_files() {
  local -a jobs=()
  local planned
  if [[ ${JOBS:-1} -gt 1 ]] && command -v parallel >/dev/null; then
    jobs=(--jobs "$JOBS" --no-parallelize-within-files)
  fi
  bats --formatter tap "${jobs[@]}" "$@" </dev/null 2>&1 | tee "$log"
  planned=$(sed -nE '1,/^1\.\./s/^1\.\.([0-9]+)$/\1/p' "$log")
  local ok skip bad
  skip=$(grep -cE '^ok [0-9]+ .*# skip' "$log")
  ok=$(($(grep -cE '^ok [0-9]+ ' "$log") - skip))
  bad=$(grep -cE '^not ok [0-9]+ ' "$log")
  if [[ -z $planned ]]; then
    echo "bats did not start"
    bad=$((bad + 1))
  elif ((ok + skip + bad < planned)); then
    echo "$((planned - ok - skip - bad)) tests of bats did not report"
    bad=$((planned - ok - skip))
  fi
  if ((bad)); then
    echo
    echo "failed:"
    grep -E '^not ok ' "$log" | sed 's/^not ok/ /'
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  skipped=$((skipped + skip))
}

if [[ $# -eq 0 ]]; then
  for test in "$BUILD"/unit/test_*; do
    [[ -x $test && ! $test = *.d ]] && unit_test "$test"
  done
  set -- tests/*.bats
fi
[[ $# -eq 0 ]] || bats_files "$@"

if ((skipped)); then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
((failed == 0 && passed > 0))
