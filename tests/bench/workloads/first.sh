# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
# One URL on a stdin that stays open: how long until its record (of a peer:
# its body) comes out? After 200 ms without one, stdin is closed. (wget2 never
# ends with one URL on a pipe, and aria2 prints nothing of what it fetches.)
count=1
title='ms from the start to the first line out while stdin stays open'
contenders=(afetch curl)
needs=(nginx)
goals='afetch:first:<:30'
rounds=20

workload_prepare() {
  nginx_start
}

workload_command() {
  feed=(-n 1 -u "$origin/" -w 200)
  case $1 in
    afetch) command=("$BUILD/afetch" -s) ;;
    curl)
      feed=(-n 1 -u "url = $origin/" -w 200)
      command=(curl -q -f -s --no-progress-meter -Z -K -)
      ;;
  esac
}
