#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The build: what is installed and removed again, hardening, the version in all
# its ways, building without .git, the check of dependencies and of floors.
# Everything is done in copies of the sources.
#
# Elsewhere: the completions and the man page in words.bats.

# shellcheck disable=SC2030,SC2031,SC2153 # each test is a shell of its own; ROOT
load helper

# The sources alone, as somebody else would get them.
copy_sources() { # TO
  mkdir -p "$1"
  tar -C "$ROOT" --exclude=./build --exclude=./.git -cf - . | tar -C "$1" -xf -
}

# As few settings of the user's as possible, and never a repository around.
own_git() {
  env -u GIT_DIR -u GIT_WORK_TREE GIT_CONFIG_GLOBAL=/dev/null \
    GIT_CONFIG_SYSTEM=/dev/null GIT_CEILING_DIRECTORIES="$BATS_RUN_TMPDIR" \
    git -c user.name=tester -c user.email=tester@example.org \
    -c init.defaultBranch=main "$@"
}

# SOURCES TARGET...: make, quickly, with nothing of this run's settings.
make_in() {
  local sources=$1
  shift
  env -u BUILD -u MAKEFLAGS -u MAKELEVEL -u GIT_DIR \
    GIT_CEILING_DIRECTORIES="$BATS_RUN_TMPDIR" \
    make -s -j "$(getconf _NPROCESSORS_ONLN)" -C "$sources" CFLAGS=-O0 "$@"
}

version_in() {
  env -u GIT_DIR GIT_CEILING_DIRECTORIES="$BATS_RUN_TMPDIR" sh "$1/tests/version.sh"
}

# A release: a repository with a tag, and what `git archive` makes of it.
setup_file() {
  export RELEASE=$BATS_FILE_TMPDIR/release ARCHIVE=$BATS_FILE_TMPDIR/archive
  copy_sources "$RELEASE"
  own_git -C "$RELEASE" init -q
  own_git -C "$RELEASE" add -A
  own_git -C "$RELEASE" commit -q -m 'A release'
  own_git -C "$RELEASE" tag v7.8.9
  mkdir "$ARCHIVE"
  own_git -C "$RELEASE" archive HEAD | tar -C "$ARCHIVE" -xf -
  make_in "$ARCHIVE" all
}

installed_files() {
  (cd "$1" && find . ! -type d | LC_ALL=C sort)
}

@test "an unpacked archive builds, and knows its version" {
  [ ! -e "$ARCHIVE/.git" ]
  [ "$(version_in "$ARCHIVE")" = v7.8.9 ]
  run -0 "$ARCHIVE/build/afetch" --version
  [ "${lines[0]}" = 'afetch v7.8.9' ]
}

@test "the built program fetches" {
  start_origin
  run -0 "$ARCHIVE/build/afetch" --fields status "$ORIGIN/status/204"
  [ "$output" = '{"status":204}' ]
}

@test "a second make builds nothing" {
  touch "$BATS_TEST_TMPDIR/now"
  run -0 make_in "$ARCHIVE" all
  [ -z "$(find "$ARCHIVE/build" -type f -newer "$BATS_TEST_TMPDIR/now")" ]
}

@test "install and uninstall, with PREFIX and DESTDIR" {
  local root=$BATS_TEST_TMPDIR/root
  make_in "$ARCHIVE" install DESTDIR="$root" PREFIX=/opt/fetch
  run -0 installed_files "$root"
  assert_output - <<'FILES'
./opt/fetch/bin/afetch
./opt/fetch/share/afetch/afetch.schema.json
./opt/fetch/share/bash-completion/completions/afetch
./opt/fetch/share/fish/vendor_completions.d/afetch.fish
./opt/fetch/share/man/man1/afetch.1
./opt/fetch/share/zsh/site-functions/_afetch
FILES
  [ -x "$root/opt/fetch/bin/afetch" ]
  run -0 "$root/opt/fetch/bin/afetch" --version
  cmp "$root/opt/fetch/share/man/man1/afetch.1" "$ARCHIVE/man/afetch.1"
  jq -e . "$root/opt/fetch/share/afetch/afetch.schema.json" >/dev/null
  touch "$root/opt/fetch/bin/curl"
  make_in "$ARCHIVE" uninstall DESTDIR="$root" PREFIX=/opt/fetch
  run -0 installed_files "$root"
  [ "$output" = ./opt/fetch/bin/curl ]
}

@test "install goes to /usr/local unless told" {
  local root=$BATS_TEST_TMPDIR/root
  make_in "$ARCHIVE" install DESTDIR="$root"
  [ -x "$root/usr/local/bin/afetch" ]
  [ -f "$root/usr/local/share/man/man1/afetch.1" ]
  # Again, over what is there.
  make_in "$ARCHIVE" install DESTDIR="$root"
  make_in "$ARCHIVE" uninstall DESTDIR="$root"
  [ -z "$(installed_files "$root")" ]
}

@test "the version comes from git in a checkout of ours" {
  [ "$(version_in "$RELEASE")" = v7.8.9 ]
  local copy=$BATS_TEST_TMPDIR/copy
  cp -r "$RELEASE" "$copy"
  echo >>"$copy/LICENSE"
  [ "$(version_in "$copy")" = v7.8.9-dirty ]
  own_git -C "$copy" commit -q -a -m more
  [[ $(version_in "$copy") == v7.8.9-1-g* ]]
}

