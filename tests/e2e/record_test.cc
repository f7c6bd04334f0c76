// tote copy --record, as a user types it.
#include "base/json.h"
#include "base/text.h"
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
using testing::MatchesRegex;
using testing::Not;

class RecordTest : public testing::Test {
 protected:
  RecordTest() {
    image_ = test::put_image(near_.storage(), "src/app", {"layer"}, "v1");
    bundle_ = test::put_bundle(near_.storage(), "src/bundle",
                               test::images_lock({reference(near_, "src/app", image_)}), "v1");
  }

  static std::string reference(const test::TestRegistry& registry, const std::string& name,
                               const oci::Digest& digest) {
    return fmt::format("{}/{}@{}", registry.address(), name, digest.str());
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  // What is attached to an image of the far registry.
  std::vector<Json> records_of(const oci::Digest& subject) {
    std::vector<Json> records;
    for (const auto& referrer : far_.storage().referrers("dst", subject)) {
      EXPECT_EQ(referrer.artifact_type, "application/vnd.tote.copy-record.v1+json");
      const auto manifest = far_.storage().find_manifest("dst", referrer.digest);
      const Json layer =
          Json::parse(text_of(manifest->content), "manifest").at("layers").items()[0];
      const auto blob =
          far_.storage().find_blob("dst", oci::Digest::parse(layer.at("digest").string()));
      records.push_back(Json::parse(text_of(*blob), "record"));
    }
    return records;
  }
  static std::string text_of(const testregistry::Content& content) {
    return read_all(*testregistry::open_content(content), 1U << 20U, "content");
  }

  void expect_record_of_bundle(const Json& record) const {
    EXPECT_EQ(record.at("kind").string(), "copy-record");
    EXPECT_EQ(record.at("version").number(), 1U);
    EXPECT_THAT(record.at("program").string(), MatchesRegex("tote [0-9.]+"));
    EXPECT_THAT(record.at("time").string(),
                MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+Z"));
    ASSERT_EQ(record.at("images").items().size(), 2U);
    EXPECT_EQ(record.at("images").items()[0].at("from").string(),
              reference(near_, "src/app", image_));
    EXPECT_EQ(record.at("images").items()[1].at("from").string(),
              reference(near_, "src/bundle", bundle_));
    EXPECT_EQ(record.at("images").items()[1].at("tag").string(), "v1");
  }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
  oci::Digest image_ = oci::Digest::of("");
  oci::Digest bundle_ = image_;
};

TEST_F(RecordTest, IsAttachedToTheBundle) {
  EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-repo",
                    far_.address() + "/dst", "--record"}));
  const auto records = records_of(bundle_);
  ASSERT_EQ(records.size(), 1U);
  expect_record_of_bundle(records[0]);
  EXPECT_EQ(records[0].at("to").string(), far_.address() + "/dst");
  EXPECT_EQ(records[0].at("images").items()[1].at("to").string(), reference(far_, "dst", bundle_));
  EXPECT_TRUE(records_of(image_).empty());
  // It is not in the way: the place is as it should be, and nothing of it is extra.
  EXPECT_DONE(
      tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar", path("a.tar")}));
  EXPECT_DONE(tote({"verify", "-q", far_.address() + "/dst", "--tar", path("a.tar"), "--deep"}));
}

TEST_F(RecordTest, IsAttachedToEachImageThatNoBundleNames) {
  const auto other = test::put_image(near_.storage(), "src/other", {"other"});
  test::write_text(dir_ / "lock.yml", test::images_lock({reference(near_, "src/app", image_),
                                                         reference(near_, "src/other", other)}));
  EXPECT_DONE(tote({"copy", "-q", "--lock", path("lock.yml"), "--to-repo", far_.address() + "/dst",
                    "--record"}));
  for (const oci::Digest& image : {image_, other}) {
    const auto records = records_of(image);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].at("images").items().size(), 1U);
  }
}

TEST_F(RecordTest, SaysOfAnArchiveWhereItsImagesCameFrom) {
  EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar",
                    path("a.tar"), "--record=" + path("first.json")}));
  const Json first = Json::parse(test::read_text(dir_ / "first.json"), "record");
  expect_record_of_bundle(first);
  EXPECT_EQ(first.at("to").string(), "a.tar");
  EXPECT_FALSE(first.at("images").items()[0].find("to"));
  EXPECT_DONE(tote(
      {"copy", "-q", "--tar", path("a.tar"), "--to-repo", far_.address() + "/dst", "--record"}));
  const auto records = records_of(bundle_);
  ASSERT_EQ(records.size(), 1U);
  expect_record_of_bundle(records[0]);
}

TEST_F(RecordTest, TravelsWithTheBundleIfItIsToldTo) {
  EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-repo",
                    far_.address() + "/dst", "--record"}));
  EXPECT_DONE(tote({"copy", "-q", "-b", far_.address() + "/dst:v1", "--include-referrers",
                    "--to-tar", path("a.tar")}));
  EXPECT_THAT(test::read_text(dir_ / "a.tar"), HasSubstr("\"kind\":\"copy-record\""));
}

TEST_F(RecordTest, HoldsNoCredentials) {
  EXPECT_DONE(tote({"copy", "-q", "-i", near_.address() + "/src/app:v1", "--to-layout", path("l"),
                    "--record=" + path("r.json"), "--registry-username", "ann",
                    "--registry-password", "hunter2"}));
  EXPECT_THAT(test::read_text(dir_ / "r.json"),
              Not(testing::AnyOf(HasSubstr("ann"), HasSubstr("hunter2"))));
}

TEST_F(RecordTest, WantsAFileWhereThereIsNothingToAttachItTo) {
  const auto result = tote(
      {"copy", "-q", "-i", near_.address() + "/src/app:v1", "--to-tar", path("a.tar"), "--record"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("hint: --record=FILE writes it to a file"));
  EXPECT_FALSE(std::filesystem::exists(path("a.tar")));
}

}  // namespace
}  // namespace tote
