#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# TLS: what is trusted and what is not, and how a handshake may fail. The
# certificates are made here; one nginx has a port for each of them, and what
# no server does by itself is done by tests/servers/tls.py.
#
# Elsewhere: HTTP/2 over TLS in http2.bats, the words of OpenSSL and libcurl in
# tests/unit/test_classify.c.

load helper

# NAME SUBJECT-ALT-NAME BEGIN END [EXTENSION]: a certificate of our authority
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  openssl ca -batch -config ca.conf -in "$1.csr" -out "$1.crt" -notext \
    -startdate "$(at "$3")" -enddate "$(at "$4")" \
    -extfile <(printf '%s\n' "subjectAltName=$2" "${5-}")
}

# DAYS from now, as openssl has it.
at() {
  printf '%(%Y%m%d%H%M%SZ)T' $(($(printf '%(%s)T' -1) + $1 * 86400))
}

make_authority() {
  mkdir -p new
  : >index.txt
  cat >ca.conf <<'CONF'
[ca]
default_ca = ours
[ours]
database = index.txt
new_certs_dir = new
certificate = ca.crt
private_key = ca.key
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
CONF
}

make_certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -days 2 -subj '/CN=Test Authority' -keyout ca.key -out ca.crt
  make_authority
  export TZ=UTC
  certificate good IP:127.0.0.1,DNS:localhost -1 2
  certificate other DNS:other.example -1 2
  certificate expired IP:127.0.0.1 -3 -1
  certificate future IP:127.0.0.1 1 3
  certificate client IP:127.0.0.1 -1 2 extendedKeyUsage=clientAuth
  make_certificate own # without an authority
}

# PORT-NAME CERTIFICATE DIRECTIVE...: a server of its own within nginx's http
server() {
  local port_name=$1 name=$2
  shift 2
  printf -v "$port_name" %s "$(free_port)"
  servers+="
  } server {
    listen 127.0.0.1:${!port_name} ssl;
    ssl_certificate $CERTS/$name.crt;
    ssl_certificate_key $CERTS/$name.key;
    location / { return 200 \"ok\\n\"; }
    $*"
  export "${port_name?}"
}

setup_file() {
  local servers=
  export CERTS=$BATS_FILE_TMPDIR/certificates
  mkdir "$CERTS"
  (cd "$CERTS" && make_certificates) 2>"$CERTS/log" || cat "$CERTS/log"
  server GOOD good
  server OTHER other
  server EXPIRED expired
  server FUTURE future
  server CLIENT client
  server OWN own
  server OLD good 'ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;'
  server REFUSING good 'ssl_reject_handshake on;'
  server DEMANDING good \
    "ssl_client_certificate $CERTS/ca.crt; ssl_verify_client on;"
  # A ClientHello is no HTTP request, and what is none is hung up on.
  CUTTING=$(free_port)
  export CUTTING
  servers+="
  } server {
    listen 127.0.0.1:$CUTTING;
    error_page 400 /drop;
    location = /drop { return 444; }"
  start_nginx "$servers"
  export CA=$CERTS/ca.crt
}

# WANTED PORT-OR-URL OPTION...; wanted is the status, or the error's class, code
# and phase, then the attempts and the exit status.
expect() {
  local wanted=$1 url=$2 outcome
  shift 2
  [[ $url == *:* ]] || url=https://127.0.0.1:$url/
  run --separate-stderr "$AFETCH" --retry 1 --retry-delay 1ms "$@" "$url"
  outcome=$(jq -r --arg exit "$status" '[(if .error then .error.class,
    .error.code, .error.phase else .status end), .attempts, $exit] | join(" ")' \
    <<<"$output")
  [ "$outcome" = "$wanted" ] || {
    echo "$url $*: wanted $wanted, got $outcome"
    # shellcheck disable=SC2154 # run sets stderr
    echo "$output$stderr"
    return 1
  }
}

