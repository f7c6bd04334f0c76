# Run in each build by tote_build_info() (BuildInfo.cmake): writes OUTPUT if it differs. Sources that
# are no git repository have no commit; their date is SOURCE_DATE_EPOCH's.
function(ask_git result)
  execute_process(COMMAND git -C ${SOURCE_DIR} ${ARGN} OUTPUT_VARIABLE answer RESULT_VARIABLE failed
    ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    set(answer "")
  endif()
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

# Never that of a repository around unpacked sources.
ask_git(above rev-parse --show-prefix)
if(above STREQUAL "")
  ask_git(TOTE_COMMIT describe --always --abbrev=40 --exclude=* --dirty)
  if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    ask_git(committed log -1 --format=%ct)
    set(ENV{SOURCE_DATE_EPOCH} "${committed}")
  endif()
endif()
if(NOT TOTE_COMMIT)
  set(TOTE_COMMIT unknown)
endif()
set(TOTE_BUILD_DATE unknown)
if(NOT "$ENV{SOURCE_DATE_EPOCH}" STREQUAL "")
  string(TIMESTAMP TOTE_BUILD_DATE "%Y-%m-%dT%H:%M:%SZ" UTC)  # of SOURCE_DATE_EPOCH
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.h.in ${OUTPUT} @ONLY)
