#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where requests come from: positionals, -i, stdin, files of every kind, the
# forms of a list and --glob. What a JSON line may hold is in jsonl.bats, what
# makes a line invalid in strict.bats, pipes that stay open in stream.bats.

# shellcheck disable=SC2016 # expanded by inner shells
load helper

setup_file() {
  start_origin
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  origin_stats >/dev/null
  curl -s "$ORIGIN/stats/reset" >/dev/null
  HOST=127.0.0.1:$ORIGIN_PORT
}

# What the origin was asked for, in order.
asked() {
  curl -s "$ORIGIN/log" | cut -d ' ' -f 2
}

# Runs afetch one request at a time, so that the origin's log tells the order.
in_turn() {
  "$AFETCH" -c 1 --default-scheme http "$@" >records
}

# Runs afetch with its standard input (and error) on a terminal, types $1 into
# it, and prints "STATUS", then its stdout, then what the terminal shows.
on_terminal() {
  $PYTHON - "$@" <<'PYTHON'
import os, pty, subprocess, sys

master, slave = pty.openpty()
child = subprocess.Popen([os.environ["AFETCH"], *sys.argv[2:]], stdin=slave,
                         stdout=subprocess.PIPE, stderr=slave)
os.close(slave)
if sys.argv[1]:
    os.write(master, sys.argv[1].encode())
out = child.stdout.read()
status = child.wait()
shown = b""
try:
    while piece := os.read(master, 65536):
        shown += piece
except OSError:  # what Linux says where others say end of file
    pass
print(status)
sys.stdout.write(out.decode() + shown.decode().replace("\r", ""))
PYTHON
}

@test "a positional with a scheme is a URL, even where a file has that name" {
  mkdir -p "http:/$HOST"
  echo "$ORIGIN/from-the-file" >"http:/$HOST/page"
  in_turn "$ORIGIN/page"
  same /page "$(asked)"
}

@test "a positional without a scheme is a list if the file exists, else a URL" {
  echo "$ORIGIN/listed" >list
  in_turn list "$HOST/bare"
  same $'/listed\n/bare' "$(asked)"
  same "$HOST/bare" "$(jq -r 'select(.index == 1).url' records)"
}

@test "a word behind -- that begins with a dash is a positional" {
  echo "$ORIGIN/dashed" >-list
  in_turn -- -list
  same /dashed "$(asked)"
}

@test "arguments come in their order, then the files of -i in theirs" {
  printf '%s\n' "$ORIGIN/a1" "$ORIGIN/a2" >a
  printf '%s\n' "$ORIGIN/b1" >b
  printf '%s\n' "$ORIGIN/c1" >c
  in_turn -i b "$ORIGIN/u1" -i c a "$ORIGIN/u2"
  same $'/u1\n/a1\n/a2\n/u2\n/b1\n/c1' "$(asked)"
  same "$(seq 0 5)" "$(jq .index records | sort -n)"
}

@test "-i - and a positional - are standard input" {
  in_turn -i - <<<"$ORIGIN/one"
  in_turn - <<<"$ORIGIN/two"
  echo "$ORIGIN/file" >list
  in_turn list - "$ORIGIN/last" <<<"$ORIGIN/three"
  same $'/one\n/two\n/file\n/three\n/last' "$(asked)"
}

@test "standard input is read when nothing else is given, and only then" {
  in_turn <<<"$ORIGIN/read"
  in_turn "$ORIGIN/given" <<<"$ORIGIN/not-read"
  same $'/read\n/given' "$(asked)"
}

@test "a regular file as standard input is read from where it stands" {
  printf '%s\n' "$ORIGIN/first" "$ORIGIN/second" >list
  { read -r _ && in_turn; } <list
  same /second "$(asked)"
}

@test "an empty list is no request and no fault" {
  run --separate-stderr "$AFETCH" </dev/null
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  run --separate-stderr "$AFETCH" -i /dev/null
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
  printf '\n# nothing\n  \t\n\r\n' >list
  run --separate-stderr "$AFETCH" list
  [ "$status" -eq 0 ]
  [ -z "$output$stderr" ]
}

