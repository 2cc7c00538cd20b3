#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the version: git's own description in a checkout of this project,
# what `git archive` wrote into .version in an unpacked archive, else
# "unknown". A checkout of something else around the sources is not asked.
cd "$(dirname "$0")/.." || exit 1

version=
if top=$(git rev-parse --show-toplevel 2>/dev/null) &&
  [ "$(cd "$top" && pwd -P)" = "$(pwd -P)" ]; then
  version=$(git describe --tags --always --dirty 2>/dev/null)
fi
if [ -z "$version" ] && [ -r .version ]; then
  # Lines that git did not fill in still hold a $ or a %.
  version=$(sed -e '/[$%]/d' -e '/^ *$/d' .version | sed -e 1q)
fi
# It goes into a C string.
version=$(printf %s "$version" | tr -cd 'A-Za-z0-9.+_~-')
echo "${version:-unknown}"
