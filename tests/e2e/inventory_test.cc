// tote inventory, as a user types it.
#include "bundle/inventory.h"

#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using bundle::Inventory;
using test::tote;

class InventoryTest : public testing::Test {
 protected:
  InventoryTest() {
    image_ = test::put_image(near_.storage(), "src/app", {layer_}, "v1");
    bundle_ =
        test::put_bundle(near_.storage(), "src/bundle",
                         test::images_lock({near_.address() + "/src/app@" + image_.str()}), "v1");
    EXPECT_DONE(tote({"copy", "-q", "-b", near_.address() + "/src/bundle:v1", "--to-tar", tar()}));
    EXPECT_DONE(tote({"copy", "-q", "--tar", tar(), "--to-repo", near_.address() + "/dst"}));
  }

  std::string tar() const { return (dir_ / "a.tar").string(); }
  static Inventory of(const std::string& place) {
    const auto result = tote({"inventory", place});
    EXPECT_DONE(result);
    return Inventory::parse(result.out);
  }
  void expect_everything(const Inventory& inventory) const {
    EXPECT_TRUE(inventory.blobs.contains(image_));
    EXPECT_TRUE(inventory.blobs.contains(bundle_));
    EXPECT_EQ(inventory.blobs.at(oci::Digest::of(layer_)), layer_.size());
    ASSERT_TRUE(inventory.tags.contains("v1"));
    EXPECT_EQ(inventory.tags.at("v1"), bundle_);
  }

  const std::string layer_ = test::random_bytes(10'000, 1);
  test::TempDir dir_;
  test::TestRegistry near_;
  oci::Digest image_ = oci::Digest::of("");
  oci::Digest bundle_ = oci::Digest::of("");
};

TEST_F(InventoryTest, OfAnArchiveIsWhatIsInIt) {
  const Inventory inventory = of(tar());
  expect_everything(inventory);
  EXPECT_EQ(inventory.blobs.size(), 6U);
}

TEST_F(InventoryTest, OfARepositoryIsWhatItsTagsLeadTo) {
  expect_everything(of(near_.address() + "/dst"));
  EXPECT_EQ(of(near_.address() + "/src/app:v1").blobs.size(), 3U);
}

TEST_F(InventoryTest, GoesIntoAFile) {
  EXPECT_DONE(tote({"inventory", tar(), "-o", (dir_ / "have.json").string()}));
  expect_everything(Inventory::parse(test::read_text(dir_ / "have.json")));
}

TEST_F(InventoryTest, IsCompressedWhereItsNameSaysSo) {
  const std::string file = (dir_ / "have.json.zst").string();
  EXPECT_DONE(tote({"inventory", tar(), "-o", file}));
  expect_everything(Inventory::load(file));
  EXPECT_DONE(test::run({"zstd", "-q", "-d", file}));
  EXPECT_EQ(test::read_text(dir_ / "have.json"), tote({"inventory", tar()}).out);
  EXPECT_DONE(test::run({"gzip", (dir_ / "have.json").string()}));
  expect_everything(Inventory::load(dir_ / "have.json.gz"));
}

TEST_F(InventoryTest, OfNothingIsAnError) {
  EXPECT_EQ(tote({"inventory", near_.address() + "/src/app:none"}).exit_code, 1);
  EXPECT_EQ(tote({"inventory", (dir_ / "none.tar").string()}).exit_code, 1);
  EXPECT_EQ(tote({"inventory", "-"}).exit_code, 1);
}

TEST(Inventory, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT([] { Inventory::parse(R"({"kind":"inventory","version":2})"); },
              test::ThrowsError(ErrorKind::kParse, "version 2; this program knows version 1"));
  EXPECT_THAT([] { Inventory::parse(R"({"kind":"plan"})"); },
              test::ThrowsError(ErrorKind::kParse, "it is no inventory"));
  EXPECT_THAT(
      [] {
        Inventory::parse(R"({"kind":"inventory","version":1,"blobs":[{"digest":"x","bytes":1}]})");
      },
      test::ThrowsError(ErrorKind::kParse, "x"));
}

}  // namespace
}  // namespace tote
