# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What every bats file loads (`load helper`): the assertions, $AFETCH, and
# servers on free loopback ports.
#
#   start_origin [OPTION...]   sets ORIGIN=http://127.0.0.1:PORT, ORIGIN_PORT
#   start_nginx [DIRECTIVE...] sets NGINX=http://127.0.0.1:PORT, NGINX_TLS (the
#                              same over HTTPS, with HTTP/2), NGINX_CA (trust
#                              this), NGINX_ROOT (files to serve), NGINX_LOG;
#                              with NGINX_QUIC=1 HTTP/3 too, on the TLS port
#   start_proxy [OPTION...]    sets PROXY=127.0.0.1:PORT and PROXY_LOG, what it
#                              was asked for (see tests/servers/proxy.py)
#   stop_origin, stop_nginx    stop the one started last
#   stop_servers               stops all that this test (or this file) started
#   wait_for SECONDS COMMAND...   until it succeeds; 1 when it never does
#   origin_stats [JQ-FILTER]   the origin's counters
#
# Servers started in a test end with it, those of setup_file with the file. A
# file with a teardown or teardown_file of its own calls stop_servers in it.
# Do not start servers within `run` or $(...): they end with their parent.

bats_require_minimum_version 1.5.0

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
ROOT=${HERE%/*}
BUILD=${BUILD:-$ROOT/build}
[[ $BUILD = /* ]] || BUILD=$ROOT/$BUILD
AFETCH=$BUILD/afetch
export HERE ROOT BUILD AFETCH
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# The same everywhere: no proxies, no settings of the user.
export LC_ALL=C.UTF-8
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY NO_PROXY
unset "${!AFETCH_@}"
export XDG_CONFIG_HOME=/dev/null/none

for library in bats-support bats-assert; do
  load "$(sh "$HERE/deps.sh" find $library)/load.bash"
done

# The python3 that has the modules the tests need.
PYTHON=python3
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  PYTHON=/usr/bin/python3
fi
export PYTHON

# This test's folder, or the file's while setup_file runs.
scope_dir() {
  echo "${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}"
}

wait_for() {
  local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[.,]/} < end)) || return 1
    sleep 0.02
  done
}

ended() {
  ! kill -0 "$1" 2>/dev/null
}

# Ends a process of ours: politely, after 2 seconds not.
stop_process() {
  kill "$1" 2>/dev/null || return 0
  wait_for 2 ended "$1" || kill -9 "$1" 2>/dev/null
  wait "$1" 2>/dev/null || true
}

# Runs a server in the background that ends with this shell, even a killed
# one; its number goes into $server and into the scope's list.
start_server() {
  local scope
  scope=$(scope_dir)
  "$@" </dev/null >>"$scope/servers.log" 2>&1 3>&- 4>&- &
  server=$!
  echo $server >>"$scope/servers"
}

stop_servers() {
  local list pid
  list=$(scope_dir)/servers
  [[ -e $list ]] || return 0
  while read -r pid; do
    stop_process "$pid"
  done <"$list"
  rm -f "$list"
}

teardown() {
  stop_servers
}

teardown_file() {
  stop_servers
}

start_origin() {
  local file
  file=$(mktemp -u "$(scope_dir)/port.XXXXXX")
  start_server "$BUILD/origin" --with-parent --idle-exit 300 \
    --port-file "$file" "$@"
  ORIGIN_PID=$server
  if ! wait_for 10 test -s "$file"; then
    echo "the origin does not start" >&2
    cat "$(scope_dir)/servers.log" >&2
    return 1
  fi
  ORIGIN_PORT=$(<"$file")
  ORIGIN=http://127.0.0.1:$ORIGIN_PORT
  export ORIGIN ORIGIN_PORT ORIGIN_PID
}

stop_origin() {
  stop_process "$ORIGIN_PID"
}

origin_stats() {
  curl -s "$ORIGIN/stats" | jq -c "${1:-.}"
}

start_proxy() {
  local file
  file=$(mktemp -u "$(scope_dir)/proxy.XXXXXX")
  PROXY_LOG=$file.log
  : >"$PROXY_LOG"
  start_server "$PYTHON" "$HERE/servers/proxy.py" --port-file "$file" \
    --log "$PROXY_LOG" "$@"
  if ! wait_for 20 test -s "$file"; then
    echo "the proxy does not start" >&2
    cat "$(scope_dir)/servers.log" >&2
    return 1
  fi
  PROXY=127.0.0.1:$(<"$file")
  PROXY_PID=$server
  export PROXY PROXY_LOG PROXY_PID
}

# A port below those that the system gives out, with nobody behind it now.
free_port() {
  local port
  while :; do
    port=$((10000 + RANDOM % 22000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo $port
}

# A certificate for 127.0.0.1 and localhost that is its own authority.
make_certificate() { # PREFIX
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
    -nodes -days 2 -subj "/CN=localhost" \
    -addext "subjectAltName=IP:127.0.0.1,DNS:localhost" \
    -keyout "$1.key" -out "$1.crt" 2>"$1.log"
}

# One process without a master, so that one signal ends it.
nginx_config() { # DIR PORT TLS-PORT DIRECTIVE...
  local dir=$1 port=$2 tls=$3
  shift 3
  cat <<CONFIG
daemon off;
master_process off;
pid $dir/pid;
error_log $dir/error.log;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  log_format seen '\$connection \$connection_requests \$server_protocol '
    '\$request_method \$request_uri \$status';
  access_log $dir/access.log seen;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  default_type text/plain;
  keepalive_requests 1000000;
  keepalive_timeout 60;
  server {
    listen 127.0.0.1:$port backlog=4096;
    listen 127.0.0.1:$tls ssl http2 backlog=4096;
    ${NGINX_QUIC:+listen 127.0.0.1:$tls quic;}
    ssl_certificate $dir/server.crt;
    ssl_certificate_key $dir/server.key;
    root $dir/root;
    location / { try_files \$uri @ok; }
    location @ok { return 200 "ok\n"; }
    location = /protocol {
      return 200 "\$server_protocol \$connection \$connection_requests\n";
    }
    $*
  }
}
CONFIG
}

start_nginx() {
  local dir port tls try
  local -a with_parent=()
  dir=$(mktemp -d "$(scope_dir)/nginx.XXXXXX")
  mkdir "$dir/root"
  make_certificate "$dir/server"
  if command -v setpriv >/dev/null; then
    with_parent=(setpriv --pdeathsig TERM)
  fi
  for try in 1 2 3 4 5; do
    port=$(free_port)
    tls=$(free_port)
    nginx_config "$dir" "$port" "$tls" "$@" >"$dir/nginx.conf"
    # It takes a variable of its own name for a list of sockets.
    start_server env -u NGINX "${with_parent[@]}" nginx -p "$dir" -e "$dir/error.log" \
      -c "$dir/nginx.conf"
    NGINX_PID=$server
    NGINX=http://127.0.0.1:$port
    NGINX_TLS=https://127.0.0.1:$tls
    NGINX_CA=$dir/server.crt
    NGINX_ROOT=$dir/root
    NGINX_LOG=$dir/access.log
    export NGINX NGINX_TLS NGINX_CA NGINX_PID NGINX_ROOT NGINX_LOG
    wait_for 5 nginx_settled
    ended "$NGINX_PID" || return 0
  done
  echo "nginx does not start (tried $try times)" >&2
  cat "$dir/error.log" "$(scope_dir)/servers.log" >&2
  return 1
}

# It has ended (another may have taken its port), or answers. That it is ours
# that answers, its log tells.
nginx_settled() {
  ended "$NGINX_PID" && return
  curl -sf -o /dev/null --cacert "$NGINX_CA" "$NGINX_TLS/ready" &&
    curl -sf -o /dev/null "$NGINX/ready" &&
    [[ $(grep -c /ready "$NGINX_LOG") -ge 2 ]] && : >"$NGINX_LOG"
}

stop_nginx() {
  stop_process "$NGINX_PID"
}

# COUNT URLs of PATH, @ becoming the number.
urls() {
  seq "$1" | awk -v url="$ORIGIN/$2" '{ n = $1; $0 = url; gsub(/@/, n) } 1'
}

# HOST COUNT PATH: COUNT times PATH of 127.0.0.HOST, @ becoming the number.
host_urls() {
  local n
  for ((n = 1; n <= $2; n++)); do
    echo "http://127.0.0.$1:$ORIGIN_PORT/${3//@/$n}"
  done
}

# That the records in $OUT say so, in the order of the list.
holds() { # JQ-FILTER
  jq -se "sort_by(.index) | $1" "$OUT" >/dev/null || {
    echo "not so: $1"
    cat "$OUT"
    return 1
  }
}

# What the origin's /echo saw of the request whose record is in $record.
seen() { # JQ-FILTER
  # shellcheck disable=SC2154 # the tests set it
  jq -r ".body | fromjson | $1" <<<"$record"
}

seen_header() { # NAME
  seen "[.headers[] | select(.[0] | ascii_downcase == \"$1\")[1]] | join(\",\")"
}

same() {
  diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# The words of a kind that the program knows.
words_of() { # KIND
  "$AFETCH" --dump-words | awk -F'\t' -v kind="$1" '$1 == kind { print $2 }'
}

need() { # COMMAND
  command -v "$1" >/dev/null || skip "$1 is not installed"
}

# The most memory that a process had so far, in KiB.
peak() { # PID
  awk '/VmHWM/ { print $2 }' "/proc/$1/status"
}

# Ends a run in the background.
terminate() { # PID
  local code=0
  kill -TERM "$1"
  wait "$1" || code=$?
  [ $code -eq 143 ]
}
