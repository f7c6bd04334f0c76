#!/usr/bin/env bash
# Shows that a static tote runs where nothing else is: in a root directory with the file, resolv.conf,
# hosts and a CA bundle, and in minimal systems of Debian 11, 12 and 13. In each it serves a registry
# with TLS, pushes a bundle to it, copies it to an archive and back, pulls it and compares the files.
#
#   hack/try_static.sh FILE [bare | bullseye | bookworm | trixie]...
#
# "bare" needs user namespaces only. The systems are made by debootstrap, which needs root and a
# mirror of Debian's (that of apt here), and are kept in build/static/systems. Debian 11 gets
# libnss-myhostname, and each system a configuration of OpenSSL that names a provider: modules for
# another glibc, which a static program must never load. A file for arm64 is run by
# qemu-aarch64-static.
set -euo pipefail
cd -P "$(dirname "$0")/.."
. hack/release/packages.sh
file=$(realpath -e "${1:?FILE}")
shift
[ $# -gt 0 ] || set -- bare bullseye bookworm trixie

systems=$PWD/build/static/systems
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
emulator=()
if readelf -h "$file" | grep -q AArch64 && [ "$(uname -m)" != aarch64 ]; then
  emulator=(/qemu-aarch64-static)
fi

die() {
  echo "FAILED: $*" >&2
  exit 1
}

# Sets root to a directory with what the system has.
make_root() {
  root=$work/bare
  [ "$1" = bare ] || make_system "$1"
  mkdir -p "$root/etc/ssl/certs"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  printf '127.0.0.1 localhost\n127.0.0.1 registry.example\n' >"$root/etc/hosts"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  cp "$file" "$root/tote"
  [ "$1" = bare ] || name_openssl_module
  [ ${#emulator[@]} -eq 0 ] || cp /usr/bin/qemu-aarch64-static "$root/"
}

make_system() {
  local include=()
  root=$systems/$1
  [ ! -e "$root/complete" ] || return 0
  [ "$(id -u)" = 0 ] || die "debootstrap needs root"
  [ "$1" != bullseye ] || include=(--include=libnss-myhostname)
  echo "== debootstrap $1"
  rm -rf "$root"
  mkdir -p "$systems"
  /usr/sbin/debootstrap --variant=minbase "${include[@]}" "$1" "$root" \
    "$(mirror_of bookworm http://deb.debian.org/debian)" >"$systems/$1.log" || die "see $systems/$1.log"
  touch "$root/complete"
}

# A configuration of OpenSSL as administrators write it. Debian 13 has the module, with another glibc.
name_openssl_module() {
  mkdir -p "$root/usr/lib/ssl"
  cat >"$root/usr/lib/ssl/openssl.cnf" <<CONFIGURATION
openssl_conf = init
[init]
providers = providers
[providers]
default = activated
legacy = activated
[activated]
activate = 1
CONFIGURATION
}

# tote in the root, with nothing of this system but the network.
tote() {
  env -i /usr/bin/unshare -r -R "$root" -w / "${emulator[@]}" /tote "$@"
}
show() {
  echo "\$ $*"
  "$@"
}

serve() {
  echo "\$ tote registry serve --listen localhost:0 --tls-self-signed --tls-ca-out /try/ca.pem &"
  rm -f "$work/ready"
  # Not by the function: the process to stop is this one.
  env -i /usr/bin/unshare -r -R "$root" -w / "${emulator[@]}" /tote registry serve \
    --listen localhost:0 --tls-self-signed --tls-ca-out /try/ca.pem >"$work/ready" &
  server=$!
  until [ -s "$work/ready" ]; do kill -0 "$server" 2>/dev/null && sleep 0.05 || die "it has ended"; done
  address=localhost:$(sed -E 's/.*"address":"[^"]*:([0-9]+)".*/\1/' "$work/ready")
  # What an administrator does with a CA of his own.
  cat "$root/try/ca.pem" >>"$root/etc/ssl/certs/ca-certificates.crt"
}

main_job() {
  mkdir -p "$root/try/bundle/.imgpkg"
  head -c 500000 /dev/urandom >"$root/try/bundle/random"
  echo "level: info" >"$root/try/bundle/config.yml"
  printf 'apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n' >"$root/try/bundle/.imgpkg/images.yml"
  show tote version
  serve
  show tote push --tty -b "$address/app/bundle:v1" -f /try/bundle
  show tote copy --tty -b "$address/app/bundle:v1" --to-tar /try/bundle.tar
  show tote copy --tty --tar /try/bundle.tar --to-repo "$address/far/bundle"
  show tote pull --tty -b "$address/far/bundle:v1" -o /try/pulled
  diff -r -x images.yml "$root/try/bundle" "$root/try/pulled"
  kill "$server"
  wait "$server"
  server=
}

# Names that no file and no server knows: an error that says so, and no abort.
unknown_names() {
  local name status
  for name in nowhere.invalid "$(uname -n)-of-nobody" _gateway; do
    status=0
    show tote registry serve --listen "$name:0" --grace 1s -- /bin/true || status=$?
    [ "$status" -eq 1 ] || die "$name: status $status"
  done
}

for system; do
  echo "== $system"
  make_root "$system"
  rm -rf "$root/try"
  mkdir -p "$root/try"
  main_job
  unknown_names
  rm -rf "$root/try" "$root/tote"
done
echo "it runs in: $*"
