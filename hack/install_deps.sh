#!/usr/bin/env bash
# Installs what building and testing tote needs on Debian 12. Safe to run again: it asks apt only
# for what is missing. Needs root, or sudo.
#
#   hack/install_deps.sh [--build-only | --release]
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config ca-certificates git
  libboost1.81-dev libboost-url1.81-dev # Asio, Beast (server), Boost.URL
  libcurl4-openssl-dev                  # the client's HTTP
  libssl-dev                            # TLS and digests
  nlohmann-json3-dev                    # reading JSON
  libarchive-dev                        # reading tar, gzip, zstd
  libzstd-dev                           # compressed archives, patches between versions of a layer
  libisal-dev                           # parity of volumes (Reed-Solomon), inflating
  libyaml-dev                           # reading YAML (locks): its events stay small on hostile text
  libtomlplusplus-dev                   # reading TOML (registries.conf): headers only
  libre2-dev                            # regular expressions of templates, as Go has them
  libc-ares-dev                         # addresses of hosts
  libfmt-dev                            # text
  libspdlog-dev                         # the queue and the thread of a log
  libcrypt-dev                          # bcrypt passwords
  zlib1g-dev                            # CRC-32 of layers; the encoder's tests inflate with it
)
check=(
  libgtest-dev libgmock-dev libbenchmark-dev
  clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev lld
  zstd xz-utils                               # archives that others have compressed
  docker-registry skopeo umoci busybox-static # far sides and images that nobody here wrote
  containerd podman crun                      # who runs what was copied
  zsh                                         # what completion scripts are for
  openssl openssh-client curl python3 iproute2 util-linux
  python3-jsonschema                          # whether --progress json is what its schema says
  nginx-light wrk                             # peers of the registry in hack/bench.sh
  qemu-user-static debootstrap # static files: another processor, other systems
)

release=(
  dpkg-dev binutils                              # source packages; what a file needs
  make                                           # ISA-L's own build
  g++-12-aarch64-linux-gnu                       # for arm64
  openssh-client python3                         # the signature, the list of what is linked in
)

wanted=("${build[@]}")
case ${1:-} in
  --build-only) ;;
  --release) wanted+=("${release[@]}") ;;
  *) wanted+=("${check[@]}") ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
[ "$(id -u)" = 0 ] || root=(sudo)
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq
# --no-install-recommends: skopeo would bring a container runtime, docker-registry a daemon.
"${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
