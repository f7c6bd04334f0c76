#include "bundle/bundle_lock.h"
#include "bundle/images_lock.h"
#include "bundle/transfer.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

using test::ThrowsError;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kHead = "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n";

ImagesLock parse(const std::string& text) {
  return ImagesLock::parse(text, "images.yml");
}

TEST(ImagesLock, ReadsAndNormalises) {
  const ImagesLock lock =
      parse(kHead + "images:\n- image: ubuntu@" + kDigest +
            "\n  annotations: {n: 1, b: true}\n- image: reg.io/app:v1@" + kDigest + "\n");
  ASSERT_EQ(lock.images.size(), 2U);
  EXPECT_EQ(lock.images[0].reference.name(), "index.docker.io/library/ubuntu@" + kDigest);
  EXPECT_EQ(lock.images[0].annotations.at("n"), "1");
  EXPECT_EQ(lock.images[0].annotations.at("b"), "true");
  EXPECT_EQ(lock.images[1].reference.name(), "reg.io/app@" + kDigest);
  EXPECT_TRUE(parse(kHead).images.empty());
  EXPECT_TRUE(parse(kHead + "images: []").images.empty());
}

TEST(ImagesLock, WritesTheRecordedBytes) {
  const std::string recorded = test::read_data("imgpkg/pulled/.imgpkg/images.yml");
  EXPECT_EQ(parse(recorded).encode(), recorded);
}

TEST(ImagesLock, ComesBackTheSame) {
  ImagesLock lock = parse(kHead + "images:\n- image: reg.io/app@" + kDigest + "\n");
  lock.images[0].annotations = {{"a10", "x: y"}, {"a9", "1.0"}, {"yes", "\nmany\nlines\n"}};
  const ImagesLock again = parse(lock.encode());
  EXPECT_EQ(again.images[0].annotations, lock.images[0].annotations);
  EXPECT_EQ(again.encode(), lock.encode());
}

struct Bad {
  const char* name;
  std::string text;
  std::string complaint;
};
class BadImagesLock : public testing::TestWithParam<Bad> {};

TEST_P(BadImagesLock, IsRefused) {
  EXPECT_THAT([] { parse(GetParam().text); }, ThrowsError(ErrorKind::kParse, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadImagesLock,
    testing::Values(
        Bad{"UnknownKey", kHead + "another-key: 1\n",
            "Unmarshaling images lock: error unmarshaling JSON: while decoding JSON: json: unknown "
            "field \"another-key\""},
        Bad{"UnknownKeyInImage", kHead + "images: [{image: a@" + kDigest + ", x: 1}]",
            "unknown field \"x\""},
        Bad{"RepeatedKey", kHead + "kind: ImagesLock\n", "line 3: key \"kind\" already set in map"},
        Bad{"Tag", kHead + "images: [{image: nginx:v1}]",
            "Validating images lock: Expected ref to be in digest form, got 'nginx:v1'"},
        Bad{"NoImage", kHead + "images: [{annotations: {}}]",
            "Expected ref to be in digest form, got ''"},
        Bad{"OtherVersion", "apiVersion: x\nkind: ImagesLock\n",
            "Validating images lock: Validating apiVersion: Unknown version (known: "
            "imgpkg.carvel.dev/v1alpha1)"},
        Bad{"OtherKind", "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: X\n",
            "Validating images lock: Validating kind: Unknown kind (known: ImagesLock)"},
        Bad{"Empty", "", "Unknown version"}, Bad{"NoYaml", "a: [", "images.yml, line"},
        Bad{"ListForMap", "- a\n", "expected a mapping"},
        Bad{"MapForList", kHead + "images: {a: b}", "expected a list"},
        Bad{"DeepNesting", std::string(100'000, '['), "images.yml"}),
    [](const auto& row) { return row.param.name; });

TEST(ImagesLock, TakesAliasesWithoutMultiplyingThem) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + "," + before +
            "," + before + "]\n";
  }
  EXPECT_THAT([&] { parse(bomb); }, ThrowsError(ErrorKind::kParse, "unknown field"));
}

TEST(ImagesLock, StopsCountingAliases) {
  std::string text = kHead + "images:\n- &a\n  image: a.io/bb@" + kDigest + "\n  annotations:\n";
  for (int i = 0; i < 1000; ++i) text += "    k" + std::to_string(i) + ": v\n";
  for (int i = 0; i < 5000; ++i) text += "- *a\n";
  EXPECT_THAT([&] { parse(text); }, ThrowsError(ErrorKind::kParse, "more than 1000000 nodes"));
}

TEST(ImagesLock, HasToBeUtf8) {
  EXPECT_THAT([] { parse(kHead + "images: [{image: \"\xf0\"}]"); },
              ThrowsError(ErrorKind::kParse, "not UTF-8"));
}

TEST(BundleLock, ReadsAndWritesTheRecordedBytes) {
  const std::string recorded = test::read_data("imgpkg/copied.bundle-lock.yml");
  const BundleLock lock = BundleLock::parse(recorded, "lock");
  EXPECT_EQ(lock.tag, "1.0");
  EXPECT_EQ(lock.encode(), recorded);
}

TEST(BundleLock, IsStrict) {
  EXPECT_THAT([] { BundleLock::parse("a: 1", "l"); },
              ThrowsError(ErrorKind::kParse, "Unmarshaling bundle lock: "));
  EXPECT_THAT(
      [] {
        BundleLock::parse(
            "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: BundleLock\nbundle: {image: 'nginx:v1'}",
            "l");
      },
      ThrowsError(ErrorKind::kParse,
                  "Validating bundle lock: Expected ref to be in digest form, got 'nginx:v1'"));
}

TEST(ReadAnyLock, TellsTheTwoKindsApartAndReportsBoth) {
  const test::TempDir dir;
  test::write_text(dir / "b", test::read_data("imgpkg/copied.bundle-lock.yml"));
  test::write_text(dir / "i", kHead);
  test::write_text(dir / "x", "bundle: 1\n");
  EXPECT_TRUE(std::holds_alternative<FromBundleLock>(read_any_lock(dir / "b")));
  EXPECT_TRUE(std::holds_alternative<FromImagesLock>(read_any_lock(dir / "i")));
  try {
    read_any_lock(dir / "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(
        error.message(),
        testing::StartsWith("Trying to read bundle or images lock file: Unmarshaling images"));
    EXPECT_THAT(error.hint(), testing::StartsWith("as a bundle lock: "));
  }
}

}  // namespace
}  // namespace tote::bundle
