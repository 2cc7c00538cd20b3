#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the completions of bash, zsh and fish from the table of options, as
# `afetch --dump-options` prints it. Usage: generate.sh [FOLDER]; the results
# are committed, and a test compares them with what this script makes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here}
build=${BUILD:-$here/../build}
note='made by completions/generate.sh: do not edit'
rows=$("$build/afetch" --dump-options)

# Calls a function for each row of the table, its columns in variables.
each_row() {
  local name alias letter arg def kind choices hint help
  while IFS=$'\t' read -r name alias letter arg def kind choices hint _ \
    help _; do
    [ "$alias" = - ] && alias=
    [ "$letter" = - ] && letter=
    [ "$arg" = - ] && arg=
    [ "$choices" = - ] && choices=
    "$@"
  done <<<"$rows"
}

# The forms of an option: "-c --concurrency", the long ones followed by $1.
forms() {
  [ -z "$letter" ] || printf -- '-%s%s\n' "$letter" "${2-}"
  printf -- '--%s%s\n' "$name" "${1-}"
  [ -z "$alias" ] || printf -- '--%s%s\n' "$alias" "${1-}"
}

# A flag that is on by default is worth its negation.
is_on() {
  [ "$kind $def" = 'flag true' ]
}

bash_words() {
  forms
  ! is_on || printf -- '--no-%s\n' "$name"
}

# Options whose value nobody can guess share one case, without an action.
# shellcheck disable=SC2016 # $cur belongs to the script that is made
bash_case() {
  local action=''
  case $hint in
  file) action='_afetch_files -f "$cur"' ;;
  dir) action='_afetch_files -d "$cur"' ;;
  esac
  [ -z "$choices" ] || action="_afetch_words '${choices//,/ }' \"\$cur\""
  [ -n "$arg" ] || return 0
  if [ "$1" = known ] && [ -n "$action" ]; then
    printf '  %s)\n    %s\n    return\n    ;;\n' \
      "$(forms | paste -sd '|' | sed 's/|/ | /g')" "$action"
  elif [ "$1 $action" = 'unknown ' ]; then
    forms
  fi
}

make_bash() {
  cat <<END
# bash completion of afetch; $note

_afetch_words() {
  mapfile -t COMPREPLY < <(compgen -W "\$1" -- "\$2")
}

_afetch_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "\$1" -- "\$2")
}

_afetch() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev='' word
  COMPREPLY=()
  ((COMP_CWORD < 1)) || prev=\${COMP_WORDS[COMP_CWORD - 1]}
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ \$word == -- ]]; then
      _afetch_files -f "\$cur"
      return
    fi
  done
  # "--name=value" comes as three words.
  if [[ \$cur == = ]]; then
    cur=
  elif [[ \$prev == = ]] && ((COMP_CWORD > 1)); then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case \$prev in
$(each_row bash_case known)
  $(each_row bash_case unknown | paste -sd '|' | sed 's/|/ | \\\n  /g'))
    return
    ;;
  esac
  if [[ \$cur == -* ]]; then
    _afetch_words '
$(each_row bash_words | sed 's/^/      /')
    ' "\$cur"
  else
    _afetch_files -f "\$cur"
  fi
}

complete -F _afetch afetch
END
}

# Text for a zsh spec between single quotes.
zsh_text() {
  sed -e 's/[]:\\[]/\\&/g' -e "s/'/'\\\\''/g" <<<"$1"
}

zsh_value() {
  local action=' '
  [ -n "$arg" ] || return 0
  case $hint in
  file) action=_files ;;
  dir) action='_files -/' ;;
  url) action=_urls ;;
  esac
  [ -z "$choices" ] || action="(${choices//,/ })"
  printf ':%s:%s' "$(zsh_text "$arg")" "$action"
}

# One line of _arguments: $1 what it excludes, $2 its forms (a brace list
# where there are several), $3 its text, then what follows it.
zsh_spec() {
  local list=$2
  case $list in
  *,*) printf "    '%s'{%s}'[%s]%s' \\\\\n" "$1" "$list" "$3" "$4" ;;
  *) printf "    '%s%s[%s]%s' \\\\\n" "$1" "$list" "$3" "$4" ;;
  esac
}

zsh_row() {
  local text others suffix='' plus=''
  text=$(zsh_text "$help")
  others="($(forms | paste -sd ' '))"
  ! is_on || others="${others%)} --no-$name)"
  [ -z "$arg" ] || suffix='=' plus='+'
  case $kind in
  list) others='*' ;;
  action) others='(- *)' ;;
  esac
  zsh_spec "$others" "$(forms "$suffix" "$plus" | paste -sd ,)" "$text" \
    "$(zsh_value)"
  ! is_on || zsh_spec "$others" "--no-$name" "do not: $text" '' |
    sed 's/do not:/do not\\:/'
}

make_zsh() {
  cat <<END
#compdef afetch
# zsh completion of afetch; $note

_afetch_targets() {
  _alternative 'lists:list of URLs:_files' 'urls:URL:_urls'
}

_afetch() {
  _arguments -s -S : \\
$(each_row zsh_row)
    '*:URL or list:_afetch_targets'
}

_afetch "\$@"
END
}

fish_text() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\'/\\\'}"
}

fish_line() {
  printf "complete -c afetch %s -d '%s'\n" "$1" "$(fish_text "$2")"
}

fish_row() {
  local value=''
  [ -z "$arg" ] || value=' -x'
  case $hint in
  file) value=' -r -F' ;;
  dir) value=" -x -a '(__fish_complete_directories)'" ;;
  esac
  [ -z "$choices" ] || value=" -x -a '${choices//,/ }'"
  fish_line "${letter:+-s $letter }-l $name$value" "$help"
  [ -z "$alias" ] || fish_line "-l $alias$value" "$help"
  ! is_on || fish_line "-l no-$name" "do not: $help"
}

make_fish() {
  printf '# fish completion of afetch; %s\n\n' "$note"
  each_row fish_row
}

make_bash >"$to/afetch.bash"
make_zsh >"$to/_afetch"
make_fish >"$to/afetch.fish"