@test "a FIFO and a process substitution are lists" {
  mkfifo fifo
  echo "$ORIGIN/fifo" >fifo &
  in_turn fifo <(echo "$ORIGIN/one") -i <(echo "$ORIGIN/two")
  same $'/fifo\n/one\n/two' "$(asked)"
}

@test "a socket as standard input is read to its end" {
  $PYTHON - "$ORIGIN/socket" >records <<'PYTHON'
import os, socket, subprocess, sys

ours, theirs = socket.socketpair()
child = subprocess.Popen([os.environ["AFETCH"]], stdin=theirs)
theirs.close()
ours.sendall(sys.argv[1].encode())
ours.shutdown(socket.SHUT_WR)
sys.exit(child.wait())
PYTHON
  same /socket "$(asked)"
}

@test "blank lines and comments are no requests but count as lines" {
  printf '%s\n' '# a comment' '' '   ' $'\t# indented' "$ORIGIN/a" '#' \
    "  $ORIGIN/b"$'\t' 'mailto:someone' "$ORIGIN/c#fragment" >list
  run in_turn list
  [ "$status" -eq 1 ]
  same $'/a\n/b\n/c' "$(asked)"
  same '0 1 2 3' "$(jq .index records | sort -n | xargs)"
  same '[2,8]' "$(jq -c 'select(.error) | [.index, .line]' records)"
}

@test "lines may end with CRLF, and the last one need not end" {
  printf '%s\r\n\r\n# c\r\n{"url":"%s"}\r\n%s' "$ORIGIN/a" "$ORIGIN/b" \
    "$ORIGIN/c" >list
  in_turn list
  same $'/a\n/b\n/c' "$(asked)"
  same "$ORIGIN/a" "$(jq -r 'select(.index == 0).url' records)"
}

@test "a byte order mark may begin each list" {
  printf '\xEF\xBB\xBF%s\n' "$ORIGIN/a" >a
  printf '\xEF\xBB\xBF{"url":"%s"}\r\n' "$ORIGIN/b" >b
  printf '\xEF\xBB\xBF# comment\n%s' "$ORIGIN/c" >c
  printf '\xEF\xBB\xBF' >d
  printf '\xEF\xBB\xBF\r\n' >e
  in_turn a b c d - <e
  same $'/a\n/b\n/c' "$(asked)"
}

@test "a byte order mark elsewhere is part of the line" {
  printf '%s\n\xEF\xBB\xBF%s\n' "$ORIGIN/a" "$ORIGIN/b" >list
  run in_turn list
  [ "$status" -eq 1 ]
  same /a "$(asked)"
  same '[2,"bad_url"]' "$(jq -c 'select(.error) | [.line, .error.code]' records)"
}

@test "a byte order mark that comes in pieces is one" {
  mkfifo fifo
  "$AFETCH" <fifo >records 3>&- &
  exec 5>fifo
  printf '\xEF' >&5
  wait_for 10 drained "$!"
  printf '\xBB\xBF%s\n' "$ORIGIN/late" >&5
  exec 5>&-
  wait $!
  same /late "$(asked)"
}

# The process has taken what its standard input had: none is left in the pipe.
drained() {
  $PYTHON -c 'import fcntl, os, sys, termios
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
left = int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, b"    "), sys.byteorder)
sys.exit(left > 0)' "/proc/$1/fd/0"
}

@test "--input-format auto decides line by line" {
  printf '%s\n' "$ORIGIN/a" "{\"url\":\"$ORIGIN/b\"}" "$ORIGIN/c" >list
  in_turn list
  in_turn --input-format auto list
  same $'/a\n/b\n/c\n/a\n/b\n/c' "$(asked)"
}

@test "--input-format urls takes no line for JSON" {
  printf '%s\n' "$ORIGIN/a" "{\"url\":\"$ORIGIN/b\"}" >list
  run in_turn --input-format urls list
  [ "$status" -eq 1 ]
  same /a "$(asked)"
  same '[2,"input"]' "$(jq -c 'select(.error) | [.line, .error.class]' records)"
}

