#!/bin/sh
# SPDX-License-Identifier: MIT
# sh tests/deps.sh deps        what building, testing and linting need
# sh tests/deps.sh bench-deps  the peers that `make bench` compares with
# sh tests/deps.sh find NAME   prints the folder of a bats library
#
# Looks for each thing by what it is used for, and installs the packages of
# those that are missing. Says and does nothing when all is there.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
CC=${CC:-cc}
LC_ALL=C
export PATH LC_ALL

# check | apt-get | dnf | apk | pacman | brew; "-": nothing to install there;
# a/b: whichever the package manager has.
deps() {
  cat <<'TABLE'
command cc|gcc libc6-dev|gcc|build-base|gcc|gcc
command make|make|make|make|make|make
command pkg-config|pkg-config|pkgconf-pkg-config|pkgconf|pkgconf|pkg-config
library libcurl|libcurl4-openssl-dev|libcurl-devel|curl-dev|curl|curl
library libcjson|libcjson-dev|cjson-devel|cjson-dev|cjson|cjson
library zlib|zlib1g-dev|zlib-devel|zlib-dev|zlib|zlib
library libbrotlidec|libbrotli-dev|brotli-devel|brotli-dev|brotli|brotli
library libzstd|libzstd-dev|libzstd-devel|zstd-dev|zstd|zstd
library nettle|nettle-dev|nettle-devel|nettle-dev|nettle|nettle
libev|libev-dev|libev-devel|libev-dev|libev|libev
sanitizer|gcc|libasan libubsan|-|-|-
command bats|bats|bats|bats|bash-bats/bats|bats-core
bats bats-support|bats-support|bats-support|bats-support|bats-support|kaos/shell/bats-support
bats bats-assert|bats-assert|bats-assert|bats-assert|bats-assert|kaos/shell/bats-assert
command nginx|nginx-light/nginx|nginx|nginx|nginx|nginx
command nghttpx|nghttp2-proxy|nghttp2|nghttp2|nghttp2|nghttp2
command jq|jq|jq|jq|jq|jq
command openssl|openssl|openssl|openssl|openssl|openssl
command curl|curl|curl|curl|curl|curl
authorities|ca-certificates|ca-certificates|ca-certificates|ca-certificates|-
command mandoc|mandoc|mandoc|mandoc|mandoc|mandoc
python jsonschema|python3 python3-jsonschema|python3-jsonschema|py3-jsonschema|python-jsonschema|-
command git|git|git|git|git|git
command ps|procps|procps-ng|procps|procps-ng|-
command clang-format|clang-format|clang-tools-extra|clang-extra-tools|clang|clang-format
command cppcheck|cppcheck|cppcheck|cppcheck|cppcheck|cppcheck
command shellcheck|shellcheck|ShellCheck|shellcheck|shellcheck|shellcheck
TABLE
}

bench_deps() {
  cat <<'TABLE'
command wget2|wget2|wget2|wget2|wget2|wget2
command aria2c|aria2|aria2|aria2|aria2|aria2
python aiohttp|python3-aiohttp|python3-aiohttp|py3-aiohttp|python-aiohttp|-
python uvloop|python3-uvloop|python3-uvloop|py3-uvloop|python-uvloop|-
command wrk|wrk|wrk|wrk|wrk|wrk
command h2load|nghttp2-client|nghttp2|nghttp2|nghttp2|nghttp2
command nginx|nginx-light/nginx|nginx|nginx|nginx|nginx
TABLE
}

find_bats_library() {
  for folder in $(printf %s "${BATS_LIB_PATH:-}" | tr : ' ') \
    /usr/lib/bats /usr/share/bats /usr/lib /usr/local/lib \
    /usr/local/lib/bats /usr/lib/node_modules /usr/local/lib/node_modules \
    /opt/homebrew/lib /home/linuxbrew/.linuxbrew/lib node_modules; do
    if [ -r "$folder/$1/load.bash" ]; then
      echo "$folder/$1"
      return 0
    fi
  done
  return 1
}

have_python_module() {
  for python in /usr/bin/python3 python3; do
    if command -v $python >/dev/null && $python -c "import sys
from importlib.util import find_spec
sys.exit(find_spec('$1') is None)" 2>/dev/null; then
      return 0
    fi
  done
  return 1
}

# libev has no .pc file.
have_libev() {
  flags=
  if [ "$manager" = brew ]; then
    flags="-I$(brew --prefix)/include -L$(brew --prefix)/lib"
  fi
  # shellcheck disable=SC2086 # several words
  printf '#include <ev.h>\nint main(void) { return !ev_version_major(); }\n' |
    $CC $flags -x c -o /dev/null - -lev 2>/dev/null
}

