#!/bin/bash
# SPDX-License-Identifier: MIT
# The rules of style that a machine can see; a line for each breach.
#
# Looks at the C files' text, and for mutable state at the objects that
# `make lint` has compiled ($LINT_OBJ, build/lint/obj by default).
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C.UTF-8
shopt -s nullglob globstar
objects=${LINT_OBJ:-build/lint/obj}
bad=0

ours=(src/**/*.[ch] include/**/*.[ch])
tests=(tests/unit/*.[ch] tests/origin/*.[ch] tests/bench/*.[ch] tests/preload/*.c)
scripts=(tests/*.{sh,bash,bats} tests/bench/*.sh completions/*.sh .ci/run)

breach() {
  echo "$*"
  bad=1
}

# grep's options, then files: each match is a breach of the rule.
forbid() {
  local rule=$1 line
  shift
  while IFS= read -r line; do
    breach "$line   <- $rule"
  done < <(grep -HnE "$@")
}

# Prints FILE:LINE:CODE with comments and string literals taken out.
code_of() {
  awk '
  FNR == 1 { within = 0 }
  {
      code = ""
      rest = $0
      while (rest != "") {
          if (within) {
              at = index(rest, "*/")
              if (!at)
                  break
              rest = substr(rest, at + 2)
              within = 0
          } else if (match(rest, /\/\*|\/\/|"([^"\\]|\\.)*"|'\''(\\.|[^'\''\\])+'\''/)) {
              code = code substr(rest, 1, RSTART - 1)
              found = substr(rest, RSTART, 2)
              if (found == "//")
                  break
              within = found == "/*"
              if (!within)
                  code = code "\"\""
              rest = substr(rest, RSTART + (within ? 2 : RLENGTH))
          } else {
              code = code rest
              break
          }
      }
      if (code ~ /[^ \t]/)
          print FILENAME ":" FNR ":" code
  }' "$@"
}

# Words called in the code of the files, but those of one file.
forbid_calls() {
  local rule=$1 words=$2 line
  shift 2
  [ $# -gt 0 ] || return
  while IFS= read -r line; do
    breach "$line   <- $rule"
  done < <(code_of "$@" |
    grep -E "^[^:]*:[0-9]+:(.*[^A-Za-z0-9_])?($words)[ ]*\(")
}

# The arguments that match none of the patterns in $1.
but() {
  local pattern=$1 file
  shift
  for file in "$@"; do
    [[ $file =~ ^($pattern)$ ]] || echo "$file"
  done
}

forbid '80 columns' '.{81}' "${ours[@]}" "${tests[@]}" /dev/null
forbid 'no tabs, no blanks at the end' $'\t|[ ]$' "${ours[@]}" "${tests[@]}" \
  /dev/null
forbid 'no typedefs of structs' '^[[:space:]]*typedef (struct|enum|union)' \
  "${ours[@]}" "${tests[@]}" /dev/null

forbid_calls 'banned' \
  'sprintf|vsprintf|strcpy|strcat|strncpy|strtok|atoi|atof|sscanf|gets|system' \
  "${ours[@]}" "${tests[@]}"

mapfile -t files < <(but 'src/base/msg\.c|include/base/msg\.h' "${ours[@]}" |
  cat - <(but 'tests/origin/text\.c' tests/origin/*.c))
forbid_calls 'use xmalloc and its like' \
  'malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|vasprintf' \
  "${files[@]}"

mapfile -t files < <(
  but 'src/(app/main|model/opt(_.*)?|world/(progress|sink.*))\.c' "${ours[@]}"
)
forbid_calls 'not the place to print' 'printf|vprintf|puts|putchar' \
  "${files[@]}"

for file in "${ours[@]}" "${tests[@]}"; do
  IFS= read -r first <"$file"
  [[ $first = '/* SPDX-License-Identifier: MIT */' ]] ||
    breach "$file:1: no SPDX line"
done
for file in "${scripts[@]}" Makefile; do
  head -n 2 "$file" | grep -q '^# SPDX-License-Identifier: MIT$' ||
    breach "$file:1: no SPDX line"
done

# No file-scope mutable state (nor static locals): one struct owns everything.
for object in "$objects"/**/*.o; do
  source=${object#"$objects"/}
  [[ $source != app/main.o && -e src/${source%.o}.c ]] || continue
  while read -r symbol; do
    breach "$object: $symbol   <- mutable state of a file"
  done < <(objdump -t "$object" | awk '
    $1 ~ /^[0-9a-f]+$/ && / O / &&
    / (\.data|\.bss|\.tdata|\.tbss|\*COM\*)(\.[^ \t]*)?[ \t]/ &&
    !/ \.data\.rel\.ro/ { print $NF }')
done

exit $bad
