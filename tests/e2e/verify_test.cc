// tote verify, as a user types it.
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
using Strings = std::vector<std::string>;

// Between a bundle of two images and its copies, of which something is taken away or changed.
class VerifyTest : public testing::Test {
 protected:
  VerifyTest() {
    const auto one = image("one", 100'000);
    const auto two = image("two", 50'000);
    bundle_ = test::put_bundle(near_.storage(), "src/bundle", test::images_lock({one, two}), "v1");
    EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar", tar()}));
    EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-repo", far()}));
  }

  std::string image(const std::string& name, std::size_t size) {
    const auto digest = test::put_image(near_.storage(), "src/" + name, {layer(size)});
    return fmt::format("{}/src/{}@{}", near_.address(), name, digest.str());
  }
  static std::string layer(std::size_t size) {
    return test::random_bytes(size, static_cast<unsigned>(size));
  }

  std::string tar() const { return (dir_ / "a.tar").string(); }
  std::string far() const { return far_.address() + "/dst"; }

  test::ProgramResult verify(const Strings& arguments) const {
    Strings words = {"verify", "-q"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return tote(words);
  }
  void expect_right(const Strings& arguments) const {
    const auto result = verify(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("is as it should be: 3 images, 6 blobs"));
  }
  void expect_finding(const Strings& arguments, const std::string& text) const {
    const auto result = verify(arguments);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.out, HasSubstr(text));
  }

  test::TempDir dir_;
  test::TestRegistry near_;
  test::TestRegistry far_;
  oci::Digest bundle_ = oci::Digest::of("");
};

TEST_F(VerifyTest, FindsNothingWhereEverythingIsRight) {
  expect_right({near_.address() + "/src/bundle:v1"});
  expect_right({far() + ":v1"});
  EXPECT_EQ(verify({far()}).exit_code, 0) << "all of its tags";
  expect_right({far() + ":v1", "--tar", tar()});
  expect_right({far(), "--tar", tar()});
  expect_right({tar()});
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-layout", (dir_ / "l").string()}));
  expect_right({(dir_ / "l").string(), "--tar", tar(), "--deep"});
}

TEST_F(VerifyTest, AsksForEachBlobOnce) {
  far_.interceptor().forget_requests();
  expect_right({far() + ":v1", "--tar", tar()});
  EXPECT_EQ(far_.interceptor().count("HEAD /v2/dst/blobs/"), 6U);
}

TEST_F(VerifyTest, DoesNotMissWhatWasLeftOutOnPurpose) {
  const auto amd = test::put_image(near_.storage(), "src/index", {std::string("amd")});
  const auto arm = test::put_image(near_.storage(), "src/index", {std::string("arm")}, {},
                                   {.architecture = "arm64"});
  test::put_index(near_.storage(), "src/index", {{amd, "amd64"}, {arm, "arm64"}}, "v1");
  const std::string place = near_.address() + "/src/index:v1";
  const std::string sparse = (dir_ / "sparse.tar").string();
  EXPECT_DONE(tote({"copy", "-q", "-i", place, "--platform", "linux/arm64", "--to-tar", sparse}));
  EXPECT_EQ(verify({sparse, "--deep"}).exit_code, 0);
  ASSERT_TRUE(near_.storage().remove_manifest("src/index", amd));
  EXPECT_EQ(verify({place, "--tar", sparse}).exit_code, 0);
  expect_finding({place}, amd.str());
}

TEST_F(VerifyTest, ReadsEverythingIfItIsToBeDeep) {
  const Json found = Json::parse(verify({far() + ":v1", "--deep", "--json"}).out, "result");
  EXPECT_EQ(found.at("right").text(), "true");
  EXPECT_GT(found.at("bytes_read").number(), 150'000U);
}

TEST_F(VerifyTest, MissesAnImage) {
  const auto gone = test::put_image(near_.storage(), "src/x", {layer(50'000)});
  ASSERT_TRUE(far_.storage().remove_manifest("dst", gone));
  const std::string complaint = fmt::format("missing: {}@{}: ", far(), gone.str());
  expect_finding({far() + ":v1", "--tar", tar()}, complaint);
  EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-repo", far()}));
  expect_right({far() + ":v1"});
}

TEST_F(VerifyTest, MissesABlob) {
  const auto gone = oci::Digest::of(layer(50'000));
  ASSERT_TRUE(far_.storage().remove_blob("dst", gone));
  expect_finding({far() + ":v1"},
                 fmt::format("missing: {}@{}: the blob is not there", far(), gone.str()));
}

TEST_F(VerifyTest, SeesWhereATagLeadsToSomethingElse) {
  const auto other = test::put_image(far_.storage(), "dst", {"other"}, "v1");
  expect_finding({far(), "--tar", tar()}, fmt::format("changed: {}:v1: it leads to {}, not to {}",
                                                      far(), other.str(), bundle_.str()));
}

TEST_F(VerifyTest, SeesWhatNobodyHasAskedFor) {
  test::put_image(far_.storage(), "dst", {"other"}, "other");
  expect_finding({far(), "--tar", tar()}, fmt::format("extra: {}:other: ", far()));
  expect_right({far() + ":v1", "--tar", tar()});
}

TEST_F(VerifyTest, SeesContentThatIsWrong) {
  std::string text = test::read_text(tar());
  text[text.find(layer(100'000)) + 77] ^= 1;
  test::write_text(dir_ / "bad.tar", text);
  const std::string complaint =
      fmt::format("corrupt: {}: error verifying", oci::Digest::of(layer(100'000)).str());
  expect_finding({(dir_ / "bad.tar").string(), "--deep"}, complaint);
  expect_finding({(dir_ / "bad.tar").string(), "--deep", "--tar", tar()}, complaint);
  test::write_text(dir_ / "cut.tar", text.substr(0, text.size() / 2));
  expect_finding({(dir_ / "cut.tar").string()}, "corrupt: " + (dir_ / "cut.tar").string());
}

TEST_F(VerifyTest, TakesALockForWhatShouldBeThere) {
  test::write_text(dir_ / "lock.yml",
                   test::images_lock({near_.address() + "/src/one@" + bundle_.str()}));
  expect_right({far(), "--lock", (dir_ / "lock.yml").string()});
  const auto absent = oci::Digest::of("absent");
  test::write_text(dir_ / "lock.yml", test::images_lock({"a.io/xx@" + absent.str()}));
  expect_finding({far() + ":v1", "--lock", (dir_ / "lock.yml").string()},
                 fmt::format("missing: {}@{}: ", far(), absent.str()));
}

TEST_F(VerifyTest, MissesSignatures) {
  ASSERT_EQ(test::run({"openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                       (dir_ / "key").string()})
                .exit_code,
            0);
  ASSERT_EQ(test::run({"openssl", "ec", "-in", (dir_ / "key").string(), "-pubout", "-out",
                       (dir_ / "key.pub").string()})
                .exit_code,
            0);
  expect_finding({far() + ":v1", "--verify-key", (dir_ / "key.pub").string()},
                 fmt::format("unsigned: {}@{}: ", far(), bundle_.str()));
}

TEST_F(VerifyTest, IsReadByPrograms) {
  const auto gone = oci::Digest::of(layer(50'000));
  ASSERT_TRUE(far_.storage().remove_blob("dst", gone));
  const std::string junit = (dir_ / "report.xml").string();
  const auto result = verify({far() + ":v1", "--json", "--junit", junit});
  EXPECT_EQ(result.exit_code, 3);
  const Json found = Json::parse(result.out, "result");
  EXPECT_EQ(found.at("right").text(), "false");
  ASSERT_EQ(found.at("findings").items().size(), 1U);
  EXPECT_EQ(found.at("findings").items()[0].at("kind").string(), "missing");
  EXPECT_THAT(test::read_text(junit), HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_EQ(test::run({"python3", "-c",
                       "import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])", junit})
                .exit_code,
            0);
}

TEST_F(VerifyTest, SaysWhatItCanNotDo) {
  EXPECT_EQ(verify({"-"}).exit_code, 1);
  EXPECT_EQ(verify({far() + ":none"}).exit_code, 1);
  EXPECT_EQ(verify({far(), "--tar", tar(), "--lock", tar()}).exit_code, 1);
  EXPECT_EQ(verify({}).exit_code, 1);
}

}  // namespace
}  // namespace tote
