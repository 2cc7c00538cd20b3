#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Options from elsewhere than the command line: the file of settings, the
# variables AFETCH_*, which of them gives way to which, what a wrong one is
# answered with, and --show-config.
#
# Elsewhere: the reading of lines in tests/unit/test_opt_layers.c.

load helper

setup_file() {
  start_origin
}

setup() {
  export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/xdg
  FILE=$XDG_CONFIG_HOME/afetch/config
  mkdir -p "${FILE%/*}"
}

# What holds of an option: value and origin, a line each.
held() { # NAME ARGUMENT...
  local name=$1
  shift
  "$AFETCH" "$@" --show-config | sed -n "s/^$name\t//p"
}

@test "the file of settings is read: names, flags, negations, lists" {
  cat >"$FILE" <<SETTINGS
# a comment
   # and one behind blanks

concurrency = 5
  timeout=  2s	
no-location
verbose
user-agent = a = b # c
deny-host = one.example
deny-host = two.example
SETTINGS
  [ "$(held concurrency)" = "5	$FILE:4" ]
  [ "$(held max-time)" = "2s	$FILE:5" ]
  [ "$(held location)" = "false	$FILE:6" ]
  [ "$(held verbose)" = "true	$FILE:7" ]
  [ "$(held user-agent)" = "a = b # c	$FILE:8" ]
  [ "$(held deny-host)" = "one.example	$FILE:9
two.example	$FILE:10" ]
}

@test "what the file says is done" {
  printf 'user-agent = from the file\nno-location\n' >"$FILE"
  run -0 --separate-stderr "$AFETCH" --body inline "$ORIGIN/echo"
  [[ $(jq -r .body <<<"$output") == *'from the file'* ]]
  run -0 --separate-stderr "$AFETCH" "$ORIGIN/redirect/1"
  [ "$(jq .status <<<"$output")" = 302 ]
}

@test "what a variable says is done" {
  AFETCH_USER_AGENT='from the variable' \
    run -0 --separate-stderr "$AFETCH" --body inline "$ORIGIN/echo"
  [[ $(jq -r .body <<<"$output") == *'from the variable'* ]]
  AFETCH_LOCATION=false run -0 --separate-stderr "$AFETCH" "$ORIGIN/redirect/1"
  [ "$(jq .status <<<"$output")" = 302 ]
}

@test "a flag beats a variable, a variable the file, the file the default" {
  [ "$(held retry)" = '2	default' ]
  echo 'retry = 3' >"$FILE"
  [ "$(held retry)" = "3	$FILE:1" ]
  export AFETCH_RETRY=4
  [ "$(held retry)" = '4	AFETCH_RETRY' ]
  [ "$(held retry --retry 5)" = '5	command line' ]
}

@test "values that do not go together are named with their places" {
  printf 'silent\nretry-max-delay = 1s\n' >"$FILE"
  run -2 --separate-stderr "$AFETCH" --retry-delay 2s x
  [ "$stderr" = "afetch: --retry-delay (2s) is above --retry-max-delay (1s) (retry-max-delay: $FILE:2)" ]
  AFETCH_RETRY_DELAY=2s run -2 --separate-stderr "$AFETCH" x
  [[ $stderr == *" (retry-delay: AFETCH_RETRY_DELAY, retry-max-delay: $FILE:2)" ]]
  echo 'cacert = /nowhere/file' >"$FILE"
  run -2 --separate-stderr "$AFETCH" x
  [[ $stderr == "afetch: --cacert: cannot read /nowhere/file: "*" (cacert: $FILE:1)" ]]
  echo 'header = Host' >"$FILE"
  run -2 --separate-stderr "$AFETCH" x
  [[ $stderr == "afetch: --header: "*" (header: $FILE:1)" ]]
  # Of argv nothing need be said.
  run -2 --separate-stderr "$AFETCH" --no-config --cacert /nowhere/file x
  [[ $stderr != *'('* ]]
}

@test "lists are added to, negations keep to the order" {
  printf 'deny-host = file.example\nno-location\nsilent\n' >"$FILE"
  export AFETCH_DENY_HOST=$'one.example\ntwo.example'
  [ "$(held deny-host --deny-host flag.example)" = "file.example	$FILE:1
one.example	AFETCH_DENY_HOST
two.example	AFETCH_DENY_HOST
flag.example	command line" ]
  [ "$(held location -L)" = 'true	command line' ]
  # What is excluded gives way.
  [ "$(held silent -v)" = 'false	default' ]
}

@test "options that share a meaning give way to each other" {
  printf 'http2\nipv4\n' >"$FILE"
  [ "$(held http2)" = "true	$FILE:1" ]
  [ "$(held http1.1 --http1.1)" = 'true	command line' ]
  [ -z "$(held http2 --http1.1)" ]
  AFETCH_HTTP1_1=true run held http2
  [ -z "$output" ]
  run -0 --separate-stderr "$AFETCH" --http1.1 "$ORIGIN/ok"
  [ "$(jq -r .http_version <<<"$output")" = 1.1 ]
}

@test "each option has its variable, by its alias and with dots too" {
  local name
  [ "$(AFETCH_TIMEOUT=7s held max-time)" = '7s	AFETCH_TIMEOUT' ]
  [ "$(AFETCH_TLSV1_3=true held tlsv1.3)" = 'true	AFETCH_TLSV1_3' ]
  # An empty one is none.
  [ "$(AFETCH_RETRY='' held retry)" = '2	default' ]
  # Every flag, and every number with a default, takes its own value.
  while IFS=$'\t' read -r name _ _ _ def kind _; do
    case $kind in
    flag) def=true ;;
    uint) [ "$def" != - ] || continue ;;
    *) continue ;;
    esac
    [ "$name" != show-config ] || continue
    variable=AFETCH_$(tr 'a-z.-' 'A-Z__' <<<"$name")
    # Some are refused for want of another option.
    env "$variable=$def" "$AFETCH" --show-config >"$BATS_TEST_TMPDIR/out" 2>&1 ||
      true
    grep -qxF -e "$name	$def	$variable" "$BATS_TEST_TMPDIR/out" ||
      grep -q "^afetch: .*--$name" "$BATS_TEST_TMPDIR/out" || {
      echo "$variable=$def is not taken"
      return 1
    }
  done < <("$AFETCH" --dump-options)
}

