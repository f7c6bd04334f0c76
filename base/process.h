// Running another program to its end (credential helpers, Helm).
#pragma once

#include "base/environment.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

struct ProcessResult {
  int exit_status = 0;  // 128 + N after signal N
  std::string output;   // stdout, cut at what was allowed
  std::string errors;   // stderr, likewise
  bool is_cut = false;  // one of them was
};

struct ProcessLimits {
  std::chrono::seconds timeout = std::chrono::seconds(60);
  std::size_t max_output = std::size_t{64} * 1024;  // bytes of stdout and of stderr
  std::stop_token stop = {};                        // the program is killed, and Cancelled thrown
};

// Whether the environment's PATH has a program of that name (no slash in it).
bool find_program(const std::string& name, const Environment& environment);

// Runs `arguments[0]`, looked up in the environment's PATH, with `input` (32 KiB at most) on its
// stdin, and waits for it. The child has that environment, default signal handling and none of our
// descriptors. A program that can not be started, or has not ended after the time that it may take
// (it is killed), is Error{kIo}.
ProcessResult run_process(const std::vector<std::string>& arguments, std::string_view input,
                          const Environment& environment, const ProcessLimits& limits = {});

// Runs `arguments[0]` with our stdin, stdout and stderr and that environment, but for `changes`
// ("NAME" to its value), to its end, and returns its exit status as above. A stop is passed on as
// SIGTERM. Error{kIo} if it can not be started.
int run_in_front(const std::vector<std::string>& arguments, const Environment& environment,
                 const std::map<std::string, std::string>& changes, std::stop_token stop);

}  // namespace tote
