# SPDX-License-Identifier: MIT
# What tests share that start runs against the origin and watch them: loaded in
# place of helper.
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  export OUT=out
  PID=
  curl -s "$ORIGIN/stats/reset" >/dev/null
}

teardown() {
  [ -z "$PID" ] || kill -9 "$PID" 2>/dev/null || true
  stop_servers
}

# Runs afetch in the background as $PID, with the signals a shell would take.
launch() {
  "$PYTHON" -c '
import os, signal, sys
for name in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
    signal.signal(name, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$AFETCH" "$@" </dev/null 2>err 3>&- &
  PID=$!
}

# Waits for its end: the status goes into $status.
finish() {
  status=0
  wait_for 20 ended "$PID" || {
    echo "still running, $(wc -l <out) records"
    cat err
    return 1
  }
  # shellcheck disable=SC2034 # the tests look at it
  wait "$PID" || status=$?
  PID=
}

lines_are() { # COUNT
  [ "$(wc -l 2>/dev/null <out)" -eq "$1" ]
}

# That the origin was asked so often, and at least so often.
sent() {
  [ "$(origin_stats .requests)" -eq "$1" ] || {
    curl -s "$ORIGIN/log" | tail -n 20
    return 1
  }
}

sent_at_least() {
  [ "$(origin_stats .requests)" -ge "$1" ]
}
