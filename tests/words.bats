#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The words: the table of options, the help, the man page and the completions
# say the same, the man page has every published word, and wrong use is
# answered with the nearest right one.

load helper

setup() {
  cd "$ROOT" || return 1
}

# The man page as plain text, every paragraph on one line.
man_text() {
  mandoc -Tascii -O width=1000 man/afetch.1 2>/dev/null | sed 's/.\x08//g'
}

# A section of it, without its heading.
man_section() {
  man_text | awk -v want="$1" '
    /^[^ ]/ { inside = $0 == want; next }
    inside'
}

# The heads of a section's lists of words: those that match $2.
man_heads() {
  man_section "$1" | sed -nE "s/^ {5}($2)( {2,}.*)?\$/\1/p"
}

option_heads='-[^ ]+(, --[^ ]+)*( [A-Z0-9:]+)?'

# What stands below a head of OPTIONS.
man_option() {
  man_section OPTIONS | awk -v head="     $1" '
    match($0, /[^ ]/) && RSTART <= 6 {
      inside = index($0 "  ", head "  ") == 1
    }
    inside'
}

# The forms of each option: "-m, --max-time, --timeout D".
table_forms() {
  "$AFETCH" --dump-options | awk -F'\t' '{
    forms = ($3 == "-" ? "" : "-" $3 ", ") "--" $1
    if ($2 != "-") forms = forms ", --" $2
    if ($6 == "flag" && $5 == "true") forms = forms ", --no-" $1
    print forms ($4 == "-" ? "" : " " $4)
  }'
}

@test "the help shows every option with its letter and value" {
  local table help
  table=$(table_forms)
  help=$("$AFETCH" --help | sed -nE \
    -e '/^  (-|    --)/!d' \
    -e 's/^ +//' -e 's/ {2,}.*//' \
    -e 's/--\[no-\](.*)/--\1, --no-\1/' -e p)
  [ "$(wc -l <<<"$table")" -gt 40 ]
  same "$table" "$help"
}

@test "the help shows every default, in 80 columns" {
  local help row
  help=$("$AFETCH" --help)
  [ -z "$(awk 'length > 80' <<<"$help")" ]
  while IFS=$'\t' read -r name _ _ _ def kind _; do
    [ "$def" != - ] || continue
    [ "$kind" != flag ] || def=on
    row=$(awk -v name="$name" '
      /^  (-|    --)/ {
        inside = match($0, "--(\\[no-\\])?" name "[ ,]")
      }
      /^[^ ]|^$/ { inside = 0 }
      inside' <<<"$help")
    [[ $row == *"[$def]"* ]] || {
      echo "--help does not show that --$name is $def: $row"
      return 1
    }
  done < <("$AFETCH" --dump-options)
}

@test "help and version leave stderr alone and exit 0" {
  for option in --help -h --version -V --list-fields; do
    run --separate-stderr "$AFETCH" "$option"
    [ "$status" -eq 0 ]
    [ -n "$output" ]
    [ -z "$stderr" ]
  done
}

@test "the man page has no faults" {
  need mandoc
  local faults
  # Whether other manuals are installed is not the page's fault.
  faults=$(mandoc -Tlint man/afetch.1 2>&1 |
    grep -vE 'referenced manual not found|mandoc\.db' || true)
  same '' "$faults"
}

@test "the man page has the options of the table, name, letter and value" {
  need mandoc
  same "$(table_forms)" "$(man_heads OPTIONS "$option_heads")"
}

@test "the man page groups the options as the help does" {
  need mandoc
  same "$("$AFETCH" --help | sed -nE 's/^([A-Z][^:]*):$/\1/p')" \
    "$(man_section OPTIONS | sed -nE 's/^ {3}([^ ].*)$/\1/p')"
}

@test "the man page shows every default" {
  need mandoc
  local forms def kind text
  while IFS=$'\t' read -r forms def kind; do
    [ "$def" != - ] || continue
    [ "$kind" != flag ] || def=on
    text=$(man_option "$forms")
    [[ $text == *"The default is $def."* ]] || {
      echo "$forms: \"The default is $def.\" is not in: $text"
      return 1
    }
  done < <(paste <(table_forms) <("$AFETCH" --dump-options | cut -f 5,6))
}

@test "the man page shows no default that is none" {
  need mandoc
  local known said
  known=$("$AFETCH" --dump-options | awk -F'\t' '$5 != "-"' | wc -l)
  said=$(man_section OPTIONS | grep -o 'The default is' | wc -l)
  [ "$known" -eq "$said" ]
}

@test "the man page has every exit status" {
  need mandoc
  same "$(words_of exit)" "$(man_heads 'EXIT STATUS' '[0-9]+(\+n)?')"
}

@test "the man page and --list-fields have every field, in order" {
  need mandoc
  same "$(words_of field)" "$(man_heads 'THE RECORD' '[a-z_0-9]+')"
  same "$(words_of field)" "$("$AFETCH" --list-fields | cut -d ' ' -f 1)"
}

@test "the man page has every class, code and phase of errors" {
  need mandoc
  local errors phases
  errors=$(man_section 'CLASSES AND CODES' | sed '/^   Phases/,$d')
  phases=$(man_section 'CLASSES AND CODES' | sed '1,/^   Phases/d')
  same "$(words_of class)" \
    "$(sed -nE 's/^ {5}([a-z_]+) {2,}.*/\1/p' <<<"$errors")"
  same "$(words_of phase)" \
    "$(sed -nE 's/^ {5}([a-z_]+) {2,}.*/\1/p' <<<"$phases")"
  # Some codes belong to several classes.
  same "$(words_of code | sort)" \
    "$(sed -nE 's/.*Codes: (.*)\.$/\1/p' <<<"$errors" |
      sed 's/, /\n/g' | sort -u)"
}

