#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Runs that are killed at random moments, over and over, and resumed: see
# kill.py. `make soak` does the same a thousand times.

load helper

setup_file() {
  export BATS_TEST_TIMEOUT=600
}

@test "50 times kill -9, and no record or body is lost, doubled or sent for nothing" {
  local count=10000
  [[ $BUILD != */asan ]] || count=2000 # where all is several times as slow
  run -0 "$PYTHON" "$HERE/kill.py" --kills 50 --urls $count --bodies \
    --work "$BATS_TEST_TMPDIR"
  echo "# $output" >&3
}