# gcc's sanitizers may be packages of their own; clang brings its own.
have_sanitizer() {
  case $($CC -print-file-name=libasan.so 2>/dev/null) in
  */*) return 0 ;;
  esac
  [ -e "$($CC -print-file-name=libclang_rt.asan-x86_64.a 2>/dev/null)" ] ||
    $CC --version 2>/dev/null | grep -q clang
}

# Whom libcurl trusts: it comes without, and then no https can be fetched.
have_authorities() {
  for file in /etc/ssl/certs/ca-certificates.crt \
    /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    [ ! -s $file ] || return 0
  done
  return 1
}

is_there() { # KIND [NAME]
  case $1 in
  command) command -v "$2" >/dev/null ;;
  library) pkg-config --exists "$2" 2>/dev/null ;;
  libev) have_libev ;;
  sanitizer) have_sanitizer ;;
  authorities) have_authorities ;;
  bats) find_bats_library "$2" >/dev/null ;;
  python) have_python_module "$2" ;;
  esac
}

# make WITHOUT="brotli zstd"
is_left_out() {
  case " ${WITHOUT:-} :$1" in
  *' brotli '*':library libbrotlidec' | *' zstd '*':library libzstd') ;;
  *) return 1 ;;
  esac
}

# Fills $missing (what) and $packages (of this system's package manager).
look() {
  missing=
  packages=
  while read -r row; do
    what=${row%%|*}
    is_left_out "$what" && continue
    # shellcheck disable=SC2086 # kind and name are words
    is_there $what && continue
    names=-
    [ -z "$column" ] || names=$(printf %s "$row" | cut -d '|' -f "$column")
    # A sanitizer that no package brings is not waited for.
    [ "$names $what" != "- sanitizer" ] || continue
    missing="$missing, ${what#* }"
    [ "$names" = - ] || packages="$packages $names"
  done <<TABLE
$($1)
TABLE
  missing=${missing#, }
}

# Sets $manager and its $column of the tables.
find_manager() {
  column=1
  for manager in apt-get dnf apk pacman brew; do
    column=$((column + 1))
    command -v $manager >/dev/null && return
  done
  column=
  manager=none
}

# With the rights to install. Never waits for a password without a terminal.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# a/b becomes the first that the package lists know.
choose() {
  for name in $packages; do
    case $name in
    */*/*) echo "$name" ;;
    */*)
      if $1 "${name%/*}" >/dev/null 2>&1; then
        echo "${name%/*}"
      else
        echo "${name#*/}"
      fi
      ;;
    *) echo "$name" ;;
    esac
  done
}

# A freshly installed nginx shall not be started: Debian asks this script.
guard=/usr/sbin/policy-rc.d
guarded=
guard_up() {
  [ ! -e $guard ] || return 0
  guarded=yes
  trap guard_down EXIT
  trap 'exit 1' HUP INT TERM
  # shellcheck disable=SC2016 # $1 is for the shell that as_root runs
  as_root sh -c 'printf "#!/bin/sh\nexit 101\n" >$1 && chmod 755 $1' sh $guard
}
guard_down() {
  [ -z "$guarded" ] || as_root rm -f $guard
  guarded=
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# shellcheck disable=SC2046,SC2086 # package names are words
install_packages() {
  case $manager in
  apt-get)
    apt_get update
    guard_up
    apt_get install -y --no-install-recommends $(choose 'apt-cache show')
    guard_down
    ;;
  dnf) as_root dnf -q -y install $packages ;;
  apk) as_root apk add -q $packages ;;
  pacman)
    as_root pacman -Sy --noconfirm >/dev/null
    as_root pacman -S --noconfirm --needed -q $(choose 'pacman -Si')
    ;;
  brew) HOMEBREW_NO_AUTO_UPDATE=1 brew install -q $packages ;;
  esac
}

give_up() {
  echo "deps: cannot install what is missing: $missing" >&2
  [ -z "$packages" ] || echo "deps: packages that bring it:$packages" >&2
  exit 1
}

case ${1:-} in
find)
  find_bats_library "$2"
  exit
  ;;
deps | bench-deps) list=$(echo "$1" | tr - _) ;;
*)
  echo "usage: sh tests/deps.sh deps|bench-deps|find NAME" >&2
  exit 2
  ;;
esac

find_manager
look "$list"
[ -n "$missing" ] || exit 0
if [ "$manager" = none ] || [ -z "$packages" ] ||
  { [ "$manager" != brew ] && [ "$(id -u)" != 0 ] &&
    ! command -v sudo >/dev/null; }; then
  give_up
fi
echo "deps: installing what is missing: $missing" >&2
install_packages
look "$list"
[ -z "$missing" ] || give_up
