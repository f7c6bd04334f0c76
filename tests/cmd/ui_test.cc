#include "cmd/ui.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tote::cmd {
namespace {

class UiTest : public testing::Test {
 protected:
  std::ostringstream out_;
  std::ostringstream err_;
  Ui ui_{out_, err_, "tote"};
};

TEST_F(UiTest, PrintsResultsButNoProgressOnAPipe) {
  ui_.log("working\n");
  ui_.result("Pushed 'x'");
  ui_.succeeded();
  EXPECT_EQ(out_.str(), "Pushed 'x'\n");
}

TEST_F(UiTest, PadsLikeImgpkgOnATerminal) {
  ui_.set_tty(true);
  ui_.log("dir: .\n");
  ui_.result("Pushed 'x'");
  ui_.succeeded();
  EXPECT_EQ(out_.str(), "dir: .\nPushed 'x'\nSucceeded\n");
}

TEST_F(UiTest, WritesErrorsWithAHintToStderr) {
  ui_.error("Doing: It failed", "try this");
  EXPECT_EQ(err_.str(), "tote: Error: Doing:\n  It failed\nhint: try this\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(UiTest, LaysTablesOutAsImgpkgDoes) {
  ui_.table("Tags", {"Name", "Digest"}, {{"b", "sha256:5"}, {"tag1", "sha256:6"}});
  EXPECT_EQ(out_.str(), "b   \tsha256:5\t\ntag1\tsha256:6\t\n");
}

TEST_F(UiTest, LaysTablesOutForATerminal) {
  ui_.set_tty(true);
  ui_.table("Tags", {"Name"}, {{"b"}, {"tag1"}});
  ui_.succeeded();
  EXPECT_EQ(out_.str(), "Tags\n\nName  \nb  \ntag1  \n\n2 tags\n\nSucceeded\n");
}

}  // namespace
}  // namespace tote::cmd
