// copy --dry-run, --plan-out, --plan and --no-overwrite-tags, as a user types them.
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Strings = std::vector<std::string>;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    const auto one = image("one", 100'000);
    const auto two = image("two", 50'000);
    digest_ = test::put_bundle(near_.storage(), "src/bundle", test::images_lock({one, two}), "v1");
  }

  std::string image(const std::string& name, std::size_t size) {
    const auto digest = test::put_image(near_.storage(), "src/" + name,
                                        {test::random_bytes(size, static_cast<unsigned>(size))});
    return fmt::format("{}/src/{}@{}", near_.address(), name, digest.str());
  }

  Strings copy(const Strings& more) const {
    Strings words = {"copy",      "-q",
                     "-b",        near_.address() + "/src/bundle:v1",
                     "--to-repo", far_.address() + "/dst"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string plan() const { return (dir_ / "plan.json").string(); }
  std::size_t changes() const {
    std::size_t count = 0;
    for (const char* method : {"POST", "PATCH", "PUT", "DELETE"})
      count += far_.interceptor().count(method);
    return count;
  }
  bool has_bundle() {
    return tote({"tag", "resolve", "-i", far_.address() + "/dst:v1"}).exit_code == 0;
  }

  test::TempDir dir_;
  mutable test::TestRegistry near_;
  mutable test::TestRegistry far_;
  oci::Digest digest_ = oci::Digest::of("");
};

TEST_F(PlanTest, ADryRunMovesNothingAndSaysEverything) {
  const auto done = tote(copy({"--dry-run", "--json"}));
  EXPECT_DONE(done);
  EXPECT_EQ(changes(), 0U);
  const Json plan = Json::parse(done.out, "plan");
  EXPECT_EQ(plan.at("images").items().size(), 3U);
  EXPECT_EQ(plan.at("blobs_to_move").number(), 6U);
  EXPECT_GT(plan.at("bytes_to_move").number(), 150'000U);
  EXPECT_EQ(plan.at("tags").items().at(0).at("tag").string(), "v1");
  EXPECT_FALSE(plan.at("tags").items().at(0).find("before"));
  EXPECT_EQ(plan.at("missing").items().size(), 0U);
  EXPECT_DONE(tote(copy({})));
  const std::size_t needed = changes();
  EXPECT_GE(needed, plan.at("requests").number());
  const Json again = Json::parse(tote(copy({"--dry-run", "--json"})).out, "plan");
  EXPECT_EQ(again.at("requests").number(), 0U);
  EXPECT_EQ(again.at("bytes_there").number(), plan.at("bytes_to_move").number());
  EXPECT_EQ(changes(), needed);
}

TEST_F(PlanTest, ADryRunIsReadable) {
  EXPECT_THAT(tote(copy({"--dry-run", "--limit-rate", "10KB"})).out,
              testing::ContainsRegex("src/one@sha256:[0-9a-f]*\t97\\.[0-9] KiB\t0 B\t0 B\n"
                                     "(.*\n)*"
                                     "3 images: 14[0-9]\\.[0-9] KiB in 6 blobs to move, .*; "
                                     "[0-9]* requests\nabout 1[0-9] s at 9.8 KiB/s\n"
                                     "tag v1 is set to " +
                                     digest_.str()));
}

TEST_F(PlanTest, IntoFilesNothingIsMade) {
  for (const char* target : {"--to-tar", "--to-layout"}) {
    const auto done = tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", target,
                            (dir_ / "x").string(), "--dry-run", "--json"});
    EXPECT_DONE(done);
    EXPECT_THAT(test::read_tree(dir_.path()), IsEmpty());
    EXPECT_GT(Json::parse(done.out, "plan").at("bytes_to_move").number(), 150'000U);
  }
}

TEST_F(PlanTest, WhatIsMissingIsToldAndIsExitThree) {
  const auto gone = oci::Digest::of(test::random_bytes(50'000, 50'000));
  near_.storage().remove_blob("src/two", gone);
  const auto done = tote(copy({"--dry-run"}));
  EXPECT_EQ(done.exit_code, 3) << done.err;
  EXPECT_THAT(done.out, HasSubstr("missing: " + near_.address() + "/src/two@" + gone.str()));
}

TEST_F(PlanTest, IsCarriedOutOnce) {
  EXPECT_DONE(tote(copy({"--plan-out", plan()})));
  EXPECT_EQ(changes(), 0U);
  EXPECT_THAT(test::read_text(plan()), Not(HasSubstr("password")));
  EXPECT_DONE(tote({"copy", "--plan", plan()}));
  EXPECT_TRUE(has_bundle());
  const auto again = tote({"copy", "--plan", plan()});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("The plan does not hold any more: blob sha256:"));
}

TEST_F(PlanTest, IsRefusedWhereTheSourceHasChanged) {
  EXPECT_DONE(tote(copy({"--plan-out", plan()})));
  test::put_bundle(near_.storage(), "src/bundle", test::images_lock({image("one", 100'000)}), "v1");
  const auto refused = tote({"copy", "--plan", plan()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("is not concerned any more"));
  EXPECT_EQ(changes(), 0U);
}

TEST_F(PlanTest, IsRefusedWhereATagHasMoved) {
  EXPECT_DONE(tote(copy({"--plan-out", plan()})));
  const auto other = test::put_image(far_.storage(), "dst", {"other"}, "v1");
  const auto refused = tote({"copy", "--plan", plan()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              HasSubstr("it was planned that it is free, now it leads to " + other.str()));
}

TEST_F(PlanTest, SaysWhatIsCopiedAlone) {
  EXPECT_DONE(tote(copy({"--plan-out", plan()})));
  const auto both = tote(copy({"--plan", plan()}));
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_THAT(both.err, HasSubstr("Expected either --plan or --bundle, not both"));
  test::write_text(plan(), R"({"kind":"plan","version":2})");
  EXPECT_THAT(tote({"copy", "--plan", plan()}).err,
              HasSubstr("it is a plan of version 2; this program knows version 1"));
}

TEST_F(PlanTest, TagsStayWhereTheyAreIfThatIsWanted) {
  const auto other = test::put_image(far_.storage(), "dst", {"other"}, "v1");
  const auto refused = tote(copy({"--no-overwrite-tags"}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("v1 leads to " + other.str() + ", not to " + digest_.str()));
  EXPECT_EQ(changes(), 0U) << "before anything moves";
  EXPECT_EQ(tote(copy({"--no-overwrite-tags", "--dry-run"})).exit_code, 3);
  EXPECT_EQ(tote(copy({"--dry-run"})).exit_code, 0);
  EXPECT_DONE(tote(copy({})));
  EXPECT_DONE(tote(copy({"--no-overwrite-tags"})));
}

}  // namespace
}  // namespace tote