@test "--config FILE is read in place of the default one" {
  echo 'retry = 3' >"$FILE"
  echo 'concurrency = 9' >"$BATS_TEST_TMPDIR/other"
  [ "$(held retry --config "$BATS_TEST_TMPDIR/other")" = '2	default' ]
  [ "$(held concurrency --config "$BATS_TEST_TMPDIR/other")" = \
    "9	$BATS_TEST_TMPDIR/other:1" ]
  AFETCH_CONFIG=$BATS_TEST_TMPDIR/other run held concurrency
  [ "$output" = "9	$BATS_TEST_TMPDIR/other:1" ]
}

@test "--no-config reads none" {
  echo 'nonsense' >"$FILE"
  [ "$(held retry --no-config)" = '2	default' ]
  AFETCH_NO_CONFIG=true run held retry
  [ "$output" = '2	default' ]
  # A flag beats the variable of what it excludes.
  AFETCH_CONFIG=/nowhere run held retry --no-config
  [ "$output" = '2	default' ]
  run -2 "$AFETCH" --no-config --config "$FILE" "$ORIGIN/ok"
  [[ $output == *'cannot stand side by side'* ]]
}

@test "without XDG_CONFIG_HOME the file is below ~/.config" {
  mkdir -p "$BATS_TEST_TMPDIR/home/.config/afetch"
  FILE=$BATS_TEST_TMPDIR/home/.config/afetch/config
  echo 'retry = 7' >"$FILE"
  export HOME=$BATS_TEST_TMPDIR/home
  unset XDG_CONFIG_HOME
  [ "$(held retry)" = "7	$FILE:1" ]
  # Only an absolute one counts.
  XDG_CONFIG_HOME=relative run held retry
  [ "$output" = "7	$FILE:1" ]
  unset HOME
  [ "$(held retry)" = '2	default' ]
}

# The file's text and what is said of it.
refuses() { # TEXT PATTERN
  printf "$1" >"$FILE"
  run -2 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [ -z "$output" ]
  # shellcheck disable=SC2053 # a pattern
  [[ $stderr == $2 ]] || {
    echo "$1: $stderr"
    return 1
  }
}