@test "--input-format jsonl takes every line of a list for JSON" {
  printf '%s\n' "$ORIGIN/a" '' " {\"url\":\"$ORIGIN/b\"} " 'null' >list
  run in_turn --input-format jsonl list "$ORIGIN/argument"
  [ "$status" -eq 1 ]
  same $'/b\n/argument' "$(asked)"
  same $'[1,"bad_json"]\n[4,"bad_json"]' \
    "$(jq -c 'select(.error) | [.line, .error.code]' records)"
}

@test "a URL without a scheme gets --default-scheme, https unless given" {
  local dead
  dead=127.0.0.1:$(free_port)
  "$AFETCH" --retry 0 "$dead/x" >records || true
  same "[\"$dead/x\",\"https://$dead/x\"]" \
    "$(jq -c '[.url, .final_url]' records)"
  "$AFETCH" --default-scheme http >records <<LIST
$HOST/x
//$HOST/y
{"url":"$HOST/z"}
LIST
  same $'/x\n/y\n/z' "$(asked | sort)"
  run --separate-stderr "$AFETCH" --default-scheme ftp "$HOST/x"
  [ "$status" -eq 2 ]
  [[ $stderr == *--default-scheme* ]]
}

@test "a word and a colon is a scheme, but before a port it is a host" {
  run in_turn - <<LIST
mailto:someone@example.com
javascript:alert(1)
ftp://$HOST/x
file:///etc/passwd
localhost:$ORIGIN_PORT/port
$HOST/x:y
LIST
  [ "$status" -eq 1 ]
  # A name's turn comes when it has been looked up.
  same $'/port\n/x:y' "$(asked | sort)"
  same $'1 scheme\n2 scheme\n3 scheme\n4 scheme' \
    "$(jq -r 'select(.error) | "\(.line) \(.error.code)"' records | sort)"
}

@test "--glob expands ranges and sets, the last one fastest" {
  in_turn --glob "$ORIGIN/[1-2]/{a,b}" "$ORIGIN/n[008-016:4]" \
    "$ORIGIN/[a-e:2]"
  same '/1/a /1/b /2/a /2/b /n008 /n012 /n016 /a /c /e' "$(asked | xargs)"
  same "$(seq 0 9)" "$(jq .index records | sort -n)"
}

@test "--glob expands lines of a list, but not JSON or a comment" {
  printf '%s\n' "$ORIGIN/[1-2]" "# $ORIGIN/[1-9]" "{\"url\":\"$ORIGIN/{a,b}\"}" \
    "$ORIGIN/x" >list
  in_turn --glob list
  same '/1 /2 /{a,b} /x' "$(asked | xargs)"
}

@test "a backslash takes a pattern's meaning, and without --glob there is none" {
  in_turn --glob "$ORIGIN/\\[1-2\\]"
  in_turn "$ORIGIN/[1-2]" "$ORIGIN/{a,b}"
  same '/[1-2] /[1-2] /{a,b}' "$(asked | xargs)"
}

@test "each expansion of a line has the line's number" {
  printf '%s\n' "$ORIGIN/ok" "$ORIGIN/{a,b c}" 'ftp://{a,b}/' >list
  run in_turn --glob list
  [ "$status" -eq 1 ]
  same $'2\n3\n3' "$(jq 'select(.error).line' records | sort -n)"
}

@test "a bad pattern is one record, and the run goes on" {
  printf "$ORIGIN/%s\n" '[1-' '[5-1]' '[z-a]' '[a-9]' '{a,b' 'x]' 'x}' \
    '[1-5:0]' >list
  echo "$ORIGIN/good" >>list
  run in_turn --glob list "$ORIGIN/[1-"
  [ "$status" -eq 1 ]
  same /good "$(asked)"
  same '9 bad_glob' "$(jq -r 'select(.error).error.code' records | uniq -c |
    xargs)"
  same "$(seq 1 8)" "$(jq 'select(.error).line // empty' records | sort -n)"
  same "$(sed '$d' list | sort)" \
    "$(jq -r 'select(.line).url' records | sort)"
}