# FAULT: a server that has it, its port in $port.
start_tls() {
  local file
  file=$(mktemp -u "$BATS_TEST_TMPDIR/port.XXXXXX")
  start_server "$PYTHON" "$HERE/servers/tls.py" "$file" "$CERTS/good.crt" \
    "$CERTS/good.key" "$CA" "$1"
  wait_for 10 test -s "$file" || {
    cat "$BATS_TEST_TMPDIR/servers.log"
    return 1
  }
  port=$(<"$file")
}

# WANTED FAULT [OPTION...]
expect_fault() {
  local wanted=$1
  start_tls "$2"
  shift 2
  expect "$wanted" "$port" --cacert "$CA" "$@"
  stop_servers
}

message() {
  jq -r .error.message <<<"$output"
}

@test "a certificate of a trusted authority is verified" {
  expect '200 1 0' "$GOOD" --cacert "$CA"
  expect '200 1 0' "https://localhost:$GOOD/" --cacert "$CA"
}

@test "a folder of authorities is trusted by --capath" {
  local dir=$BATS_TEST_TMPDIR/authorities
  mkdir "$dir"
  cp "$CA" "$dir/$(openssl x509 -hash -noout -in "$CA").0"
  expect '200 1 0' "$GOOD" --capath "$dir"
  expect 'tls untrusted tls 1 1' "$GOOD" --capath "$BATS_TEST_TMPDIR"
}

@test "an authority that nobody trusts" {
  expect 'tls untrusted tls 1 1' "$GOOD"
  expect 'tls untrusted tls 1 1' "$GOOD" --cacert "$NGINX_CA"
  # A self-signed one is its own authority.
  expect 'tls untrusted tls 1 1' "$NGINX_TLS/" --cacert "$CA"
  expect '200 1 0' "$NGINX_TLS/" --cacert "$NGINX_CA"
}

@test "a self-signed certificate" {
  expect 'tls untrusted tls 1 1' "$OWN" --cacert "$CA"
  [ "$(message)" = 'the certificate is self-signed' ]
}

@test "a certificate for another host" {
  expect 'tls wrong_host tls 1 1' "$OTHER" --cacert "$CA"
  expect 'tls wrong_host tls 1 1' "https://localhost:$OTHER/" --cacert "$CA"
}

@test "an expired certificate" {
  expect 'tls expired tls 1 1' "$EXPIRED" --cacert "$CA"
}

@test "a certificate that is not valid yet" {
  expect 'tls untrusted tls 1 1' "$FUTURE" --cacert "$CA"
  [ "$(message)" = 'the certificate is not valid yet' ]
}

@test "a certificate for another purpose (extended key usage)" {
  expect 'tls untrusted tls 1 1' "$CLIENT" --cacert "$CA"
  [ "$(message)" = 'the certificate is for another purpose' ]
}

@test "--insecure asks for none of it" {
  local port
  for port in "$GOOD" "$OTHER" "$EXPIRED" "$FUTURE" "$CLIENT" "$OWN"; do
    expect '200 1 0' "$port" -k
    expect '200 1 0' "$port" --insecure
    expect 'tls untrusted tls 1 1' "$port" -k --no-insecure --cacert "$NGINX_CA"
  done
}

@test "every URL of a distrusted host gets its record, none is retried" {
  local out=$BATS_TEST_TMPDIR/out
  run -1 "$AFETCH" --glob "https://127.0.0.1:$GOOD/[1-50]" -o "$out"
  [ "$(jq -r '[.error.code, .attempts] | join(" ")' "$out" | sort |
    uniq -c | xargs)" = '50 untrusted 1' ]
}

@test "plain HTTP on a TLS port, and TLS to a plain one" {
  expect 'http status body 1 1' "http://127.0.0.1:$GOOD/"
  expect 'tls handshake tls 1 1' "https://${NGINX#http://}/"
}

@test "a server that speaks TLS 1.0 only is refused" {
  expect 'tls handshake tls 1 1' "$OLD" --cacert "$CA"
  expect 'tls handshake tls 1 1' "$OLD" -k
}

@test "a handshake that the server refuses" {
  expect 'tls handshake tls 1 1' "$REFUSING" --cacert "$CA"
}

