#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails when the house of tests/floors is broken: a file includes a higher
# floor or a later line of its own, or a library that is another's; a module
# is not listed, or is listed and not there.
cd "$(dirname "$0")/.." || exit 1

# shellcheck disable=SC2046 # the names have no blanks
awk '
function complain(text) {
    printf "%s:%d: %s\n", FILENAME, FNR, text
    bad = 1
}
# "src/base/buf.c" and "include/base/buf.h" are both base/buf.
function module_of(file) {
    sub(/^(src|include)\//, "", file)
    sub(/\.[ch]$/, "", file)
    return file
}
FILENAME == "tests/floors" {
    if ($0 ~ /^#/ || NF == 0)
        next
    if ($2 in floor)
        complain($2 " is listed twice")
    if ($1 < lowest)
        complain($2 " is below the line before it")
    lowest = floor[$2] = $1
    line[$2] = FNR
    count = split($3, names, ",")
    for (i = 1; i <= count; i++) {
        guarded[names[i]] = 1
        allowed[$2, names[i]] = 1
    }
    next
}
FNR == 1 {
    me = module_of(FILENAME)
    seen[me] = 1
    if (!(me in floor))
        complain(me " is not in tests/floors")
}
!(me in floor) {
    next
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    other = module_of(part[2])
    if (other == me || other == me "_priv") # the family of its own header
        next
    if (!(other in floor))
        complain("\"" part[2] "\" is no module of tests/floors")
    else if (line[other] > line[me])
        complain(me " may not include " other \
                 (floor[other] > floor[me] ? ": a higher floor" : \
                  ": a later line of the same floor"))
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    library = $0
    sub(/^[^<]*</, "", library)
    sub(/>.*/, "", library)
    if (library in guarded && !((me, library) in allowed))
        complain(me " may not include <" library ">")
}
END {
    for (name in floor) {
        if (!(name in seen)) {
            print "tests/floors:" line[name] ": " name " has no file"
            bad = 1
        }
    }
    exit bad
}' tests/floors $(find src include -name '*.[ch]' | sort)