@test "the version of sources within a foreign repository is unknown" {
  local around=$BATS_TEST_TMPDIR/around
  copy_sources "$around/vendor/afetch"
  # As git has it: not filled in.
  cp "$RELEASE/.version" "$around/vendor/afetch/.version"
  own_git -C "$around" init -q
  own_git -C "$around" add -A
  own_git -C "$around" commit -q -m 'Something else'
  own_git -C "$around" tag v100
  [ "$(version_in "$around/vendor/afetch")" = unknown ]
  # And an archive of ours within it keeps its own.
  cp "$ARCHIVE/.version" "$around/vendor/afetch/.version"
  [ "$(version_in "$around/vendor/afetch")" = v7.8.9 ]
}

@test "the version is safe within a string" {
  local copy=$BATS_TEST_TMPDIR/copy
  mkdir -p "$copy/tests"
  cp "$ROOT/tests/version.sh" "$copy/tests/"
  # shellcheck disable=SC2016 # it shall not expand
  printf '%s\n' 'v1"; `id` \x' >"$copy/.version"
  [[ $(version_in "$copy") =~ ^[A-Za-z0-9.+_~-]+$ ]]
  rm "$copy/.version"
  [ "$(version_in "$copy")" = unknown ]
}

@test "hardened: position independent, full RELRO, stack protector" {
  command -v readelf >/dev/null || skip "readelf is not installed"
  run -0 readelf -hldW "$AFETCH"
  [[ $output == *'DYN ('* ]]
  [[ $output == *GNU_RELRO* ]]
  [[ $output == *BIND_NOW* || $output == *'FLAGS_1'*NOW* ]]
  # The stack cannot be executed.
  [[ $output =~ GNU_STACK[^$'\n']*RW\  ]]
  readelf -sW "$AFETCH" | grep -q '__stack_chk_fail'
}

@test "hardened: FORTIFY, where it is optimised" {
  command -v readelf >/dev/null || skip "readelf is not installed"
  readelf -sW "$AFETCH" >"$BATS_TEST_TMPDIR/symbols"
  ! grep -q __asan "$BATS_TEST_TMPDIR/symbols" || skip "not with sanitizers"
  grep -qE '__[a-z]+_chk' <(grep -v __stack_chk "$BATS_TEST_TMPDIR/symbols")
}

@test "the default flags harden, and no developer's flags are among them" {
  run -0 env -u BUILD -u CFLAGS -u MAKEFLAGS make -n -B -C "$ARCHIVE" all
  for flag in -fPIE -pie -fstack-protector-strong -fstack-clash-protection \
    -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now -O2; do
    [[ $output == *" $flag"* ]] || {
      echo "no $flag"
      return 1
    }
  done
  [[ $output != *-Werror* ]]
  [[ $output != *-fsanitize* ]]
}

@test "deps says and does nothing when all is there" {
  local stubs=$BATS_TEST_TMPDIR/stubs name
  mkdir "$stubs"
  for name in apt-get dnf apk pacman brew sudo; do
    printf '#!/bin/sh\necho %s "$@" >>%s/called\nexit 1\n' "$name" "$stubs" \
      >"$stubs/$name"
    chmod +x "$stubs/$name"
  done
  PATH=$stubs:$PATH run sh "$ROOT/tests/deps.sh" deps
  if [[ $output == *missing* ]]; then
    skip "something is missing here: $output"
  fi
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  [ ! -e "$stubs/called" ]
}

@test "deps names what is missing where it cannot install" {
  local few=$BATS_TEST_TMPDIR/few name
  mkdir "$few"
  for name in sh cat cut tr id printf grep sed env; do
    ln -s "$(command -v "$name" | grep / || echo /bin/"$name")" "$few/$name"
  done
  ! PATH=/usr/local/sbin:/usr/sbin:/sbin command -v \
    apt-get dnf apk pacman brew jq || skip "programs live in sbin here"
  run --separate-stderr -1 env PATH="$few" "$few/sh" "$ROOT/tests/deps.sh" deps
  # shellcheck disable=SC2154 # run sets stderr
  [[ $stderr == *'cannot install what is missing'*libcurl*jq* ]]
}

@test "deps: wrong use" {
  run -2 sh "$ROOT/tests/deps.sh" everything
}

# COPY TEXT: its floors are broken, and this is said.
broken() {
  local said
  ! said=$(sh "$1/tests/floors.sh") || return 1
  [[ $said == *$2* ]] || {
    echo "no '$2' in: $said"
    return 1
  }
}

@test "the floors hold, and each way to break them is found" {
  local copy=$BATS_TEST_TMPDIR/copy
  mkdir "$copy"
  cp -r "$ROOT/src" "$ROOT/include" "$copy"
  mkdir "$copy/tests"
  cp "$ROOT/tests/floors" "$ROOT/tests/floors.sh" "$copy/tests"
  run -0 sh "$copy/tests/floors.sh"
  [ -z "$output" ]

  # A higher floor.
  echo '#include "policy/sched.h"' >>"$copy/src/base/buf.c"
  broken "$copy" 'base/buf may not include policy/sched: a higher floor'
  cp "$ROOT/src/base/buf.c" "$copy/src/base/"

  # A later line of its own floor, from a header.
  echo '#include "base/json_write.h"' >>"$copy/include/base/buf.h"
  broken "$copy" 'base/buf may not include base/json_write: a later line'
  cp "$ROOT/include/base/buf.h" "$copy/include/base/"

  # A library that is another's.
  echo '#  include  <curl/curl.h>' >>"$copy/src/policy/sched.c"
  broken "$copy" 'policy/sched may not include <curl/curl.h>'
  cp "$ROOT/src/policy/sched.c" "$copy/src/policy/"

  # A module that is not listed, and one that is not there.
  echo '/* nothing */' >"$copy/src/base/stray.c"
  broken "$copy" 'base/stray is not in tests/floors'
  rm "$copy/src/base/stray.c"
  echo '5 app/ghost' >>"$copy/tests/floors"
  broken "$copy" 'app/ghost has no file'
}
