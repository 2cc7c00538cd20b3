# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Many small URLs of one host over HTTP/2 and TLS, verified.
count=$((20000 / SCALE))
title="$count URLs of one host over HTTP/2 and TLS, c=100"
contenders=(afetch wget2 curl h2load)
needs=(nginx openssl)
goals='wget2:ratio:>=:1.2'

workload_prepare() {
  nginx_start tls
  ca=$work/cert.pem
  seq -f "$tls_origin/%.0f" "$count" >"$urls"
}
