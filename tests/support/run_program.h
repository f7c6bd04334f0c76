// Running the real program (and others) as a user would.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tote::test {

// `value` of a variable of the tests' own; empty and unset are both "".
std::string environment(const std::string& name);

struct ProgramResult {
  int exit_code = -1;  // 128 + N after signal N
  std::string out;
  std::string err;
  std::uint64_t peak_memory = 0;  // bytes resident
};

struct ProgramOptions {
  std::filesystem::path directory = {};                 // to run in; empty: this one
  std::map<std::string, std::string> environment = {};  // beside a small fixed one
  std::function<void()> before_exec = {};  // in the child: limits; only async-signal-safe
};

// A running child; its end is waited for when this goes, if not before.
class Child {
 public:
  Child(std::vector<std::string> command, const ProgramOptions& options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // One line of its stdout, without the line break.
  std::string read_line();
  ProgramResult wait();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::string out_seen_;
  bool waited_ = false;
};

// The program under test: the one that was built, or the one that TOTE_PROGRAM names, which may be
// a script that starts it.
std::string program_path();
ProgramResult run(const std::vector<std::string>& command, const ProgramOptions& options = {});
// The program under test, without credentials or proxies from this machine.
ProgramResult tote(std::vector<std::string> arguments, const ProgramOptions& options = {});

}  // namespace tote::test

// That a ProgramResult is of a success; what was printed if it is not.
#define EXPECT_DONE(result)                                        \
  do {                                                             \
    const auto& result_ = (result);                                \
    EXPECT_EQ(result_.exit_code, 0) << result_.err << result_.out; \
  } while (false)
