# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Many small URLs of one host.
count=$((20000 / SCALE))
title="$count small URLs of one host, c=100"
contenders=(afetch wget2 curl aiohttp aria2 wrk)
needs=(nginx)
goals='afetch:us:<:18 wget2:ratio:>=:1.0 curl:ratio:>=:2.5
aiohttp:ratio:>=:10'

workload_prepare() {
  nginx_start
  seq -f "$origin/%.0f" "$count" >"$urls"
}
