# Sourced by hack/release.sh: Debian 12's packages for one architecture, through apt with lists, a
# cache and a state of its own below $cache. Neither the system's apt nor its packages are touched,
# and nothing here needs root.

# What is linked or compiled in and comes as a library of Debian's: libNAME.a and headers.
binary_packages=(
  libc6-dev linux-libc-dev libcrypt-dev libssl-dev zlib1g-dev libzstd-dev
  libc-ares-dev libnghttp2-dev # what libcurl needs
  libyaml-dev libtomlplusplus-dev libre2-dev nlohmann-json3-dev libboost1.81-dev libboost-url1.81-dev
)
# What Debian has no fitting .a of: fmt, spdlog and ISA-L none at all, libcurl and libarchive only such
# that need LDAP, Kerberos, ICU and a dozen more.
source_packages=(curl libarchive fmtlib spdlog libisal)

# private_apt ARCH WORDS...: apt-get for ARCH as if nothing was installed.
private_apt() {
  local state=$cache/apt/$1
  apt-get -qq -o APT::Architecture="$1" -o APT::Architectures::="$1" \
    -o Dir::Etc::SourceList="$cache/apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$state" -o Dir::State::status="$cache/apt/status" \
    -o Dir::Cache="$state/cache" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User="$(id -un)" "${@:2}"
}

# mirror_of CODENAME DEFAULT: where this system gets that suite from.
mirror_of() {
  local found
  # Not "| head": apt-get would end by a signal.
  found=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$1" '$1 == codename && !uri { uri = $2 } END { print uri }')
  echo "${found:-$2}"
}

write_sources() {
  local key=/usr/share/keyrings/debian-archive-keyring.gpg
  cat <<SOURCES
Types: deb deb-src
URIs: ${TOTE_DEBIAN_MIRROR:-$(mirror_of bookworm http://deb.debian.org/debian)}
Suites: bookworm bookworm-updates
Components: main
Signed-By: $key

Types: deb deb-src
URIs: ${TOTE_DEBIAN_SECURITY_MIRROR:-$(mirror_of bookworm-security http://deb.debian.org/debian-security)}
Suites: bookworm-security
Components: main
Signed-By: $key
SOURCES
}

# Lists younger than a day are used as they are: then a second build needs no network.
update_lists() {
  mkdir -p "$cache/apt/$1/lists/partial" "$cache/apt/$1/cache/archives/partial"
  : >"$cache/apt/status"
  write_sources >"$cache/apt/debian.sources.new"
  if ! cmp -s "$cache/apt/debian.sources.new" "$cache/apt/debian.sources"; then
    mv "$cache/apt/debian.sources.new" "$cache/apt/debian.sources"
    rm -f "$cache"/apt/*/updated
  fi
  [ -z "$(find "$cache/apt/$1/updated" -mmin -1440 2>/dev/null)" ] || return 0
  private_apt "$1" update
  touch "$cache/apt/$1/updated"
}

# Lines "URI FILE SHA256", sorted, of what the build for an architecture is made from.
wanted_files() {
  {
    private_apt "$1" download --print-uris "${binary_packages[@]}"
    private_apt "$1" source --print-uris "${source_packages[@]}"
  } | sed -nE "s/^'([^']+)' ([^ ]+) [0-9]+ SHA256:([0-9a-f]{64})\$/\1 \2 \3/p" | sort
}

# unpack_packages ARCH DIR: the sysroot at DIR/sysroot, sources at DIR/src/NAME with Debian's
# patches, and for the SBOM the names of each package's files at DIR/files/PACKAGE_VERSION_ARCH.
unpack_packages() {
  local deb name dsc
  mkdir -p "$2/sysroot" "$2/src" "$2/debs" "$2/files"
  (cd "$2/debs" && private_apt "$1" download "${binary_packages[@]}")
  for deb in "$2"/debs/*.deb; do
    dpkg-deb -x "$deb" "$2/sysroot"
    dpkg-deb --fsys-tarfile "$deb" | tar -t >"$2/files/$(basename "$deb" .deb)"
  done
  # Debian 12's libraries are in /usr/lib; some scripts of ld name /lib.
  [ -e "$2/sysroot/lib" ] || ln -s usr/lib "$2/sysroot/lib"
  for name in "${source_packages[@]}"; do
    # They have much to say that is no error.
    {
      (cd "$2/debs" && private_apt "$1" source --download-only "$name") &&
        dsc=$(find "$2/debs" -name "${name}_*.dsc") &&
        dpkg-source --no-check -x "$dsc" "$2/src/$name"
    } >"$2/src/$name.log" 2>&1 || die "$(tail "$2/src/$name.log")"
  done
}
