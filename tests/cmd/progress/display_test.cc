#include "cmd/progress/display.h"

#include "base/json.h"
#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tote::cmd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class DisplayTest : public testing::Test {
 protected:
  DisplayTest() { work_.blobs.push_back({{"l", oci::Digest::of("x"), 4 << 20}, {"a.io", "app"}}); }

  Display show(ProgressStyle style) {
    return {messages_,
            {style,
             {"copying a to b", "copied"},
             "tote",
             [] {
               return TerminalSize{60, 24};
             }},
            now_};
  }
  // A blob that an earlier run has left half done.
  void copy(Display& display) {
    const copy::BlobWork& blob = work_.blobs.front();
    display.add(copy::WorkFound{work_}, now_);
    display.add(copy::BlobBegun{blob, 2 << 20}, now_);
    now_ += 2s;
    display.add(copy::BlobAdvanced{blob, 3 << 20}, now_);
    display.tick(now_);
    display.add(copy::BlobBegun{blob, (2 << 20) + 1}, now_);  // again, after a failure
    display.add(copy::BlobFinished{blob, copy::BlobOutcome::kSent, 1s}, now_);
    display.stop();
    display.sum_up(now_);
  }
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const std::string& line : split(err_.str(), '\n'))
      if (!line.empty()) names.push_back(Json::parse(line, "line").at("event").string());
    return names;
  }

  const std::string digest_ = oci::Digest::of("x").str();
  std::ostringstream err_;
  Messages messages_{err_};
  Display::Time now_{1h};
  copy::Work work_;
};

TEST_F(DisplayTest, IsAFewLinesInALog) {
  Display display = show(ProgressStyle::kPlain);
  copy(display);
  EXPECT_EQ(err_.str(),
            "tote: copying a to b\n"
            "tote: 4.0 MiB in 1 blob to move\n"
            "tote: going on with " +
                digest_ +
                " behind 2.0 MiB of 4.0 MiB\n"
                "tote: 0 of 1 blob, 3.0 MiB of 4.0 MiB (75 %), 512.0 KiB/s, 2 s left\n"
                "tote: copied in 2.0 s: 3.0 MiB moved (1.5 MiB/s)\n");
}

TEST_F(DisplayTest, IsGoneFromATerminalWhenItIsDone) {
  Display display = show(ProgressStyle::kBar);
  copy(display);
  EXPECT_EQ(err_.str(), "tote: going on with " + digest_ +
                            " behind 2.0 MiB of 4.0 MiB\n"
                            "  sha256:2d711642b726  [=====> ]   75 %  3.0 MiB of 4.0 MiB\n"
                            "0 of 1 blob, 3.0 MiB of 4.0 MiB (75 %), 512.0 KiB/s, 2 s le\n"
                            "\x1b[2A\x1b[J"
                            "tote: copied in 2.0 s: 3.0 MiB moved (1.5 MiB/s)\n");
  EXPECT_GE(display.interval(), 100ms) << "at most ten times a second";
}

TEST_F(DisplayTest, IsAnEventALineForPrograms) {
  messages_.become_json();
  Display display = show(ProgressStyle::kJson);
  copy(display);
  EXPECT_THAT(events(), ElementsAre("begin", "work", "blob-begin", "progress", "blob-begin",
                                    "blob-end", "summary"));
}

TEST_F(DisplayTest, IsNothingWhereNothingWasAskedFor) {
  Display display = show(ProgressStyle::kNone);
  copy(display);
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace tote::cmd
