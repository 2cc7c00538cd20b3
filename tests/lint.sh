#!/bin/bash
# SPDX-License-Identifier: MIT
# `make lint`, once the sources have compiled with every warning on: floors,
# style, formatting, cppcheck, shellcheck, mandoc. All of them run; the status
# is 1 when any finds something.
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8
shopt -s nullglob globstar
bad=0

# NAME COMMAND...: what it prints is shown when it fails.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "lint: $name: ok"
  else
    printf '%s\nlint: %s: FAILED\n' "$output" "$name"
    bad=1
  fi
}

sources=(src/**/*.[ch] include/**/*.h tests/unit/*.[ch] tests/origin/*.[ch]
  tests/bench/*.[ch] tests/preload/*.c)
scripts=(tests/*.{sh,bash} tests/bench/*.sh completions/*.sh .ci/run)

# shellcheck disable=SC2317 # check calls the functions below
cppcheck_all() {
  cppcheck -q -j "$(getconf _NPROCESSORS_ONLN)" --std=c11 --language=c \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --error-exitcode=1 \
    -D_GNU_SOURCE -D__linux__ -DAFETCH_VERSION='"0"' \
    -Iinclude src tests/origin
}

# mandoc also asks for other pages' presence, which depends on the machine.
# shellcheck disable=SC2317
mandoc_all() {
  ! mandoc -T lint man/*.[1-9] | grep -v 'referenced manual not found'
}

# shellcheck disable=SC2317
bats_all() {
  local files=(tests/*.bats)
  [ ${#files[@]} -eq 0 ] || shellcheck -s bats -S warning "${files[@]}"
}

check floors sh tests/floors.sh
check style bash tests/style.sh
check clang-format clang-format --dry-run -Werror "${sources[@]}"
check cppcheck cppcheck_all
check shellcheck shellcheck "${scripts[@]}"
check 'shellcheck of bats files' bats_all
check mandoc mandoc_all
exit $bad
