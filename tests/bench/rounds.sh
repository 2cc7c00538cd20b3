# shellcheck shell=bash disable=SC2034,SC2153,SC2154,SC2317
# SPDX-License-Identifier: MIT
# One workload: its rounds, the check of every run, its rows in the results
# and its table. Knows nothing of what the contenders are.

results_begin() {
  printf '%s\t' workload round who urls wall_s user_s sys_s rss_kib status \
    first_ms lines rss_mark_kib rss_end_kib served valid >"$results"
  echo note >>"$results"
  printf '%s\t' workload who runs valid wall_s ratio cpu_s us_per_url \
    rss_mib first_ms growth_mib goal >"$summary"
  echo met >>"$summary"
}

# What a workload may set, and its defaults: goals are WHO:METRIC:OP:VALUE.
workload_reset() {
  title='' goals='' ideal=0 ca='' urls=$work/urls
  concurrency=100 rounds=$ROUNDS limit=120
  contenders=() needs=() skip=
  workload_prepare() { :; }
  workload_command() { "command_$1"; }
  workload_fault() { :; } # prints why a run that seems whole is not
}

# Why run $who is not to be counted; empty when it is.
run_fault() {
  local lines ok

  if [ "$status" -ne 0 ]; then
    echo "exit $status"
  elif [ "$who" = wrk ]; then
    return
  elif [ "$served" -lt "$count" ]; then
    echo "only $served requests reached the server"
  elif [ "${#feed[@]}" -gt 0 ]; then
    [ "$lines_back" = "$count" ] || [ "$who" != afetch ] ||
      echo "$lines_back records for $count URLs"
  elif [ "$who" = afetch ]; then
    : >>"$work/records"
    lines=$(wc -l <"$work/records")
    ok=$(grep -cE '"ok": ?true' "$work/records" || true)
    [ "$lines $ok" = "$count $count" ] ||
      echo "$lines records, $ok of them ok, for $count URLs"
  fi
}

# The same, the workload's own view included.
fault_find() {
  local fault

  fault=$(run_fault)
  [ -n "$fault" ] || fault=$(workload_fault "$who")
  echo "$fault"
}

# wrk runs for a second: its costs for $count requests.
wrk_scale() {
  awk -v count="$count" -v OFS='\t' '
    FNR == NR && / requests in / { share = count / $1 }
    FNR < NR { $1 *= share; $2 *= share; $3 *= share; print }
  ' "$work/out" FS='\t' "$work/cost" >"$work/cost.scaled"
  mv "$work/cost.scaled" "$work/cost"
}

# Runs contender $who once, and writes its row.
run_once() {
  local command=() feed=() count=$count before served fault note
  local wall user sys rss status first lines_back rss_mark rss_end

  workload_command "$who"
  before=$(requests_served)
  "$BUILD/bench/measure" -o "$work/cost" -t "$limit" \
    ${feed[@]+"${feed[@]}"} "${command[@]}" \
    </dev/null >"$work/out" 2>"$work/err" &
  measured=$!
  wait "$measured"
  measured=
  served=$(($(requests_served) - before - own_requests))
  [ "$who" != wrk ] || wrk_scale
  IFS=$'\t' read -r wall user sys rss status first lines_back rss_mark \
    rss_end <"$work/cost"
  fault=$(fault_find)
  note=$fault
  if [ -z "$fault" ] && [ "$who" != wrk ] && [ "$served" -gt "$count" ]; then
    note="$((served - count)) requests more than URLs"
  fi
  if [ -n "$fault" ]; then
    echo "bench: $workload: $who: invalid run: $fault" >&2
    head -n 3 "$work/err" | cut -c 1-200 >&2
    [ "$who" != afetch ] || afetch_invalid=$((afetch_invalid + 1))
  fi
  printf '%s\t' "$workload" "$round" "$who" "$count" "$wall" "$user" "$sys" \
    "$rss" "$status" "$first" "$lines_back" "$rss_mark" "$rss_end" "$served" \
    "$([ -z "$fault" ] && echo 1 || echo 0)" >>"$results"
  echo "$note" >>"$results"
}

# Sets present and absent: the contenders to run, and those not installed.
contenders_find() {
  local who

  present=() absent=()
  for who in "${contenders[@]}"; do
    if [ "$who" != afetch ] && [ -n "${PEERS-}" ] &&
      [[ " ${PEERS//,/ } " != *" $who "* ]]; then
      continue
    elif peer_installed "$who"; then
      present+=("$who")
    else
      absent+=("$who")
    fi
  done
}

# Runs workload $1: all its contenders in turn, round after round.
workload_run() {
  local workload=$1 work=$tmp/$1 count round who tool
  local title goals ideal hosts ca urls concurrency rounds limit
  local contenders needs skip present absent

  mkdir "$work"
  workload_reset
  # shellcheck source=/dev/null
  . "$here/workloads/$1.sh"
  if [ -n "$skip" ]; then
    echo "$workload: skipped: $skip"
    return
  fi
  for tool in "${needs[@]}"; do
    if ! command -v "$tool" >/dev/null && [ ! -x "$tool" ]; then
      echo "$workload: skipped: ${tool##*/} is not there (make deps bench-deps)"
      return
    fi
  done
  contenders_find
  echo "$workload: $title ..." >&2
  workload_prepare
  for ((round = 1; round <= rounds; round++)); do
    for who in ${present[@]+"${present[@]}"}; do
      run_once
    done
  done
  servers_stop
  rm -rf "$work"
  awk -v workload="$workload" -v title="$title" -v goals="$goals" \
    -v ideal="$ideal" -v rounds="$rounds" -v order="${contenders[*]}" \
    -v absent=" ${absent[*]-} " -v summary="$summary" \
    -f "$here/table.awk" "$results"
}
