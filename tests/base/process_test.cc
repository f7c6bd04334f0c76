#include "base/process.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <stop_token>

namespace tote {
namespace {

const Environment& environment() {
  static const Environment kOurs = Environment::of_process();
  return kOurs;
}

TEST(RunProcess, GivesInputAndTakesOutputAndErrorsApart) {
  const ProcessResult result =
      run_process({"sh", "-c", "cat; echo oops >&2; exit 3"}, "key", environment());
  EXPECT_EQ(result.exit_status, 3);
  EXPECT_EQ(result.output, "key");
  EXPECT_EQ(result.errors, "oops\n");
}

TEST(RunProcess, SaysWhatCouldNotBeRun) {
  EXPECT_THAT([] { run_process({"tote-no-such-program"}, "", environment()); },
              test::ThrowsError(ErrorKind::kIo, "run 'tote-no-such-program': no such file"));
}

TEST(RunProcess, KillsWhatDoesNotEnd) {
  EXPECT_THAT(
      [] {
        run_process({"sleep", "100"}, "", environment(), {.timeout = std::chrono::seconds(0)});
      },
      test::ThrowsError(ErrorKind::kIo, "not done after 0 s"));
}

TEST(RunProcess, CutsEndlessOutput) {
  const ProcessResult result =
      run_process({"sh", "-c", "head -c 1000000 /dev/zero"}, "", environment());
  EXPECT_EQ(result.output.size(), 64U * 1024);
  EXPECT_TRUE(result.is_cut);
}

TEST(RunProcess, TakesAsMuchAsItMay) {
  const ProcessResult result = run_process({"sh", "-c", "head -c 1000000 /dev/zero"}, "",
                                           environment(), {.max_output = 1'000'000});
  EXPECT_EQ(result.output.size(), 1'000'000U);
  EXPECT_FALSE(result.is_cut);
}

TEST(RunProcess, EndsWhenItIsStopped) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(run_process({"sleep", "100"}, "", environment(), {.stop = stop.get_token()}),
               Cancelled);
}

TEST(RunProcess, FindsProgramsAsAShellDoes) {
  EXPECT_TRUE(find_program("sh", environment()));
  EXPECT_FALSE(find_program("tote-no-such-program", environment()));
}

TEST(RunProcess, LooksAndRunsInTheEnvironmentThatItIsGiven) {
  EXPECT_FALSE(find_program("sh", {{"PATH", "/nonexistent"}}));
  EXPECT_THROW(run_process({"sh", "-c", "true"}, "", {{"PATH", "/nonexistent"}}), Error);
  const auto result = run_process({"/bin/sh", "-c", "echo $A$HOME"}, "", {{"A", "only"}});
  EXPECT_EQ(result.output, "only\n");
}

}  // namespace
}  // namespace tote