@test "a server that demands a client certificate" {
  # nginx shakes hands and then answers 400.
  expect 'http status body 1 1' "$DEMANDING" --cacert "$CA"
  # Others refuse: behind the handshake (TLS 1.3), or within it by an alert that
  # does not say why.
  start_tls cert13
  run -1 "$AFETCH" --retry 1 --retry-delay 1ms --cacert "$CA" \
    "https://127.0.0.1:$port/"
  jq -e '.error.class == "tls" and .error.code == "client_cert" and
    .attempts == 1 and .status == null' <<<"$output"
  expect_fault 'tls handshake tls 1 1' cert12
}

@test "what comes in place of a handshake is no TLS record" {
  expect_fault 'tls handshake tls 1 1' garbage
}

@test "an alert that ends the handshake" {
  expect_fault 'tls handshake tls 1 1' alert
}

@test "a handshake that is cut or reset is tried again" {
  expect 'tls reset tls 2 1' "$CUTTING"
  expect_fault 'tls reset tls 2 1' close
  expect_fault 'tls reset tls 2 1' rst
  expect_fault 'tls reset tls 2 1' rst-hello
  # Here the connection may be gone before the handshake begins.
  start_origin --reset-on-accept
  run -1 "$AFETCH" --retry 1 --retry-delay 1ms "https://127.0.0.1:$ORIGIN_PORT/"
  jq -e '(.error.class == "tls" or .error.class == "connect") and
    .error.code == "reset" and .attempts == 2' <<<"$output"
}

@test "a handshake that hangs ends at the connect timeout" {
  start_origin # waits for the end of a request's headers
  expect 'timeout connect_time tls 2 1' "https://127.0.0.1:$ORIGIN_PORT/" --connect-timeout 400ms
}

@test "a body without a length that ends without close_notify" {
  start_tls notify
  run -0 "$AFETCH" --cacert "$CA" "https://127.0.0.1:$port/"
  jq -e '.ok and .size == 5 and .notes == ["length_unknown"]' <<<"$output"
  # Newer libcurls tell the difference; with older ones the note has to do.
  start_tls no-notify
  run "$AFETCH" --retry 1 --retry-delay 1ms --cacert "$CA" \
    "https://127.0.0.1:$port/"
  jq -e '.size == 5 and if .ok then .notes == ["length_unknown"] else
    .error.class == "truncated" and .attempts == 2 end' <<<"$output"
}

@test "with a length nobody misses the close_notify" {
  expect_fault '200 1 0' no-notify-length
}

@test "TLS connections that end within the headers, and before" {
  expect_fault 'truncated eof headers 2 1' no-notify-head
  expect_fault 'protocol empty_reply wait 2 1' no-answer
}

@test "a TLS record within the body that cannot be decrypted" {
  expect_fault 'tls handshake body 1 1' bad-record
}

@test "authorities that cannot be read are wrong usage" {
  local option
  for option in "--cacert=$BATS_TEST_TMPDIR/none.pem" \
    "--cacert=$BATS_TEST_TMPDIR" "--capath=$BATS_TEST_TMPDIR/none"; do
    run --separate-stderr -2 "$AFETCH" "$option" "https://127.0.0.1:$GOOD/"
    [ -z "$output" ]
    [[ $stderr == afetch:*"${option#*=}"* ]]
  done
}

@test "a file without authorities: no_ca, and plain URLs are fetched" {
  local file=$BATS_TEST_TMPDIR/empty.pem
  : >"$file"
  expect 'tls no_ca tls 1 1' "$GOOD" --cacert "$file"
  expect '200 1 0' "$NGINX/" --cacert "$file"
}

@test "the record tells the time of the handshake" {
  run -0 "$AFETCH" --cacert "$CA" "https://127.0.0.1:$GOOD/"
  jq -e '.time.tls > 0 and .time.ttfb >= .time.tls' <<<"$output"
  run -0 "$AFETCH" "$NGINX/"
  jq -e '.time.tls == 0' <<<"$output"
}

@test "the environment cannot have the secrets of connections written" {
  SSLKEYLOGFILE=$BATS_TEST_TMPDIR/keys expect '200 1 0' "$GOOD" --cacert "$CA"
  [ ! -e "$BATS_TEST_TMPDIR/keys" ]
}
