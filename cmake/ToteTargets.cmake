# How every target of this project is built: warnings, sanitizers, include root.

add_library(tote_options INTERFACE)
# -Wrestrict: g++ 12 sees overlaps in std::string's own operator+ that are not there (GCC bug 105651).
target_compile_options(tote_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wsuggest-override
  -Werror=switch -Werror=return-type -Werror=unused-result
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-restrict>
  $<$<BOOL:${TOTE_WERROR}>:-Werror>
  # Guesses that depend on the optimiser: shown, but no reason to fail a build.
  $<$<CONFIG:Release>:-Wno-error=maybe-uninitialized -Wno-error=stringop-overflow>
  $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2 -fstack-protector-strong>
  $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)
if(TOTE_SANITIZE)
  # -Og and line tables are all that a report needs: with -O1 and -g the same build takes 1.7 times as long.
  target_compile_options(tote_options INTERFACE
    -fsanitize=${TOTE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -Og -g1
    # With -Og it guesses wrong about std::stop_source.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(tote_options INTERFACE -fsanitize=${TOTE_SANITIZE})
  # ctest starts a process for each test, and each would relocate 800,000 addresses: a third of its start.
  if(NOT TOTE_SANITIZE STREQUAL "thread")
    target_link_options(tote_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-no-pie>)
  endif()
  # g++ warns about every atomic fence inside Asio; the fences are not ours and are harmless.
  if(TOTE_SANITIZE STREQUAL "thread")
    target_compile_options(tote_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# Headers that most sources include anyway, precompiled once for the libraries (by tote_codec, which has no
# definitions that others lack) and once for the tests (by tote_test_support), since one takes as long as ten
# small sources. The daily build goes without, so that a source that forgets an #include fails there, and so does the
# released one, in which g++ 12 then warns about the standard's headers.
set(tote_common_headers <algorithm> <array> <chrono> <cstddef> <cstdint> <filesystem> <functional> <map>
  <memory> <optional> <set> <span> <stop_token> <string> <string_view> <utility> <variant> <vector>
  <fmt/format.h>)
function(tote_precompile target owner)
  if(TOTE_PRECOMPILE)
    if(target STREQUAL owner)
      target_precompile_headers(${target} PRIVATE ${ARGN})
    else()
      target_precompile_headers(${target} REUSE_FROM ${owner})
    endif()
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endfunction()

# tote_library(oci SOURCES digest.cc ... DEPS tote::base PRIVATE_DEPS OpenSSL::Crypto)
# A folder's library. DEPS are the folders it may include; third-party libraries go to
# PRIVATE_DEPS, so that no other folder sees their headers.
function(tote_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;PRIVATE_DEPS")
  add_library(tote_${name} STATIC ${arg_SOURCES})
  add_library(tote::${name} ALIAS tote_${name})
  target_include_directories(tote_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(tote_${name} PUBLIC ${arg_DEPS}
    PRIVATE tote_options ${arg_PRIVATE_DEPS})
  tote_precompile(tote_${name} tote_codec ${tote_common_headers})
endfunction()
