#include "base/log.h"

#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace tote {
namespace {

// A pipe whose two ends go with the test.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    out_ = UniqueFd(ends[0]);
    in_ = UniqueFd(ends[1]);
  }
  int in() const { return in_.get(); }
  void close_out() { out_.reset(); }
  // What was written so far, after `in` has been closed.
  std::string read_all() {
    in_.reset();
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t n = 0; (n = ::read(out_.get(), chunk.data(), chunk.size())) > 0;)
      text.append(chunk.data(), static_cast<std::size_t>(n));
    return text;
  }

 private:
  UniqueFd out_;
  UniqueFd in_;
};

TEST(Log, WritesLinesWithTimeAndLevel) {
  Pipe pipe;
  {
    Log log({.fd = pipe.in()});
    log.info("one");
    log.warning("two\nlines \x1b[31m");
    log.line("as it stands");
    log.error("four");
  }
  const std::string time = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z ";
  EXPECT_THAT(pipe.read_all(),
              testing::MatchesRegex(time + "info one\n" + time +
                                    "warning two\\\\nlines \\\\x1b\\[31m\nas it stands\n" + time +
                                    "error four\n"));
}

TEST(Log, WritesJsonForPrograms) {
  Pipe pipe;
  {
    Log log({.fd = pipe.in(), .format = LogFormat::kJson});
    log.error("a \"b\" & c");
  }
  EXPECT_THAT(
      pipe.read_all(),
      testing::MatchesRegex(R"(\{"time":"[-0-9:TZ]+","level":"error","message":"a \\"b\\" & c"\})"
                            "\n"));
}

TEST(Log, PassesOverWhatIsNotWorthALine) {
  Pipe pipe;
  {
    Log log({.fd = pipe.in(), .least = LogLevel::kWarning});
    log.info("no");
    log.warning("yes");
  }
  EXPECT_THAT(pipe.read_all(), testing::EndsWith("Z warning yes\n"));
}

// Whoever writes is not held up by whoever does not read, nor is the end of the program.
TEST(Log, DropsLinesThatNobodyReadsAndCountsThem) {
  Pipe pipe;
  const std::string line(1000, 'x');
  {
    Log log({.fd = pipe.in(), .queue = 16});
    for (int i = 0; i < 1000; ++i) log.line(line);  // fifteen times what a pipe holds
    EXPECT_GT(log.dropped(), 800U);
    EXPECT_LT(log.dropped(), 1000U);
  }
  EXPECT_GT(pipe.read_all().size(), 10'000U);
}

TEST(Log, LivesOnWithoutAReader) {
  Pipe pipe;
  pipe.close_out();
  Log log({.fd = pipe.in()});
  log.info("nobody hears");
}

}  // namespace
}  // namespace tote
