# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# URLs that take 200 ms each, a thousand at a time: 20,000 of them cannot
# take less than 4 s. curl is not here, it fetches at most 300 at a time.
concurrency=1000
count=$((20000 / SCALE))
ideal=$(awk -v n="$count" -v c="$concurrency" \
  'BEGIN { print 0.2 * int((n + c - 1) / c) }')
title="$count URLs of 200 ms each, c=1000"
contenders=(afetch wget2 aiohttp)
needs=("$BUILD/origin")
goals='afetch:ideal:<=:1.05 afetch:cpu:<:1'

workload_prepare() {
  origin_start
  seq -f "$origin/delay/0.2?n=%.0f" "$count" >"$urls"
}