@test "the completions are those of the table" {
  bash completions/generate.sh "$BATS_TEST_TMPDIR"
  for file in afetch.bash _afetch afetch.fish; do
    diff "completions/$file" "$BATS_TEST_TMPDIR/$file"
  done
}

# What bash offers for the words of a command line, the last one unfinished.
bash_offers() {
  bash -c '
    . completions/afetch.bash
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _afetch
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash completes names, choices and files" {
  bash -n completions/afetch.bash
  [ "$(bash_offers afetch --conc)" = --concurrency ]
  [ "$(bash_offers afetch --no-l)" = --no-location ]
  [ "$(bash_offers afetch --body in)" = inline ]
  [ "$(bash_offers afetch --body = in)" = inline ]
  [ "$(bash_offers afetch --body =)" = $'none\ninline\nfile' ]
  [ "$(bash_offers afetch -i completions/_a)" = completions/_afetch ]
  [ "$(bash_offers afetch -- completions/_a)" = completions/_afetch ]
  [ -z "$(bash_offers afetch -c 1)" ]
  [ -z "$(bash_offers afetch --dump)" ]
}

@test "zsh loads its completion" {
  need zsh
  zsh -n completions/_afetch
  run zsh -f -c '
    fpath=($PWD/completions $fpath)
    autoload -Uz compinit && compinit -u -D
    [[ $_comps[afetch] == _afetch ]] && autoload +X _afetch && print ok'
  [ "$output" = ok ]
}

@test "fish completes names, choices and negations" {
  need fish
  local offers
  HOME=$BATS_TEST_TMPDIR
  fish -n completions/afetch.fish
  fish_offers() {
    fish --no-config -c "source completions/afetch.fish
      complete -C '$1'" | cut -f 1
  }
  [ "$(fish_offers 'afetch --conc')" = --concurrency ]
  [ "$(fish_offers 'afetch --no-l')" = --no-location ]
  offers=$(fish_offers 'afetch --input-format ')
  [ "$(sort <<<"$offers")" = $'auto\njsonl\nurls' ]
}

@test "an unknown option names the nearest" {
  run --separate-stderr "$AFETCH" --concurency 5 http://127.0.0.1/
  [ "$status" -eq 2 ]
  [ -z "$output" ]
  [[ $stderr == *'--concurency'*'did you mean --concurrency?'* ]]

  run "$AFETCH" --no-locaton
  [ "$status" -eq 2 ]
  [[ $output == *'did you mean --no-location?'* ]]

  run "$AFETCH" --tiemout=5
  [[ $output == *'did you mean --timeout?'* ]]

  run "$AFETCH" --frobnicate
  [ "$status" -eq 2 ]
  [[ $output == *'unknown option --frobnicate'* ]]
  [[ $output != *'did you mean'* ]]
}

@test "unknown words in values name the nearest" {
  run "$AFETCH" --fields statsu http://127.0.0.1/
  [ "$status" -eq 2 ]
  [[ $output == *--fields*statsu*status* ]]

  run "$AFETCH" --retry-on 503,tiemout http://127.0.0.1/
  [ "$status" -eq 2 ]
  [[ $output == *--retry-on*tiemout*timeout* ]]

  run "$AFETCH" --body fiel http://127.0.0.1/
  [ "$status" -eq 2 ]
  [[ $output == *--body*'none, inline'*file* ]]
}

@test "values out of range and options at odds exit 2" {
  local line
  for line in '-c 0' '-c 65536' '--queue 0' '-m 5x' '--retry-delay 2m' \
    '--connect-timeout 0' '--location=yes' '-s -v' '-c' '--max-body 1X'; do
    # shellcheck disable=SC2086 # the words of the line
    run --separate-stderr "$AFETCH" $line
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ $stderr == 'afetch: -'* ]]
  done
}

@test "--version names afetch and its libraries" {
  run "$AFETCH" --version
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == 'afetch '* ]]
  [[ $output == *libcurl* ]]
  [[ $output == *libev* ]]
  [[ $output == *cJSON* ]]
}
