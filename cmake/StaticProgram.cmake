# With TOTE_STATIC the program is one file that needs no shared library (hack/release.sh). Included
# between project() and the first find_package(): project() sets the suffixes anew.
option(TOTE_STATIC "Link the program into one file that needs no shared library" OFF)
if(NOT TOTE_STATIC)
  return()
endif()

set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
set(Boost_USE_STATIC_LIBS ON)
# Position independent, so that the addresses of a server differ from run to run here too. A build id
# would say nothing that the file's digest does not say. The map tells the SBOM what was linked.
string(APPEND CMAKE_EXE_LINKER_FLAGS
  " -static-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,relro,-z,now"
  " -Wl,-Map=${PROJECT_BINARY_DIR}/tote.map")
