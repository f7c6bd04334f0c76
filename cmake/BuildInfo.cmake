# tote_build_info(TARGET): TARGET may include "cmd/build_info.h", which says which commit and which
# libraries it is built from. Written anew in each build, and only if it has changed, so that a commit
# compiles one file again.
function(tote_build_info target)
  set(libraries
    "OpenSSL=${OPENSSL_VERSION}" "curl=${CURL_VERSION_STRING}" "libarchive=${LibArchive_VERSION}"
    "zlib=${ZLIB_VERSION_STRING}" "nlohmann-json=${nlohmann_json_VERSION}" "libyaml=${yaml_VERSION}"
    "fmt=${fmt_VERSION}" "spdlog=${spdlog_VERSION}" "Boost=${Boost_VERSION_STRING}")
  # Those without a CMake package; a dynamic build may not have the headers of the last ones.
  _tote_header_version(libraries libxcrypt crypt.h "define XCRYPT_VERSION_STR \"([0-9.]+)\"")
  _tote_header_version(libraries c-ares ares_version.h "define ARES_VERSION_STR \"([0-9.]+)\"")
  _tote_header_version(libraries tomlplusplus toml++/impl/version.h
    "define TOML_LIB_(MAJOR|MINOR|PATCH) +([0-9]+)")
  _tote_header_version(libraries zstd zstd.h
    "define ZSTD_VERSION_(MAJOR|MINOR|RELEASE) +([0-9]+)")
  if(TOTE_STATIC)
    _tote_header_version(libraries nghttp2 nghttp2/nghttp2ver.h "define NGHTTP2_VERSION \"([0-9.]+)\"")
    _tote_header_version(libraries glibc features.h "define[ \t]+__GLIBC(_MINOR)?__[ \t]+([0-9]+)")
    list(APPEND libraries "libstdc++=${CMAKE_CXX_COMPILER_VERSION}")
  endif()
  list(SORT libraries CASE INSENSITIVE)
  list(TRANSFORM libraries REPLACE "(.+)=(.*)" "LinkedLibrary{\"\\1\", \"\\2\"}")
  list(JOIN libraries ", " libraries)

  set(header ${PROJECT_BINARY_DIR}/generated/cmd/build_info.h)
  add_custom_target(tote_build_info
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${header} -D SOURCE_DIR=${PROJECT_SOURCE_DIR}
      -D LIBRARIES=${libraries} -D IS_STATIC=$<IF:$<BOOL:${TOTE_STATIC}>,true,false>
      -P ${PROJECT_SOURCE_DIR}/cmake/write_build_info.cmake
    BYPRODUCTS ${header} COMMENT "" VERBATIM)
  add_dependencies(${target} tote_build_info)
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()

# Adds NAME=VERSION to a list, out of the last groups of what a pattern finds in a header, with dots
# between them; nothing if there is no such header.
function(_tote_header_version list name header pattern)
  find_file(TOTE_HEADER_OF_${name} ${header})
  mark_as_advanced(TOTE_HEADER_OF_${name})
  if(NOT TOTE_HEADER_OF_${name})
    return()
  endif()
  file(STRINGS ${TOTE_HEADER_OF_${name}} lines REGEX "${pattern}")
  set(parts)
  foreach(line IN LISTS lines)
    string(REGEX MATCH "${pattern}" _ "${line}")
    list(APPEND parts ${CMAKE_MATCH_${CMAKE_MATCH_COUNT}})
  endforeach()
  list(JOIN parts "." version)
  list(APPEND ${list} "${name}=${version}")
  set(${list} "${${list}}" PARENT_SCOPE)
endfunction()
