# shellcheck shell=bash disable=SC2034,SC2153,SC2154
# SPDX-License-Identifier: MIT
# How each contender is called: its best flags for many small requests, bodies
# thrown away. Reads $urls (a file), $concurrency, $work and $ca (a CA file,
# empty without TLS); sets the array command, and $count where a contender
# fetches another number of URLs.

python=
for candidate in /usr/bin/python3 python3; do
  if "$candidate" -c 'import aiohttp' 2>/dev/null; then
    python=$candidate
    break
  fi
done

# Succeeds when $1 can run here.
peer_installed() {
  case $1 in
    afetch) [ -x "$BUILD/afetch" ] ;;
    aria2) command -v aria2c >/dev/null ;;
    aiohttp) [ -n "$python" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# afetch alone writes something for each URL: its record, to a file.
command_afetch() {
  rm -f "$work/records"
  command=("$BUILD/afetch" --host-concurrency 0 -c "$concurrency" -s
    ${ca:+--cacert "$ca"} --force -o "$work/records" "$urls")
}

# With HTTP/2 a thread has several requests under way: four threads of 25 are
# its fastest way to 100.
command_wget2() {
  local threads=$concurrency window=30

  if [ -n "$ca" ]; then
    threads=4
    window=$((concurrency / 4))
  fi
  command=(wget2 --no-config -q -O /dev/null --no-hsts --no-ocsp --no-cookies
    --no-local-db --max-threads="$threads" --http2-request-window="$window"
    ${ca:+--ca-certificate="$ca"} -i "$urls")
}

# The file of URLs as curl's configuration, made once.
command_curl() {
  [ -s "$urls.curl" ] || sed 's/.*/url = "&"/' "$urls" >"$urls.curl"
  command=(curl -q -f -s --no-progress-meter -Z --parallel-max "$concurrency"
    ${ca:+--cacert "$ca"} -K "$urls.curl")
}

# It has no way to throw a body away, so it writes them to a temporary folder.
command_aria2() {
  rm -rf "$work/aria2"
  command=(aria2c --no-conf -q -j "$concurrency" -x 1 --file-allocation=none
    --allow-overwrite=true --auto-file-renaming=false -d "$work/aria2"
    -i "$urls")
}

command_aiohttp() {
  command=("$python" "$here/peer_aiohttp.py" "$concurrency" "$urls")
}

# One URL over and over, for one second: what the server can do.
command_wrk() {
  command=(wrk -t 1 -c "$concurrency" -d 1s "$(head -n 1 "$urls")")
}

# One URL over and over, on one connection: what the server can do.
command_h2load() {
  command=(h2load -n "$count" -c 1 -m "$concurrency" -t 1
    "$(head -n 1 "$urls")")
}
