# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: MIT
# The servers of the workloads: an nginx with one worker, and the test origin
# where answers must be slow. Each start sets $origin (a URL's beginning);
# requests_served counts what the server has answered.

servers=()
origin=
tls_origin=
port=
served_by=
own_requests= # of ours between two questions, that the server counts

# A port that nothing listens on, below those the kernel gives to clients.
port_free() {
  local try

  while :; do
    try=$((20000 + RANDOM % 10000))
    if ! (: >"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then
      echo "$try"
      return
    fi
  done
}

# Waits until something listens on $port; fails when server $1 ends before.
server_await() {
  while kill -0 "$1" 2>/dev/null; do
    if (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      return 0
    fi
    sleep 0.02
  done
  return 1
}

certificate_make() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1,DNS:localhost 2>/dev/null
}

# Writes a configuration with the plain port $1 and, when given, TLS port $2.
nginx_configure() {
  local files tls=
  files=$(ulimit -n)
  [ "$files" != unlimited ] && [ "$files" -le 65536 ] || files=65536

  if [ -n "${2-}" ]; then
    tls="listen $2 ssl http2 backlog=4096;
      ssl_certificate cert.pem;
      ssl_certificate_key key.pem;"
  fi
  cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile $files;
pid nginx.pid;
error_log error.log crit;
events { worker_connections $((files - 64)); }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen $1 backlog=4096;
    $tls
    location / { default_type text/plain; return 200 "ok\n"; }
    location = /status { stub_status; }
    location /files/ { root .; sendfile on; }
  }
}
END
}

# Starts nginx on all of 127.0.0.0/8; with "tls" as $1 also for HTTP/2.
nginx_start() {
  local try secure=

  if [ "${1-}" = tls ]; then
    certificate_make
  fi
  for try in 1 2 3 4 5; do
    port=$(port_free)
    [ "${1-}" != tls ] || secure=$(port_free)
    nginx_configure "$port" "$secure"
    nginx -e "$work/error.log" -p "$work" -c "$work/nginx.conf" \
      </dev/null >>"$work/nginx.out" 2>&1 &
    if server_await $!; then
      servers+=($!)
      origin=http://127.0.0.1:$port
      tls_origin=${secure:+https://127.0.0.1:$secure}
      served_by=nginx own_requests=1
      return
    fi
  done
  echo "bench: nginx does not start (try $try):" >&2
  cat "$work/nginx.out" >&2
  exit 5
}

# Starts the test origin.
origin_start() {
  local pid

  "$BUILD/origin" --port-file "$work/port" --with-parent </dev/null \
    >/dev/null 2>"$work/origin.err" &
  pid=$!
  servers+=("$pid")
  while [ ! -s "$work/port" ]; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "bench: the test origin does not start:" >&2
      cat "$work/origin.err" >&2
      exit 5
    fi
    sleep 0.02
  done
  port=$(cat "$work/port")
  server_await "$pid"
  origin=http://127.0.0.1:$port
  served_by=origin own_requests=0
}

servers_stop() {
  local pid

  for pid in ${servers[@]+"${servers[@]}"}; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  servers=()
}

# What GET $1 of the server answers, head and all.
server_get() {
  exec 3<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
  exec 3>&-
}

# Prints how many requests were answered since the server's start.
requests_served() {
  if [ "$served_by" = nginx ]; then
    server_get /status | awk 'at && NR == at + 1 { print $3 }
      /^server accepts/ { at = NR }'
  else
    server_get /stats | sed -n \
      's/^{"connections":[0-9]*,"requests":\([0-9]*\),.*/\1/p'
  fi
}
