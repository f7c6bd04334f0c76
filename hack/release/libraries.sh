# Sourced by hack/release.sh: the libraries that are built from Debian's source packages, as small as
# tote needs them, installed at ROOT/prefix for the sysroot at ROOT/sysroot.

# build_library ROOT NAME TARGET OPTIONS...: leaves it in ROOT/work/NAME.
build_library() {
  local work=$1/work/$2
  echo "   $2"
  {
    cross_cmake -S "$1/src/$2" -B "$work" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
      -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX="$1/prefix" "${@:4}" &&
      cmake --build "$work" --target "$3" -- "${jobs[@]}"
  } >"$work.log" 2>&1 || die "$(tail -30 "$work.log")"
}

# build_libraries ROOT TRIPLE
build_libraries() {
  local root=$1 lib=$1/sysroot/usr/lib/$2
  mkdir -p "$root/work"
  build_library "$root" fmtlib install -DFMT_DOC=OFF -DFMT_TEST=OFF
  build_library "$root" spdlog install -DSPDLOG_FMT_EXTERNAL=ON -DSPDLOG_BUILD_EXAMPLE=OFF
  # No path of authorities is compiled in: tote looks for them where it runs.
  # The .a files are named, since curl's CMake package hands their paths on.
  build_library "$root" curl install -DCMAKE_C_FLAGS_RELEASE="-Os -DNDEBUG" \
    -DBUILD_CURL_EXE=OFF -DENABLE_MANUAL=OFF -DHTTP_ONLY=ON \
    -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none \
    -DENABLE_ARES=ON -DCARES_LIBRARY="$lib/libcares.a" \
    -DUSE_NGHTTP2=ON -DNGHTTP2_LIBRARY="$lib/libnghttp2.a" \
    -DCURL_ZSTD=ON -DZstd_LIBRARY="$lib/libzstd.a" -DCURL_BROTLI=OFF \
    -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_GSSAPI=OFF \
    -DCURL_DISABLE_LDAP=ON -DUSE_LIBRTMP=OFF
  build_libarchive "$root"
  build_libisal "$root" "$2"
}

# Debian has no .a of it. In C alone, the same for every processor: its assembler would want nasm, and
# only parity of volumes and unpacking take longer.
build_libisal() {
  local root=$1 work=$1/work/libisal
  echo "   libisal"
  rm -rf "$work"
  mkdir -p "$root/prefix/lib" "$root/prefix/include/isa-l"
  cp -r "$root/src/libisal" "$work"
  make -C "$work" -f Makefile.unx host_cpu=base_aliases arch=noarch \
    CC="$2-gcc-12 --sysroot=$root/sysroot -fPIE" lib >"$work.log" 2>&1 ||
    die "$(tail -30 "$work.log")"
  install -m 644 "$work/bin/isa-l.a" "$root/prefix/lib/libisal.a"
  install -m 644 -t "$root/prefix/include/isa-l" "$root"/src/libisal/include/{erasure_code,gf_vect_mul,igzip_lib}.h
}

# Only tar, gzip and zstd are read. Without iconv: it would load modules of the system's libc.
# Its install target wants a shared library too.
build_libarchive() {
  local root=$1 off=() feature
  for feature in OPENSSL NETTLE MBEDTLS LIBB2 LZ4 LZO LZMA BZip2 LIBXML2 EXPAT ACL XATTR ICONV TAR \
    CPIO CAT TEST CNG LIBGCC PCREPOSIX WERROR; do
    off+=("-DENABLE_$feature=OFF")
  done
  build_library "$root" libarchive archive_static "${off[@]}" -DENABLE_ZSTD=ON -DENABLE_ZLIB=ON
  install -m 644 -t "$root/prefix/lib" "$root/work/libarchive/libarchive/libarchive.a"
  install -m 644 -t "$root/prefix/include" "$root"/src/libarchive/libarchive/archive{,_entry}.h
}
