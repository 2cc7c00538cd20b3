#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Faults of this machine: too few file descriptors or threads, lookups, closed
# standard descriptors, an output that cannot be written, a wall clock that
# jumps, the environment. None of them is told as the fault of a server.
#
# Elsewhere: the faults of servers in faults.bats, a slow reader and --output
# in the tests of the records.

# shellcheck disable=SC2317 # run calls the functions within the tests
load helper

setup_file() {
  start_origin --address 0.0.0.0
}

# COUNT URLs, each of a host of its own.
hosts() {
  local n
  for ((n = 0; n < $1; n++)); do
    echo "http://127.1.$((n / 250)).$((n % 250 + 1)):$ORIGIN_PORT/$n"
  done
}

statuses() {
  jq -r '[.ok, .status, .attempts] | join(" ")' "$1" | sort | uniq -c | xargs
}

@test "with 40 descriptors and 64 slots no URL fails" {
  local out=$BATS_TEST_TMPDIR/out
  hosts 200 >"$BATS_TEST_TMPDIR/list"
  limited() {
    ulimit -n 40
    "$AFETCH" -c 64 --retry 0 -o "$out" "$BATS_TEST_TMPDIR/list" 3>&- 4>&-
  }
  run --separate-stderr -0 limited
  [ "$(statuses "$out")" = '200 true 200 1' ]
  [[ $stderr == afetch:*'open files'* ]]
  [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "no URL fails where others hold most of the descriptors" {
  local out=$BATS_TEST_TMPDIR/out
  hosts 200 >"$BATS_TEST_TMPDIR/list"
  crowded() {
    local fd held
    ulimit -n 60
    for fd in {20..49}; do
      eval "exec $fd</dev/null"
      held=$fd
    done
    "$AFETCH" -c 64 --retry 0 -o "$out" "$BATS_TEST_TMPDIR/list" 3>&- 4>&-
    [ "$held" -eq 49 ]
  }
  run --separate-stderr crowded
  [ "$(statuses "$out")" = '200 true 200 1' ]
  [[ $stderr == *'lower concurrency'* ]]
}

@test "the soft limit on descriptors is raised to the hard one" {
  hosts 100 | sed 's/$/?delay=0.2/' >"$BATS_TEST_TMPDIR/list"
  low() {
    ulimit -S -n 40
    "$AFETCH" -c 100 -o "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/list" \
      3>&- 4>&-
  }
  [ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -ge 1024 ] ||
    skip "the hard limit is low"
  run --separate-stderr -0 low
  [ -z "$stderr" ]
  [ "$(statuses "$BATS_TEST_TMPDIR/out")" = '100 true 200 1' ]
}

@test "names that do not exist are records of class dns" {
  # The second cannot even be asked for: a label has at most 63 bytes.
  run -1 "$AFETCH" --retry 1 --connect-timeout 60s -m 60s http://x.invalid/ \
    "http://$(printf 'a%.0s' {1..64}).invalid/"
  [ "${#lines[@]}" -eq 2 ]
  for record in "${lines[@]}"; do
    [ "$(jq -r '[.error.class, .error.phase] | join(" ")' <<<"$record")" = \
      'dns dns' ]
    jq -e '.status == null and (has("remote_ip") | not)' <<<"$record"
  done
  [ "$(jq -r .error.code <<<"${lines[0]}")" != null ]
}

@test "a name that does not exist is not_found and not tried again" {
  run -1 "$AFETCH" --retry 2 --retry-delay 1ms \
    "http://$(printf 'a%.0s' {1..64}).invalid/"
  [ "$(jq -r '[.error.code, .error.retryable, .attempts] | join(" ")' \
    <<<"$output")" = 'not_found false 1' ]
}

@test "hundreds of lookups at once fail none that exists" {
  local out=$BATS_TEST_TMPDIR/out n long
  long=$(printf 'a%.0s' {1..60})
  for n in {100..399}; do
    echo "http://$long-$n.invalid/"
    echo "http://localhost:$ORIGIN_PORT/$n"
  done >"$BATS_TEST_TMPDIR/list"
  run --separate-stderr -1 "$AFETCH" -c 500 --host-concurrency 0 --retry 0 \
    -o "$out" "$BATS_TEST_TMPDIR/list"
  [ -z "$stderr" ]
  [ "$(jq -r '.error.class // "ok"' "$out" | sort | uniq -c | xargs)" = \
    '300 dns 300 ok' ]
}

# Runs a command with at most COUNT processes and threads of its user. The limit
# does not bind root, who becomes a user that has no others.
with_threads() { # COUNT COMMAND...
  local count=$1
  shift
  (
    ulimit -u "$count"
    if [ "$(id -u)" -eq 0 ]; then
      exec setpriv --reuid 54321 --regid 54321 --clear-groups "$@"
    fi
    exec "$@"
  )
}

@test "at the limit of threads no URL fails" {
  local dir out=$BATS_TEST_TMPDIR/out count n
  [ "$(id -u)" -ne 0 ] || command -v setpriv >/dev/null || skip "no setpriv"
  dir=$(mktemp -d /tmp/afetch.XXXXXX) # the folders of bats are closed to others
  chmod 755 "$dir"
  cp "$AFETCH" "$BUILD/names.so" "$dir"
  echo '*.thread.test 127.0.0.1' >"$dir/table"
  chmod 644 "$dir/table"
  for n in {1..50}; do
    printf "http://n$n.thread.test:$ORIGIN_PORT/%s\n" 1 2
  done >"$BATS_TEST_TMPDIR/list"
  # One: no thread at all. Another user may have more processes than three.
  for count in 1 3; do
    [ "$(id -u)" -eq 0 ] || [ $count -eq 1 ] || continue
    run --separate-stderr with_threads $count env NAMES_TABLE="$dir/table" \
      ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 \
      LD_PRELOAD="$dir/names.so" "$dir/afetch" --retry 0 <"$BATS_TEST_TMPDIR/list"
    printf '%s\n' "$output" >"$out"
    [ "$status" -eq 0 ] || {
      rm -r "$dir"
      echo "$output$stderr" | tail -n 5
      return 1
    }
    [ "$(statuses "$out")" = '100 true 200 1' ]
    [[ $stderr == 'afetch: out of threads: '* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
  done
  rm -r "$dir"
}

@test "an output that is full ends the run with exit 5" {
  [ -e /dev/full ] || skip "no /dev/full"
  full() {
    hosts 2000 | "$AFETCH" >/dev/full
  }
  run -5 full
  [[ $output == *'cannot write stdout: No space left on device' ]]
  [ "${#lines[@]}" -le 2 ] # and the first line that was not read
  run -5 "$AFETCH" -o /dev/full "$ORIGIN/"
  assert_output 'afetch: cannot write /dev/full: No space left on device'
}

@test "a disk that fills up ends the run with exit 5, the lines before it whole" {
  local dir=$BATS_TEST_TMPDIR/disk out=$BATS_TEST_TMPDIR/out
  mkdir "$dir"
  unshare -m mount -t tmpfs -o size=64k tmpfs "$dir" 2>/dev/null ||
    skip "no file system can be mounted"
  hosts 2000 >"$BATS_TEST_TMPDIR/list"
  # The mount ends with the shell.
  on_disk() {
    unshare -m bash -c 'mount -t tmpfs -o size=64k tmpfs "$1" || exit 99
      "$AFETCH" -o "$1/out" "$3"
      status=$?
      cp "$1/out" "$2"
      exit $status' bash "$dir" "$out" "$BATS_TEST_TMPDIR/list"
  }
  run --separate-stderr -5 on_disk
  [[ $stderr == "afetch: cannot write $dir/out: No space left on device"* ]]
  [ "$(wc -l <<<"$stderr")" -le 2 ]
  # All but the last line are records, each of another URL.
  [ "$(wc -l <"$out")" -ge 100 ]
  head -n -1 "$out" | jq -s -e 'all(.[]; .ok) and (map(.index) | unique | length) == length'
}

@test "an output that cannot be opened is wrong usage" {
  run --separate-stderr -2 "$AFETCH" -o "$BATS_TEST_TMPDIR/no/such" "$ORIGIN/"
  [[ $stderr == afetch:*no/such* ]]
  run --separate-stderr -2 "$AFETCH" -i "$BATS_TEST_TMPDIR/none"
  [[ $stderr == afetch:*none* ]]
}

@test "stdin closed at the start" {
  closed() { "$AFETCH" "$@" <&-; }
  run --separate-stderr -0 closed "$ORIGIN/a"
  [ "$(jq -r .status <<<"$output")" = 200 ]
  [ -z "$stderr" ]
  # As the list it is an error, and never a socket of ours.
  run --separate-stderr closed -i -
  [[ $status -eq 2 || $status -eq 5 ]]
  [ -z "$output" ]
  [[ $stderr == *stdin* ]]
}

@test "stdout closed at the start" {
  closed() { "$AFETCH" "$@" >&-; }
  curl -s "$ORIGIN/stats/reset" >/dev/null
  run closed "$ORIGIN/a" "$ORIGIN/b"
  [[ $status -eq 2 || $status -eq 5 ]]
  [[ $output == afetch:*stdout* ]]
  [ "$(origin_stats .requests)" -eq 0 ]
  # With -o nothing is wrong, and no record went into a socket.
  run -0 closed -o "$BATS_TEST_TMPDIR/out" "$ORIGIN/a"
  [ "$(statuses "$BATS_TEST_TMPDIR/out")" = '1 true 200 1' ]
}

@test "stderr closed at the start" {
  closed() { "$AFETCH" "$@" 2>&-; }
  run -0 closed "$ORIGIN/a"
  [ "$(jq -r .status <<<"$output")" = 200 ]
  run -1 closed -v --retry 0 "$ORIGIN/reset"
  [ "$(jq -r .error.code <<<"$output")" = reset ]
}

@test "all three closed at the start" {
  closed() { "$AFETCH" "$@" <&- >&- 2>&-; }
  run -0 closed -o "$BATS_TEST_TMPDIR/out" "$ORIGIN/a" "$ORIGIN/b"
  [ "$(statuses "$BATS_TEST_TMPDIR/out")" = '2 true 200 1' ]
}

@test "a reader that leaves ends the run quietly by SIGPIPE" {
  piped() {
    hosts 5000 | "$AFETCH" --fields index | head -n 1
    echo "${PIPESTATUS[1]}"
  }
  run --separate-stderr piped
  [ "${lines[1]}" = 141 ]
  [[ ${lines[0]} == '{"index":'* ]]
  [ -z "$stderr" ]
}

@test "it is the signal that ends it, not an exit status" {
  hosts 5000 >"$BATS_TEST_TMPDIR/list"
  run -0 --separate-stderr "$PYTHON" - "$AFETCH" "$BATS_TEST_TMPDIR/list" <<'PYTHON'
import signal, subprocess, sys
fetch = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, bufsize=0)
fetch.stdout.read(1)
fetch.stdout.close()
sys.exit(fetch.wait(60) != -signal.SIGPIPE)
PYTHON
  # shellcheck disable=SC2154 # run sets stderr
  [ -z "$stderr" ]
}

@test "an ignored SIGPIPE changes nothing but who ends it" {
  hosts 5000 >"$BATS_TEST_TMPDIR/list"
  ignoring() {
    trap '' PIPE
    "$AFETCH" --fields index "$BATS_TEST_TMPDIR/list" | head -n 1
    echo "${PIPESTATUS[0]}"
  }
  run --separate-stderr ignoring
  [ "${lines[1]}" = 141 ]
  [ -z "$stderr" ]
}

@test "libev is not told its back end by the environment" {
  # 2^20 is none; libev would have no loop.
  LIBEV_FLAGS=1048576 run --separate-stderr -0 "$AFETCH" "$ORIGIN/a"
  [ -z "$stderr" ]
  # Where one may look: another back end that there is, select, is not used.
  if LIBEV_FLAGS=1 strace -o "$BATS_TEST_TMPDIR/trace" "$AFETCH" "$ORIGIN/a"; then
    grep -q epoll_wait "$BATS_TEST_TMPDIR/trace"
  fi
}

# BY: the wall clock jumps so many seconds, 0.3 s after the start.
jumping() {
  local by=$1
  shift
  CLOCK_JUMP="0.3 $by" LD_PRELOAD=$BUILD/clock.so \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$AFETCH" "$@"
}

@test "a wall clock that jumps moves no timer" {
  local by out=$BATS_TEST_TMPDIR/out
  printf '{"url":"%s","timeout":%s,"priority":%s}\n' \
    "$ORIGIN/delay/1" 20 2 "$ORIGIN/hang" 0.9 2 \
    "$ORIGIN/flaky/clock?fail=1&$RANDOM" 20 1 "$ORIGIN/drip?bytes=8&every=0.1" 20 2 \
    "$ORIGIN/last" 20 -2 >"$BATS_TEST_TMPDIR/list"
  for by in 3600 -3600; do
    run --separate-stderr jumping $by -c 3 --retry 1 --retry-delay 1s \
      --connect-timeout 10s --request-time 40s --deadline 50s --dns-ttl 60s \
      --retry-on 503 -o "$out" --force "$BATS_TEST_TMPDIR/list"
    [ "$status" -eq 1 ]
    [ -z "$stderr" ]
    jq -se 'sort_by(.index) | [.[0, 2, 3, 4] | .ok] == [true, true, true, true]' "$out"
    jq -se 'sort_by(.index)[1] | .error.code == "max_time" and
      .time.total >= 0.89 and .time.total < 20' "$out"
    jq -se 'all(.[].time[]; . >= 0 and . < 30)' "$out"
    # It did jump: what was sent last began an hour from what was sent first.
    jq -se --argjson by $by 'map(.started_at | sub("[.][0-9]+"; "") | fromdate) |
      max - min | . > 3500 and . < 3700' "$out"
    curl -s "$ORIGIN/stats/reset" >/dev/null
  done
}

@test "no file of the user's home is read: .netrc, .curlrc" {
  local home=$BATS_TEST_TMPDIR/home
  mkdir "$home"
  echo "machine 127.0.0.1 login user password SECRET" | tee "$home/.netrc" >"$home/_netrc"
  echo 'user = "user:SECRET"' >"$home/.curlrc"
  HOME=$home NETRC=$home/.netrc CURL_HOME=$home run -0 "$AFETCH" --body inline \
    "$ORIGIN/echo"
  [[ $output != *SECRET* && $output != *Authorization* ]]
}
