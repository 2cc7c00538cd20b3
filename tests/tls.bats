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
  local told='location = /tls { return 200 "$ssl_protocol $ssl_cipher\n"; }'
  server ONLY_12 good "ssl_protocols TLSv1.2; $told"
  server ONLY_13 good "ssl_protocols TLSv1.3; $told"
  server BOTH good "ssl_protocols TLSv1.2 TLSv1.3; $told"
  local asking="ssl_client_certificate $CERTS/ca.crt; ssl_verify_client optional;"
  asking+='location = /who { return 200 "$ssl_client_verify $ssl_client_s_dn\n"; }
    location = /to { return 302 $arg_to; }'
  server ASKING good "$asking"
  server ASKING_TOO good "$asking"
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

# URL OPTION...: the body of a good answer goes into $body.
body_of() {
  local url=$1
  shift
  run --separate-stderr "$AFETCH" --retry 0 --cacert "$CA" --body inline "$@" \
    "$url"
  body=$(jq -r 'if .ok then .body | rtrimstr("\n") else .error.code end' <<<"$output")
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
  # Nor where the system would allow it.
  printf '%s\n' 'openssl_conf = a' '[a]' 'ssl_conf = b' '[b]' 'system_default = c' \
    '[c]' 'MinProtocol = TLSv1' 'CipherString = DEFAULT@SECLEVEL=0' \
    >"$BATS_TEST_TMPDIR/openssl.cnf"
  OPENSSL_CONF=$BATS_TEST_TMPDIR/openssl.cnf \
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

@test "a file that cannot hold what its option wants is wrong usage" {
  local file=$BATS_TEST_TMPDIR/file
  wrong() { # MESSAGE OPTION...
    run --separate-stderr -2 "$AFETCH" "${@:2}" "https://127.0.0.1:$GOOD/"
    [ "$stderr" = "afetch: $1" ] && [ -z "$output" ] || {
      echo "$stderr$output"
      return 1
    }
  }
  : >"$file"
  wrong "--cacert: $file: no certificate in it (PEM)" --cacert "$file"
  wrong "--cert: $file: no certificate in it (PEM)" --cert "$file"
  wrong "--key: $file: no private key in it (PEM)" \
    --cert "$CERTS/client.crt" --key "$file"
  wrong "--pinnedpubkey: $file: no public key in it" --pinnedpubkey "$file"
  echo '-----BEGIN NOTHING-----' >"$file"
  wrong "--cacert: $file: no certificate in it (PEM)" --cacert "$file"
  wrong "--cacert: $CERTS/ca.key: no certificate in it (PEM)" \
    --cacert "$CERTS/ca.key"
  wrong "--pinnedpubkey: $CERTS/good.crt: no public key in it" \
    --pinnedpubkey "$CERTS/good.crt"
  wrong "--cert: $CERTS/client.crt: no private key in it (PEM), and --key names none" \
    --cert "$CERTS/client.crt"
  # One that can be read only once is left to libcurl.
  expect '200 1 0' "$GOOD" --cacert <(cat "$CA")
  openssl x509 -in "$CERTS/good.crt" -pubkey -noout |
    openssl pkey -pubin -outform der >"$file"
  expect '200 1 0' "$GOOD" --cacert "$CA" --pinnedpubkey "$file"
}

@test "a file of broken authorities: no_ca, and plain URLs are fetched" {
  local file=$BATS_TEST_TMPDIR/broken.pem
  printf -- '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n' >"$file"
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

@test "--tlsv1.2, --tlsv1.3 and --tls-max bound the version" {
  local url=https://127.0.0.1:$BOTH/tls
  body_of "$url"
  [[ $body == 'TLSv1.3 '* ]]
  body_of "$url" --tls-max 1.2
  [[ $body == 'TLSv1.2 '* ]]
  body_of "$url" --tlsv1.3 --tlsv1.2 --tls-max 1.2
  [[ $body == 'TLSv1.2 '* ]]
  body_of "$url" --tlsv1.3
  [[ $body == 'TLSv1.3 '* ]]
  expect 'tls handshake tls 1 1' "$ONLY_12" --cacert "$CA" --tlsv1.3
  expect 'tls handshake tls 1 1' "$ONLY_13" --cacert "$CA" --tls-max 1.2
  expect '200 1 0' "$ONLY_12" --cacert "$CA" --tlsv1.2
  expect '200 1 0' "$ONLY_13" --cacert "$CA" --tlsv1.2
}

@test "the versions of a line, also beside a connection of another one" {
  local url=https://127.0.0.1:$BOTH/tls list=$BATS_TEST_TMPDIR/list
  printf '{"url":"%s","%s":%s}\n' "$url" tls_max '"1.2"' "$url" tlsv1.3 true \
    "$url" tls_max '"1.2"' >"$list"
  body_of "$list" -c 1
  [ "$(cut -d ' ' -f 1 <<<"$body")" = $'TLSv1.2\nTLSv1.3\nTLSv1.2' ]
  printf '{"url":"%s","tlsv1.2":true}\n' "https://127.0.0.1:$ONLY_12/tls" >"$list"
  body_of "$list" --tlsv1.3
  [[ $body == 'TLSv1.2 '* ]]
}

@test "a request whose versions exclude each other" {
  run --separate-stderr -2 "$AFETCH" --tlsv1.3 --tls-max 1.2 "https://a/"
  [[ $stderr == 'afetch: --tlsv1.3 and --tls-max 1.2 leave no version' ]]
  printf '{"url":"https://127.0.0.1:%s/","tls_max":"1.2"}\n' "$BOTH" \
    >"$BATS_TEST_TMPDIR/list"
  body_of "$BATS_TEST_TMPDIR/list" --tlsv1.3
  [ "$body" = handshake ]
}

@test "--ciphers are those that are offered" {
  local url=https://127.0.0.1:$BOTH/tls cipher
  for cipher in ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-CHACHA20-POLY1305; do
    body_of "$url" --tls-max 1.2 --ciphers "$cipher"
    [ "$body" = "TLSv1.2 $cipher" ]
    printf '{"url":"%s","ciphers":"%s"}\n' "$url" "$cipher" \
      >"$BATS_TEST_TMPDIR/list"
    body_of "$BATS_TEST_TMPDIR/list" --tls-max 1.2
    [ "$body" = "TLSv1.2 $cipher" ]
  done
  expect 'tls handshake tls 1 1' "$GOOD" --cacert "$CA" --ciphers nothing
}

@test "--cert and --key show who asks" {
  local url=https://127.0.0.1:$ASKING/who both=$BATS_TEST_TMPDIR/both.pem
  body_of "$url"
  [[ $body == NONE* ]]
  body_of "$url" --cert "$CERTS/client.crt" --key "$CERTS/client.key"
  [ "$body" = 'SUCCESS CN=client' ]
  cat "$CERTS/client.crt" "$CERTS/client.key" >"$both"
  body_of "$url" -E "$both"
  [ "$body" = 'SUCCESS CN=client' ]
  expect '200 1 0' "$DEMANDING" --cacert "$CA" -E "$both"
}

@test "--pass opens the key" {
  local url=https://127.0.0.1:$ASKING/who key=$BATS_TEST_TMPDIR/key
  local -a show=(--cert "$CERTS/client.crt" --key "$key")
  openssl ec -aes128 -passout pass:hunter2 -in "$CERTS/client.key" -out "$key"
  body_of "$url" "${show[@]}" --pass hunter2
  [ "$body" = 'SUCCESS CN=client' ]
  body_of "$url" "${show[@]}" --pass wrong -v
  [ "$body" = client_cert ]
  [[ $output$stderr != *wrong* ]]
  # Nobody is asked for it.
  body_of "$url" "${show[@]}"
  [ "$body" = client_cert ]
}

@test "--cert FILE:PASSWORD opens the key too, and is not shown" {
  local url=https://127.0.0.1:$ASKING/who both=$BATS_TEST_TMPDIR/'a:b\c'
  local cert=${both/:/\\:}
  openssl ec -aes128 -passout pass:'hun:ter2' -in "$CERTS/client.key" -out "$both"
  cat "$CERTS/client.crt" >>"$both"
  body_of "$url" --cert "$cert:hun:ter2" -v --fields +request
  [ "$body" = 'SUCCESS CN=client' ]
  [[ $output$stderr != *ter2* ]]
  # The later one counts.
  body_of "$url" --pass wrong --cert "$cert:hun:ter2"
  [ "$body" = 'SUCCESS CN=client' ]
  body_of "$url" --cert "$cert:wrong" --pass hun:ter2
  [ "$body" = 'SUCCESS CN=client' ]
  AFETCH_PASS=wrong body_of "$url" --cert "$cert:hun:ter2"
  [ "$body" = 'SUCCESS CN=client' ]
  AFETCH_CERT=$cert:wrong body_of "$url" --pass hun:ter2
  [ "$body" = 'SUCCESS CN=client' ]
  body_of "$url" --cert "$cert:wrong" -v
  [ "$body" = client_cert ]
  [[ $output$stderr != *wrong* ]]
  run --separate-stderr -2 "$AFETCH" --cert /nowhere/x:hunter2 https://a/
  [[ $stderr == 'afetch: --cert: cannot read /nowhere/x: '* ]]
  [[ $stderr != *hunter2* ]]
  run --separate-stderr -0 "$AFETCH" --cert "$cert:hunter2" --show-config
  [[ $output == *$'cert\t***\tcommand line'* && $output != *hunter2* ]]
}

@test "a password of a host's certificate stands instead of --pass" {
  local both=$BATS_TEST_TMPDIR/both hosts=$BATS_TEST_TMPDIR/hosts
  openssl ec -aes128 -passout pass:hunter2 -in "$CERTS/client.key" -out "$both"
  cat "$CERTS/client.crt" >>"$both"
  echo "{\"127.0.0.1\": {\"cert\": \"$both:hunter2\"}}" >"$hosts"
  body_of "https://127.0.0.1:$ASKING/who" --pass wrong --host-config "$hosts"
  [ "$body" = 'SUCCESS CN=client' ]
}

@test "the client certificate is for the origin of the line" {
  local who=https://127.0.0.1:$ASKING/who
  local -a show=(--cert "$CERTS/client.crt" --key "$CERTS/client.key")
  body_of "https://127.0.0.1:$ASKING/to?to=$who" "${show[@]}"
  [ "$body" = 'SUCCESS CN=client' ]
  body_of "https://127.0.0.1:$ASKING/to?to=https://127.0.0.1:$ASKING_TOO/who" \
    "${show[@]}"
  [[ $body == NONE* ]]
  body_of "https://127.0.0.1:$ASKING/to?to=https://localhost:$ASKING/who" \
    "${show[@]}"
  [[ $body == NONE* ]]
  # Another line's is shown there again, by the same handle.
  printf '%s\n' "https://127.0.0.1:$ASKING/to?to=https://127.0.0.1:$ASKING_TOO/who" \
    "https://127.0.0.1:$ASKING_TOO/who" "$who" >"$BATS_TEST_TMPDIR/list"
  body_of "$BATS_TEST_TMPDIR/list" -c 1 "${show[@]}"
  [[ $body == $'NONE \nSUCCESS CN=client\nSUCCESS CN=client' ]] || {
    echo "$body"
    return 1
  }
}

@test "a client certificate that cannot be used" {
  expect 'tls client_cert tls 1 1' "$ASKING" --cacert "$CA" \
    --cert "$CERTS/client.crt" --key "$CERTS/good.key"
  local option
  for option in --cert --key --pinnedpubkey; do
    run --separate-stderr -2 "$AFETCH" "$option" "$BATS_TEST_TMPDIR/none" https://a/
    [[ $stderr == "afetch: $option: cannot read $BATS_TEST_TMPDIR/none: "* ]]
    run --separate-stderr -2 "$AFETCH" "$option" "$BATS_TEST_TMPDIR" https://a/
    [[ $stderr == "afetch: $option: $BATS_TEST_TMPDIR is a folder" ]]
  done
}

# The pin of a certificate's key.
pin_of() {
  openssl x509 -in "$1" -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | base64 | sed 's|^|sha256//|'
}

@test "--pinnedpubkey trusts one key, whatever the authorities say" {
  local good other file=$BATS_TEST_TMPDIR/key.pem list=$BATS_TEST_TMPDIR/list
  good=$(pin_of "$CERTS/good.crt")
  other=$(pin_of "$CERTS/other.crt")
  expect '200 1 0' "$GOOD" --cacert "$CA" --pinnedpubkey "$good"
  expect '200 1 0' "$GOOD" --cacert "$CA" --pinnedpubkey "$other;$good"
  expect '200 1 0' "$GOOD" -k --pinnedpubkey "$good"
  expect 'tls pin tls 1 1' "$GOOD" --cacert "$CA" --pinnedpubkey "$other"
  expect 'tls pin tls 1 1' "$GOOD" -k --pinnedpubkey "$other"
  # It does not make up for a lack of trust.
  expect 'tls untrusted tls 1 1' "$GOOD" --pinnedpubkey "$good"
  openssl x509 -in "$CERTS/good.crt" -pubkey -noout >"$file"
  expect '200 1 0' "$GOOD" --cacert "$CA" --pinnedpubkey "$file"
  expect 'tls pin tls 1 1' "$OTHER" -k --pinnedpubkey "$file"
  printf '{"url":"https://127.0.0.1:%s/","pinnedpubkey":"%s"}\n' \
    "$GOOD" "$other" "$GOOD" "$good" >"$list"
  body_of "$list" -c 1
  [ "$body" = $'pin\nok' ]
}

@test "insecure of a line is for that line" {
  local list=$BATS_TEST_TMPDIR/list
  printf '{"url":"https://127.0.0.1:%s/","insecure":%s}\n' \
    "$OTHER" true "$OTHER" false "$OTHER" true >"$list"
  body_of "$list" -c 1
  [ "$body" = $'ok\nwrong_host\nok' ]
}
