# bash completion of afetch; made by completions/generate.sh: do not edit

_afetch_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_afetch_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_afetch() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev='' word
  COMPREPLY=()
  ((COMP_CWORD < 1)) || prev=${COMP_WORDS[COMP_CWORD - 1]}
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ $word == -- ]]; then
      _afetch_files -f "$cur"
      return
    fi
  done
  # "--name=value" comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]] && ((COMP_CWORD > 1)); then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $prev in
  -i | --input)
    _afetch_files -f "$cur"
    return
    ;;
  --input-format)
    _afetch_words 'auto urls jsonl' "$cur"
    return
    ;;
  --default-scheme)
    _afetch_words 'http https' "$cur"
    return
    ;;
  --user-file)
    _afetch_files -f "$cur"
    return
    ;;
  --oauth2-bearer-file)
    _afetch_files -f "$cur"
    return
    ;;
  --netrc-file)
    _afetch_files -f "$cur"
    return
    ;;
  -b | --cookie)
    _afetch_files -f "$cur"
    return
    ;;
  --cookie-jar)
    _afetch_files -f "$cur"
    return
    ;;
  --etag-store)
    _afetch_files -f "$cur"
    return
    ;;
  --cacert)
    _afetch_files -f "$cur"
    return
    ;;
  --capath)
    _afetch_files -d "$cur"
    return
    ;;
  -E | --cert)
    _afetch_files -f "$cur"
    return
    ;;
  --key)
    _afetch_files -f "$cur"
    return
    ;;
  --tls-max)
    _afetch_words '1.2 1.3' "$cur"
    return
    ;;
  --unix-socket)
    _afetch_files -f "$cur"
    return
    ;;
  --proxy-list)
    _afetch_files -f "$cur"
    return
    ;;
  --host-config)
    _afetch_files -f "$cur"
    return
    ;;
  --order)
    _afetch_words 'fifo lifo random' "$cur"
    return
    ;;
  -o | --output)
    _afetch_files -f "$cur"
    return
    ;;
  --body)
    _afetch_words 'none inline file' "$cur"
    return
    ;;
  --output-dir)
    _afetch_files -d "$cur"
    return
    ;;
  --hash)
    _afetch_words 'none sha256' "$cur"
    return
    ;;
  --stream)
    _afetch_words 'none lines sse json' "$cur"
    return
    ;;
  --control)
    _afetch_files -f "$cur"
    return
    ;;
  --config)
    _afetch_files -f "$cur"
    return
    ;;
  --queue | \
  -X | \
  --request | \
  -H | \
  --header | \
  -A | \
  --user-agent | \
  -e | \
  --referer | \
  -r | \
  --range | \
  --max-redirs | \
  -d | \
  --data | \
  --data-raw | \
  --data-binary | \
  --data-urlencode | \
  --json | \
  -F | \
  --form | \
  --form-string | \
  -u | \
  --user | \
  --oauth2-bearer | \
  --pass | \
  --pinnedpubkey | \
  --ciphers | \
  --interface | \
  --resolve | \
  --connect-to | \
  --dns-ttl | \
  -x | \
  --proxy | \
  --noproxy | \
  -U | \
  --proxy-user | \
  --allow-host | \
  --deny-host | \
  --limit-rate | \
  -c | \
  --concurrency | \
  --host-concurrency | \
  --rate | \
  --host-rate | \
  --burst | \
  --host-delay | \
  --jitter | \
  --host-max-errors | \
  --host-retry-after | \
  --bandwidth | \
  --max-failures | \
  --min-sample | \
  --first | \
  --connect-timeout | \
  -m | \
  --max-time | \
  --timeout | \
  --request-time | \
  --deadline | \
  --grace | \
  --speed-limit | \
  --speed-time | \
  --retry | \
  --retry-on | \
  --retry-delay | \
  --retry-max-delay | \
  --retry-max-time | \
  --max-retry-after | \
  --seed | \
  --fsync | \
  --order-window | \
  --fields | \
  --accept | \
  --name | \
  --max-body | \
  --max-ratio | \
  --slow-callback)
    return
    ;;
  esac
  if [[ $cur == -* ]]; then
    _afetch_words '
      -i
      --input
      --input-format
      --default-scheme
      --glob
      --strict
      --cap-lines
      --dedupe
      --queue
      -X
      --request
      -I
      --head
      -H
      --header
      -A
      --user-agent
      -e
      --referer
      -r
      --range
      -L
      --location
      --no-location
      --max-redirs
      --compressed
      --no-compressed
      -d
      --data
      --data-raw
      --data-binary
      --data-urlencode
      --json
      -G
      --get
      -F
      --form
      --form-string
      -u
      --user
      --user-file
      --digest
      --oauth2-bearer
      --oauth2-bearer-file
      --netrc-file
      --show-secrets
      -b
      --cookie
      --cookie-jar
      --etag-store
      -k
      --insecure
      --cacert
      --capath
      -E
      --cert
      --key
      --pass
      --pinnedpubkey
      --tlsv1.2
      --tlsv1.3
      --tls-max
      --ciphers
      --http1.1
      --http2
      --http2-prior-knowledge
      --http3
      -4
      --ipv4
      -6
      --ipv6
      --interface
      --unix-socket
      --resolve
      --connect-to
      --dns-ttl
      -x
      --proxy
      --noproxy
      -U
      --proxy-user
      --proxy-list
      --block-private
      --allow-host
      --deny-host
      --limit-rate
      -c
      --concurrency
      --host-concurrency
      --rate
      --host-rate
      --burst
      --host-delay
      --jitter
      --adaptive
      --host-max-errors
      --host-retry-after
      --bandwidth
      --host-config
      --order
      --fail-fast
      --max-failures
      --min-sample
      --first
      --race
      --dry-run
      --connect-timeout
      -m
      --max-time
      --timeout
      --request-time
      --deadline
      --grace
      --speed-limit
      --speed-time
      --retry
      --retry-on
      --retry-delay
      --retry-max-delay
      --retry-max-time
      --retry-after
      --no-retry-after
      --max-retry-after
      --retry-unsafe
      --seed
      -o
      --output
      --force
      --resume
      --retry-failed
      --fsync
      --keep-order
      --order-window
      --fields
      --list-fields
      --headers
      --accept
      --exit-zero
      --body
      --output-dir
      --name
      --skip-existing
      --continue
      --hash
      --max-body
      --max-ratio
      --stream
      --raw
      -s
      --silent
      -v
      --verbose
      --debug
      --slow-callback
      --control
      --config
      --no-config
      --show-config
      -h
      --help
      -V
      --version
    ' "$cur"
  else
    _afetch_files -f "$cur"
  fi
}

complete -F _afetch afetch
