# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# Many hosts, each twice: first all of them, then all of them again. The
# hosts are addresses of 127.0.0.0/8.
hosts=$((10000 / SCALE))
count=$((2 * hosts))
title="$hosts hosts, 2 URLs each, c=100"
contenders=(afetch wget2 curl aiohttp)
needs=(nginx)
goals='wget2:ratio:>=:1.5 curl:ratio:>=:8'

workload_prepare() {
  nginx_start
  awk -v hosts="$hosts" -v port="$port" 'BEGIN {
    for (path = 1; path <= 2; path++)
      for (i = 0; i < hosts; i++)
        printf "http://127.%d.%d.1:%s/%d\n", 1 + i / 250, i % 250, port, path
  }' >"$urls"
}