@test "a pattern of 10^9 URLs starts at once" {
  local first
  first=$("$AFETCH" --glob "$ORIGIN/[1-1000000000]" | head -n 1)
  same "$ORIGIN" "$(jq -r .url <<<"$first" | cut -d / -f 1-3)"
  [ "$(asked | wc -l)" -lt 1000000 ]
}

@test "a pattern of 10^9 URLs is expanded no further than the window" {
  run --separate-stderr "$AFETCH" --glob -c 2 --queue 50 --deadline 0.5 \
    "$ORIGIN/hang/[1-1000000000]"
  [ "$status" -eq 4 ]
  [ "${#lines[@]}" -le 52 ]
  same "$(seq 0 $((${#lines[@]} - 1)))" "$(jq .index <<<"$output" | sort -n)"
  same deadline "$(jq -r .error.code <<<"$output" | sort -u)"
  [[ $stderr == *'not read: argument'* ]]
}

@test "a pattern of 10^9 URLs takes no more memory than one of 100" {
  local small large
  small=$(peak_of_glob 100)
  curl -s "$ORIGIN/stats/reset" >/dev/null
  large=$(peak_of_glob 1000000000)
  ((large < small + 4096))
}

# Peak memory in KiB of a run whose window is full of [1-N].
peak_of_glob() { # N
  local pid
  "$AFETCH" --glob -c 2 --queue 90 "$ORIGIN/hang/[1-$1]" >/dev/null 3>&- &
  pid=$!
  wait_for 10 two_are_under_way
  awk '/VmHWM/ { print $2 }' "/proc/$pid/status"
  kill -KILL $pid
  wait $pid || true
}

two_are_under_way() {
  [ "$(origin_stats .active)" -eq 2 ]
}

@test "two users of standard input are refused" {
  local words
  for words in '- -' '-i - -i -' '-i - -' '- -i /dev/stdin' '/dev/fd/0 -'; do
    # shellcheck disable=SC2086 # the words
    run --separate-stderr "$AFETCH" $words <<<"$ORIGIN/x"
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == 'afetch: '*'stdin'*once* ]]
  done
  same '' "$(asked)"
}

@test "a list that is missing, or a folder, is found before anything is sent" {
  run --separate-stderr "$AFETCH" "$ORIGIN/x" -i missing.txt
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [[ $stderr == 'afetch: '*'missing.txt'*'No such file'* ]]
  mkdir folder
  for option in -i --; do
    run --separate-stderr "$AFETCH" $option folder
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == *'folder is a folder'* ]]
  done
  same '' "$(asked)"
}

@test "a list that may not be read is refused" {
  [ "$(id -u)" -ne 0 ] || skip "root may read everything"
  echo "$ORIGIN/x" >list
  chmod 0 list
  run --separate-stderr "$AFETCH" list
  [ "$status" -eq 2 ]
  [[ $stderr == *'list: Permission denied'* ]]
}

@test "a closed standard input is said, not waited for" {
  run --separate-stderr sh -c '"$AFETCH" <&-'
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [[ $stderr == 'afetch: '* ]]
  run --separate-stderr sh -c '"$AFETCH" "$ORIGIN/x" <&-'
  [ "$status" -eq 0 ]
}

@test "on a terminal without input: short help, exit 2" {
  run on_terminal ''
  [ "${lines[0]}" = 2 ]
  [[ ${lines[1]} == 'usage: afetch '* ]]
  [[ $output == *'afetch --help'* ]]
  [ "${#lines[@]}" -lt 15 ]
}

@test "on a terminal the given URL is fetched, and - reads what is typed" {
  run on_terminal '' -s "$ORIGIN/given"
  [ "${lines[0]}" = 0 ]
  run on_terminal "$ORIGIN/typed"$'\n\x04' -s -
  [ "${lines[0]}" = 0 ]
  same $'/given\n/typed' "$(asked)"
}
