#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What README.md and the EXAMPLES of the man page say is true: every example is
# run, and README's tables have the words of the program.
#
# https://example.com is nginx here, with the pages that the examples speak of;
# what takes time or fails at first comes from the origin behind it. An example
# of README is a block of sh, and the block of text that follows is what it
# prints.
#
# Elsewhere: options, fields and words of the man page in words.bats.

# shellcheck disable=SC2016 # backquotes of README, not of the shell
load helper

setup_file() {
  start_origin
  start_nginx "
    location = / { default_type text/html; return 200 \"<h1>Home</h1>\\n\"; }
    location = /old { return 301 /newer; }
    location = /newer { return 302 /new; }
    location = /missing { return 404 \"gone\\n\"; }
    location = /slow { proxy_pass $ORIGIN/delay/0.3; }
    location = /stuck-once { proxy_pass $ORIGIN/flaky/stuck?fail=1&how=hang; }
    location = /back-again { proxy_pass $ORIGIN/flaky/back?fail=1; }
    location /api/ { proxy_pass $ORIGIN/echo/; }
    location = /prices { proxy_pass \"$ORIGIN/stream/prices?type=text/event-stream&retry=1&text=retry:1%0Aid:1%0Adata:EUR%201.09%0A%0A&end=close&text=data:EUR%201.10%0A%0A&end=done\"; proxy_buffering off; }
    location = /orders { proxy_pass \"$ORIGIN/stream/orders?type=text/event-stream&text=data:A-2%20paid%0A%0A\"; }
    location = /mirror/stuck { proxy_pass $ORIGIN/hang; }
    location = /mirror/missing { return 404; }
    location = /mirror/fine { return 200 \"fine\\n\"; }
    location = /logo.png { default_type image/png; }
    location = /api { proxy_pass $ORIGIN/echo; }"
  for path in / /new /page/1 /missing; do
    echo "<url><loc>$NGINX$path</loc></url>"
  done >"$NGINX_ROOT/sitemap.xml"
  mkdir "$NGINX_ROOT/page"
  echo first >"$NGINX_ROOT/page/first.txt"
  echo second >"$NGINX_ROOT/page/second.txt"
  printf '\x89PNG\r\n\x1a\n\0\xff' >"$NGINX_ROOT/logo.png"
}

# A folder with the files and programs that the examples use.
setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  mkdir bin
  ln -s "$AFETCH" bin/afetch
  PATH=$PWD/bin:$PATH
  export API_TOKEN=secret-of-the-test
  block text 1 | here >urls.txt
  grep -v mailto urls.txt >links.txt
  printf "$NGINX/page/%s.txt\n" first second >pages.txt
  printf '{"sku":"%s","price":1}\n' A-1 A-2 B-7 >products.jsonl
  printf '%s\n' '{"index":0,"url":"https://example.com/fine","ok":true}' \
    '{"index":1,"url":"https://example.com/back-again","ok":false}' |
    here >yesterday.jsonl
}

here() {
  sed "s|https://example\\.com|$NGINX|g"
}

there() {
  sed "s|$NGINX|https://example.com|g"
}

# The Nth block of a kind in README's examples.
block() { # KIND N
  sed -n '/^## Examples/,/^## The record/p' "$ROOT/README.md" |
    awk -v kind="$1" -v wanted="$2" '
      /^```/ { inside = !inside && $0 == "```" kind; n += inside; next }
      inside && n == wanted'
}

blocks() { # KIND
  sed -n '/^## Examples/,/^## The record/p' "$ROOT/README.md" | grep -c "^\`\`\`$1\$"
}

# Runs the Nth example and compares what it prints.
example() {
  block sh "$1" | here >example.sh
  [ -s example.sh ]
  run --separate-stderr -0 sh example.sh </dev/null
  # The first text is urls.txt.
  diff <(block text $(($1 + 1))) <(there <<<"$output")
  # shellcheck disable=SC2154 # run sets stderr
  [ -z "$stderr" ] || {
    echo "stderr: $stderr"
    return 1
  }
}

# The rows of the table under a heading: the words in `` of the first column.
table_words() {
  sed -n "/^## $1\$/,/^## /p" "$ROOT/README.md" |
    sed -nE 's/^\| (`[^|]*) \|.*/\1/p' | grep -o '`[^`]*`' | tr -d '`'
}

@test "README has fifteen examples, each with what it prints" {
  [ "$(blocks sh)" -eq 15 ]
  [ "$(blocks text)" -eq 16 ] # and urls.txt
}

@test "README, example 1: broken links" {
  example 1
}

@test "README, example 2: a CI job" {
  example 2
  jq -e .key report.jsonl >/dev/null
  [ "$(wc -l <report.jsonl)" -eq 5 ]
}

@test "README, example 3: failed requests again" {
  example 3
}

@test "README, example 4: rows of a data set" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  example 4
  [ "$(curl -s "$ORIGIN/log" | sort)" = "PUT /echo/items/A-1
PUT /echo/items/A-2
PUT /echo/items/B-7" ]
}

@test "README, example 5: a token" {
  example 5
  # It was sent, and the record without the body does not have it.
  block sh 5 | here | sed 's/--body inline.*/--body inline >records.jsonl/' >again.sh
  sh again.sh </dev/null
  jq -r .body records.jsonl | grep -q secret-of-the-test
  jq -c 'del(.body)' records.jsonl | run ! grep -q secret-of-the-test
}

@test "README, example 6: numbered pages" {
  : >"$NGINX_LOG"
  example 6
  [ "$(awk '{ print $5 }' "$NGINX_LOG" | grep -c '^/page/')" -eq 40 ]
}

@test "README, example 7: slow pages" {
  example 7
}

@test "README, example 8: redirects" {
  example 8
}

@test "README, example 9: a sitemap" {
  example 9
}

@test "README, example 10: saved pages" {
  example 10
  [ "$(<pages/0.html)" = '<h1>Home</h1>' ]
  cmp pages/1.png "$NGINX_ROOT/logo.png"
}

@test "README, example 11: what has changed" {
  example 11
  [ "$(jq -s length etags.jsonl)" -eq 2 ]
}

@test "README, example 12: events" {
  example 12
}

@test "README, example 13: a run that goes on" {
  curl -s "$ORIGIN/stats/reset" >/dev/null
  example 13
  [ "$(jq -s length items.jsonl)" -eq 301 ]
  # What was answered by the first run was not sent again.
  [ "$(origin_stats .requests)" -eq 302 ]
}

@test "README, example 14: mirrors" {
  example 14
}

@test "README, example 15: options in a file" {
  example 15
  # All were read, or answered for: 10,000 and no more.
  [ "$(wc -l <report.jsonl)" -le 10000 ]
}

# The examples of the man page: a line "N TEXT" for each line of the Nth.
man_examples() {
  awk '
    /^\.Ss Examples/ { inside = 1; next }
    /^\.S[hs] / { inside = 0 }
    !inside { next }
    /^\.Dl / { print ++n, substr($0, 5); next }
    /^\.Bd / { block = 1; n++; next }
    /^\.Ed/ { block = 0; next }
    block { print n, $0 }' "$ROOT/man/afetch.1" | sed 's/\\e/\\/g'
}

# Runs the Nth: the commands behind "$ ", with what continues them. What a
# `cat FILE` is said to print becomes that file.
man_example() {
  man_examples | sed -n "s/^$1 //p" | here >example
  [ -s example ]
  awk '
    /^\$ / { sub(/^\$ /, ""); command = 1 }
    /^cat / { file = $2; command = 0; next }
    command { print; command = /[|\\]$/; next }
    file { print >file }' example >example.sh
  run --separate-stderr sh example.sh </dev/null
  [ -z "$stderr" ] || {
    echo "stderr: $stderr"
    return 1
  }
}

@test "the man page has nine examples" {
  [ "$(man_examples | cut -d ' ' -f 1 | uniq | wc -l)" -eq 9 ]
}

@test "man page, example 1: what is wrong" {
  man_example 1
  [ "$(sort <<<"$output")" = "$(printf '%s\t%s\n' "$NGINX/missing" status \
    mailto:someone@example.org scheme | sort)" ]
}

@test "man page, example 2: statuses" {
  man_example 2
  [ "$(xargs <<<"$output")" = '3 200 1 404 1 null' ]
}

@test "man page, example 3: links in CI" {
  man_example 3
  [ "$status" -eq 1 ]
  [ "$(jq -s length report.jsonl)" -eq 4 ]
  grep -v missing links.txt >fine && mv fine links.txt
  man_example 3
  [ "$status" -eq 0 ]
}

@test "man page, example 4: failed requests again" {
  "$AFETCH" -m 50ms --retry 0 "$NGINX/slow" "$NGINX/" >report.jsonl || [ $? -eq 1 ]
  [ "$(jq -s 'map(select(.ok)) | length' report.jsonl)" -eq 1 ]
  man_example 4
  [ "$status" -eq 0 ]
  [ "$(jq -r '[.url, .status] | join(" ")' again.jsonl)" = "$NGINX/slow 200" ]
}

@test "man page, example 5: JSON with an id" {
  man_example 5
  [ "$status" -eq 0 ]
  jq -e '.id == 7 and .status == 200' <<<"$output"
  jq -e '.body | fromjson | .method == "PUT" and .body == "{}"' <<<"$output"
}

@test "man page, example 6: a hundred pages" {
  man_example 6
  [ "$status" -eq 0 ]
  [ "$(jq -s 'map(select(.ok)) | length' <<<"$output")" -eq 100 ]
  [ "$(jq -r .url <<<"$output" | sort -u | wc -l)" -eq 100 ]
}

@test "man page, example 7: redirects that are not followed" {
  man_example 7
  [[ $output == *"[\"$NGINX/old\",[\"$NGINX/newer\"]]"* ]]
  [[ $output == *"[\"$NGINX/\",null]"* ]]
  [ "${#lines[@]}" -eq 5 ]
}

@test "man page, example 8: going on" {
  sed -n 's/^8 //p' <(man_examples) | here | sed 's/^[$] //' >example.sh
  run -1 sh example.sh
  [[ $output == *'0 skipped, 5 done, 0 left' ]]
  cp records.jsonl before
  run -1 sh example.sh
  [[ $output == *'5 skipped, 0 done, 0 left' ]]
  cmp before records.jsonl
}

@test "man page, example 9: between two programs" {
  printf '#!/bin/sh\nfor n in 1 2 3; do echo "%s/$n"; sleep 0.05; done\n' "$NGINX" \
    >bin/crawler
  printf '#!/bin/sh\njq -r .status\n' >bin/indexer
  chmod +x bin/crawler bin/indexer
  man_example 9
  [ "$(xargs <<<"$output")" = '200 200 200' ]
}

@test "README's commands are targets of the Makefile" {
  local target
  for target in $(grep -oE '^\$ (sudo )?make [a-z]+' "$ROOT/README.md" |
    sed 's/.* //') $(grep -oE '`make [a-z]+' "$ROOT/README.md" | sed 's/.* //'); do
    run -0 make -n -C "$ROOT" "$target" BUILD="$BUILD"
  done
}

@test "README's exit status are those of the program" {
  diff <(words_of exit) <(sed -n '/^## Exit status/,/^## /p' "$ROOT/README.md" |
    sed -nE 's/^\| ([0-9+n]+) \|.*/\1/p')
}

@test "README's record has every field and every class" {
  diff <({ words_of field; words_of class; } | sort) \
    <(table_words 'The record' | sort)
}

@test "README's map has every floor, and modules that there are" {
  local map floor name
  map=$(sed -n '/^| floor |/,/^$/p' "$ROOT/README.md")
  while read -r floor name; do
    [[ $map == *"| $floor | \`$name/\` |"* ]] || {
      echo "floor $floor, $name/ is not in README"
      return 1
    }
  done < <(grep -v '^#' "$ROOT/tests/floors" | sed 's|/.*||' | grep . | sort -u)
  while read -r name; do
    grep -qE "^[1-5] [a-z]+/$name( |\$)" "$ROOT/tests/floors" || {
      echo "README's map has $name, tests/floors has not"
      return 1
    }
  done < <(sed -n '3,$s/ |$//p' <<<"$map" | sed 's/.*| //' |
    grep -o '`[a-z_]*`' | tr -d '`')
}

@test "README's dependencies are those of the Makefile, with their packages" {
  local table row name package
  table=$(sed -n '/^## Dependencies/,/^## /p' "$ROOT/README.md" | grep '^| [a-zA-Z]')
  for name in $(sed -n 's/^PKGS := //p' "$ROOT/Makefile") libbrotlidec libzstd libev; do
    row=$(grep -i "^| ${name/libcjson/cJSON}[ ,]" <<<"$table")
    for package in $(sed -n "s/^\(library \)\{0,1\}$name|//p" "$ROOT/tests/deps.sh" |
      tr '|' ' '); do
      [[ $row == *"\`$package\`"* ]] || {
        echo "README does not say that $package brings $name: $row"
        return 1
      }
    done
  done
}

@test "README's links lead to files, and the bench has its place" {
  local file
  for file in $(grep -oE '\]\([^)#]+\)' "$ROOT/README.md" | tr -d '])('); do
    [[ $file == http*:* || -e $ROOT/$file ]] || {
      echo "there is no $file"
      return 1
    }
  done
  [ "$(grep -c '^<!-- bench:\(begin\|end\) -->$' "$ROOT/README.md")" -eq 2 ]
}