@test "an error names file and line" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  refuses 'retry = 1\n\nconcurrency = 0\n' "*$FILE:3: concurrency: *"
  refuses 'concurency = 5' "*:1: *concurency*did you mean concurrency?"
  refuses 'retry' '*:1: retry needs a value: retry = N'
  refuses 'location = maybe' '*:1: location: "maybe" is neither true nor false'
  refuses 'no-location = true' '*:1: no-location takes no value'
  refuses 'input = list' '*:1: input is for the command line alone'
  refuses 'config = other' '*:1: config is for the command line alone'
  refuses 'help' '*:1: help is for the command line alone'
  refuses 'version = 1' '*:1: version is for the command line alone'
  refuses 'http://example.com/' '*:1: unknown option http://example.com/'
  refuses '= 5' '*:1: there is no name before the ='
  refuses 'silent\nverbose\n' '*:2: verbose: it cannot stand beside silent'
  refuses 'user-agent = a\0b' '*:1: a NUL byte in it'
  # What gives way is looked at even so.
  AFETCH_RETRY=1 refuses 'retry = x' '*:1: retry: *'
  [ "$(origin_stats .requests)" = 0 ]
}

@test "an error names the variable" {
  AFETCH_CONCURRENCY=0 run -2 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == 'afetch: AFETCH_CONCURRENCY: '* ]]
  AFETCH_VERBOSE=1 run -2 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == 'afetch: AFETCH_VERBOSE: "1" is neither true nor false' ]]
  AFETCH_VERBOSE=true AFETCH_SILENT=true \
    run -2 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == 'afetch: AFETCH_'*' cannot stand beside '* ]]
}

@test "a file that cannot be read ends it, a default one that is not there not" {
  run -2 "$AFETCH" --config "$BATS_TEST_TMPDIR/none" "$ORIGIN/ok"
  [[ $output == *"$BATS_TEST_TMPDIR/none: No such file"* ]]
  run -0 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [ -z "$stderr" ]
  mkdir "$FILE"
  run -2 "$AFETCH" "$ORIGIN/ok"
  [[ $output == *"$FILE: Is a directory"* ]]
  # One that is there, but cannot even be looked at.
  rmdir "$FILE"
  ln -s config "$FILE"
  run -2 "$AFETCH" "$ORIGIN/ok"
  [[ $output == *"$FILE: Too many levels"* ]]
}

@test "a file that everybody may write to is told" {
  echo 'retry = 3' >"$FILE"
  chmod 666 "$FILE"
  run -0 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [[ $stderr == *"$FILE: everybody may write"* ]]
  chmod 644 "$FILE"
  run -0 --separate-stderr "$AFETCH" "$ORIGIN/ok"
  [ -z "$stderr" ]
  if chown 65534 "$FILE" 2>/dev/null; then
    run -0 --separate-stderr "$AFETCH" "$ORIGIN/ok"
    [[ $stderr == *"$FILE: this file of options belongs to somebody else"* ]]
  fi
}

@test "--show-config shows no secret, needs no input, and fetches nothing" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  printf 'proxy-user = me:tiger1\npass = tiger2\nheader = X-Key: tiger4\n' >"$FILE"
  AFETCH_PROXY=http://me:tiger3@127.0.0.1:1 \
    run -0 --separate-stderr "$AFETCH" --show-config "$ORIGIN/ok"
  [ -z "$stderr" ]
  [[ $output == *"proxy-user	***	$FILE:1"* ]]
  [[ $output == *'proxy	***	AFETCH_PROXY'* ]]
  [[ $output != *tiger* ]]
  [ "$(origin_stats .requests)" = 0 ]
  # Three columns, whatever stands in a value.
  run -0 "$AFETCH" --show-config --noproxy $'a\tb\x1b'
  [ -z "$(awk -F'\t' 'NF != 3' <<<"$output")" ]
  [[ $output == *'noproxy	a\x09b\x1b	command line'* ]]
}

@test "the texts of file and variables last as long as the run" {
  printf 'user-agent = kept\ndeny-host = a.example\ndeny-host = b.example\n' \
    >"$FILE"
  printf '%s\n' "$ORIGIN"/echo?{1..20} http://b.example/ >"$BATS_TEST_TMPDIR/list"
  run -1 --separate-stderr "$AFETCH" --body inline "$BATS_TEST_TMPDIR/list"
  [ "$(jq -s 'map(select(.body // "" | contains("kept"))) | length' \
    <<<"$output")" = 20 ]
  [ "$(jq -r '.error.class // empty' <<<"$output")" = blocked ]
}
