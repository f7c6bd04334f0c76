# Toolchain for a sysroot unpacked from Debian 12's packages (hack/release.sh): what is compiled and
# linked depends on the packages in it and on g++ 12, not on what else this system has installed.
#
#   TOTE_TRIPLE    x86_64-linux-gnu or aarch64-linux-gnu
#   TOTE_ROOT      holds sysroot/ (Debian's packages) and prefix/ (what was built for it)
#   TOTE_HIDE      the directory whose name must not come into the program
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TOTE_TRIPLE TOTE_ROOT TOTE_HIDE)

set(CMAKE_SYSTEM_NAME Linux)
string(REGEX REPLACE "-.*" "" CMAKE_SYSTEM_PROCESSOR "${TOTE_TRIPLE}")
set(CMAKE_C_COMPILER ${TOTE_TRIPLE}-gcc-12)
set(CMAKE_CXX_COMPILER ${TOTE_TRIPLE}-g++-12)
set(CMAKE_LIBRARY_ARCHITECTURE ${TOTE_TRIPLE})
set(CMAKE_SYSROOT ${TOTE_ROOT}/sysroot)

# -B: the start files and the libc of the sysroot, before those of a cross compiler's own packages.
# The sysroot's place first: of two prefixes that fit the later one counts.
string(CONCAT flags
  "-B${CMAKE_SYSROOT}/usr/lib/${TOTE_TRIPLE}"
  " -ffile-prefix-map=${TOTE_HIDE}=. -ffile-prefix-map=${TOTE_ROOT}=."
  " -ffunction-sections -fdata-sections -fPIE -fstack-protector-strong")
set(CMAKE_C_FLAGS_INIT "${flags} -D_FORTIFY_SOURCE=2")
set(CMAKE_CXX_FLAGS_INIT "${flags}")
# The packages of shared libraries are not in the sysroot.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static-pie)

set(CMAKE_FIND_ROOT_PATH ${TOTE_ROOT}/prefix ${CMAKE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
  ${CMAKE_SYSROOT}/usr/lib/${TOTE_TRIPLE}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
