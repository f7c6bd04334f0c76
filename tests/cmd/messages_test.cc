#include "cmd/cli/messages.h"

#include "base/json.h"
#include "base/text.h"
#include "cmd/cli/ui.h"
#include "cmd/progress/retry_notices.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tote::cmd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST(Messages, StandAboveWhatIsDrawn) {
  std::ostringstream err;
  Messages messages(err);
  messages.draw({"50 %", "total"}, 80);
  messages.say("tote: look\n");
  messages.draw({"60 %"}, 80);
  messages.draw({}, 80);
  EXPECT_EQ(err.str(),
            "50 %\ntotal\n"
            "\x1b[2A\x1b[Jtote: look\n50 %\ntotal\n"
            "\x1b[2A\x1b[J60 %\n"
            "\x1b[1A\x1b[J");
}

TEST(Messages, EraseWhatANarrowerTerminalHasBroken) {
  std::ostringstream err;
  Messages messages(err);
  messages.draw({"0123456789"}, 80);
  messages.draw({}, 4);
  EXPECT_EQ(err.str(), "0123456789\n\x1b[3A\x1b[J");
}

TEST(Messages, AreNothingButJsonWhereThatWasAskedFor) {
  std::ostringstream out;
  std::ostringstream err;
  Ui ui(out, err, "tote");
  ui.messages().become_json();
  ui.notice("left out of 'x': 1 \"link\"");
  ui.debug("GET /v2/\n");
  ui.progress("retrying", EventLine("retry").member("milliseconds", 5));
  ui.error({"Doing", "It failed"}, "try this");
  const std::vector<std::string> lines = split(err.str(), '\n');
  ASSERT_EQ(lines.size(), 5U) << err.str();
  EXPECT_THAT(lines[0], MatchesRegex(R"(\{"event":"notice","time":"....-..-..T..:..:..\....Z",)"
                                     R"("message":"left out of 'x': 1 \\"link\\""\})"));
  EXPECT_THAT(lines[1], HasSubstr(R"("message":"GET /v2/\n")"));
  EXPECT_THAT(lines[2], HasSubstr(R"("event":"retry")"));
  EXPECT_THAT(lines[3], HasSubstr(R"("message":"Doing: It failed","frames":["Doing","It failed"],)"
                                  R"("hint":"try this"})"));
  EXPECT_EQ(lines[4], "");
}

TEST(Messages, GoIntoAFileBesideWhatPeopleRead) {
  test::TempDir dir;
  std::ostringstream err;
  Messages messages(err);
  EXPECT_FALSE(messages.has_event_readers());
  messages.copy_events_to(dir / "events");
  EXPECT_TRUE(messages.has_event_readers());
  messages.say("tote: look\n", EventLine("notice").member("message", "look"));
  EXPECT_EQ(err.str(), "tote: look\n");
  EXPECT_THAT(test::read_text(dir / "events"),
              MatchesRegex(R"(\{"event":"notice","time":"[^"]*","message":"look"\})"
                           "\n"));
  EXPECT_THAT([&] { messages.copy_events_to(dir / "no" / "such"); },
              test::ThrowsError(ErrorKind::kIo, "for progress"));
}

class RetryNoticesTest : public testing::Test {
 protected:
  static Error limit() {
    Error error(ErrorKind::kRegistry, "TOOMANYREQUESTS", Retry::kYes);
    error.with_retry_after(3s);
    return error;
  }

  std::ostringstream out_;
  std::ostringstream err_;
  Ui ui_{out_, err_, "tote"};
  test::FakeClock clock_;
  RetryListener tell_ = announce_retries(ui_, clock_);
};

TEST_F(RetryNoticesTest, SayWhyAndHowLong) {
  tell_(120ms, Error(ErrorKind::kTransport, "reset"));
  tell_(5000ms, Error(ErrorKind::kTransport, "reset"));
  EXPECT_EQ(err_.str(), "tote: retrying in 0.1 s: reset\ntote: retrying in 5 s: reset\n");
}

TEST_F(RetryNoticesTest, SayARateLimitOnceHoweverManyRequestsItStops) {
  for (int request = 0; request < 5; ++request) tell_(3050ms, limit());
  EXPECT_EQ(err_.str(), "tote: retrying in 3 s: TOOMANYREQUESTS\n");
  clock_.advance(4s);
  tell_(3000ms, limit());
  EXPECT_EQ(split(err_.str(), '\n').size(), 3U) << "it is another one";
}

TEST_F(RetryNoticesTest, SayNothingWhenQuiet) {
  ui_.set_quiet();
  tell_(3000ms, limit());
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace tote::cmd
