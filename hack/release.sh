#!/usr/bin/env bash
# Builds tote as one file that needs no shared library, from Debian 12's packages and source
# packages, into dist/: the file, a list of what is linked in (SPDX) and the digests of both.
#
#   hack/release.sh [--arch amd64|arm64|all]
#
# TOTE_SIGNING_KEY         a private key of ssh-keygen's, its file or its text: signs SHA256SUMS
# SOURCE_DATE_EPOCH        the date of the build; else that of the commit
# TOTE_DEBIAN_MIRROR, TOTE_DEBIAN_SECURITY_MIRROR   instead of those that apt is set up with
# TOTE_JOBS                compilers at a time (2)
#
# The same commit, the same versions of Debian's packages and the same g++ give the same bytes,
# wherever and whenever. What does not change from build to build is kept in build/static.
set -euo pipefail
# For the last step alone; a relative name is of the directory that we leave now.
signing_key=${TOTE_SIGNING_KEY:-}
[ ! -f "$signing_key" ] || signing_key=$(realpath "$signing_key")
unset TOTE_SIGNING_KEY
cd -P "$(dirname "$0")/.."
[[ $PWD != *[[:space:]]* ]] || {
  echo "the compiler's options take no path with blanks: $PWD" >&2
  exit 1
}
. hack/release/packages.sh
. hack/release/libraries.sh

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d'
  exit "$1"
}
architectures=(amd64 arm64)
case $#:${1:-}:${2:-} in
  0:: | 2:--arch:all) ;;
  2:--arch:amd64 | 2:--arch:arm64) architectures=("$2") ;;
  1:--help:) usage 0 ;;
  *) usage 1 >&2 ;;
esac

./hack/install_deps.sh --release
# Nothing from the caller's surroundings comes into the program.
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH CFLAGS CXXFLAGS CPPFLAGS LDFLAGS \
  CMAKE_PREFIX_PATH CMAKE_TOOLCHAIN_FILE PKG_CONFIG_PATH
# ccache may be set up to write other paths into the command, which __FILE__ then shows.
export LC_ALL=C TZ=UTC CCACHE_DISABLE=1
umask 022
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
version=$(sed -nE 's/^project\(tote VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)
cache=$PWD/build/static
jobs=("-j${TOTE_JOBS:-2}")
declare -A triples=([amd64]=x86_64-linux-gnu [arm64]=aarch64-linux-gnu)

# Sets root: the directory with sysroot and libraries for an architecture, made if it is not there.
prepare() {
  local arch=$1 wanted key
  update_lists "$arch"
  wanted=$(wanted_files "$arch")
  key=$({
    cut -d' ' -f2- <<<"$wanted"
    "${triples[$arch]}-g++-12" --version
    cat hack/release/libraries.sh cmake/DebianSysroot.cmake
  } | sha256sum | cut -c1-16)
  root=$cache/$arch-$key
  [ ! -e "$root/complete" ] || return 0
  echo "== libraries for $arch"
  rm -rf "$cache/$arch"-* "$cache/tote-$arch"
  mkdir -p "$root"
  echo "$wanted" >"$root/origins"
  unpack_packages "$arch" "$root"
  build_libraries "$root" "${triples[$arch]}"
  rm -rf "$root/work" "$root/src" "$root"/debs/*.deb
  touch "$root/complete"
}

# cmake for the architecture that is being built.
cross_cmake() {
  cmake -G Ninja -DCMAKE_TOOLCHAIN_FILE="$PWD/cmake/DebianSysroot.cmake" \
    -DTOTE_TRIPLE="${triples[$arch]}" -DTOTE_ROOT="$root" -DTOTE_HIDE="$PWD" "$@"
}

# What asks glibc for names, or loads modules, gets those of the system's glibc, and may be aborted by
# one of another version. Libraries have such functions too, which nobody calls: libcurl for .netrc,
# c-ares for names of services, OpenSSL for connections and engines of its own.
check_own_objects() {
  local risky='getaddrinfo|getnameinfo|gethostby.*|getservby.*|getpw.*|getgr.*|dlopen|iconv_open'
  local symbols
  symbols=$(nm -A --undefined-only "$1"/*/libtote_*.a "$1"/cmd/CMakeFiles/tote.dir/*.o) || die "nm failed"
  ! grep -E " U ($risky)\$" <<<"$symbols" >&2 || die "these calls are not for a static program"
}

# What a static program promises; a failure here is a failure of the build.
check_file() {
  local file=$1 abi
  # Linux 3.7 is the first that knows arm64.
  local -A oldest=([amd64]=3.2.0 [arm64]=3.7.0)
  local headers
  headers=$(readelf -dl "$file") || die "readelf failed"
  ! grep -E 'NEEDED|INTERP' <<<"$headers" || die "$file needs something at run time"
  abi=$(readelf -n "$file" | sed -nE 's/.*OS: Linux, ABI: //p')
  [ "$(printf '%s\n' "$abi" "${oldest[$arch]}" | sort -V | tail -1)" = "${oldest[$arch]}" ] || die "$file needs Linux $abi"
  [ "$(stat -c %s "$file")" -le $((12 << 20)) ] || die "$file is larger than 12 MiB"
  ! grep -qF "$PWD" "$file" || die "$file names $PWD"
}

die() {
  echo "$*" >&2
  exit 1
}

build() {
  local arch=$1 name=tote-$version-linux-$1 build=$cache/tote-$1 root
  prepare "$arch"
  echo "== tote for $arch"
  cross_cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DTOTE_STATIC=ON -DTOTE_BUILD_TESTS=OFF \
    >"$build.log" || die "$(tail -30 "$build.log")"
  cmake --build "$build" -- --quiet "${jobs[@]}" tote >"$build.log" 2>&1 || die "$(tail -30 "$build.log")"
  check_own_objects "$build"
  "${triples[$arch]}-strip" -R .comment -o "dist/$name.new" "$build/tote"
  chmod 755 "dist/$name.new"
  check_file "dist/$name.new"
  mv "dist/$name.new" "dist/$name"
  ./hack/release/sbom.py --version "$version" --arch "$arch" --root "$root" --build "$build" \
    "dist/$name" >"dist/$name.spdx.json"
}

mkdir -p dist "$cache"
rm -f dist/SHA256SUMS{,.sig} dist/*.new # which were true of what is replaced now
exec 9>"$cache/lock"
flock 9 # two at a time would remove each other's libraries
for arch in "${architectures[@]}"; do build "$arch"; done
files=()
for arch in "${architectures[@]}"; do files+=("tote-$version-linux-$arch"{,.spdx.json}); done
TOTE_SIGNING_KEY=$signing_key ./hack/release/sign.sh dist "${files[@]}"
ls -l dist
