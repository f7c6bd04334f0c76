// A layout that comes into the registry's directory bit by bit, while `cp` runs.
#include "archive/layout_directory.h"
#include "base/json.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"
#include "tests/testregistry/directory_events.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace tote::testregistry {
namespace {

namespace fs = std::filesystem;

// What the storage logs, for a test to wait for.
class Logged {
 public:
  std::function<void(std::string_view)> call() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_ += std::string(line) + "\n";
      changed_.notify_all();
    };
  }
  bool wait_for(const std::string& text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60),
                             [&] { return lines_.find(text) != std::string::npos; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string lines_;  // guarded by mutex_
};

class DroppedLayout : public testing::Test {
 protected:
  DroppedLayout() {
    {
      DirectoryStorage storage(dir_ / "other");
      first_ = test::put_image(storage, "x", {"one"}, "first");
      second_ = test::put_image(storage, "x", {"two"}, "second");
    }
    fs::create_directories(at_ / "blobs/sha256");
    for (const char* name : {"index.json", "oci-layout"}) fs::copy(from_ / name, at_ / name);
  }

  void copy_blob(const std::string& hex) {
    fs::copy(from_ / "blobs/sha256" / hex, at_ / "blobs/sha256" / hex);
  }
  void copy_all_but(const std::string& hex) {
    for (const auto& entry : fs::directory_iterator(from_ / "blobs/sha256"))
      if (entry.path().filename() != hex) copy_blob(entry.path().filename());
  }
  // Until the storage has looked again, which it does about once a second.
  bool comes_to_be_whole() {
    return test::wait_in(at_, [this] { return !fs::exists(at_ / "oci-layout"); }) &&
           !fs::exists(at_ / "index.json");
  }

  const test::TempDir dir_;
  const fs::path from_ = dir_ / "other/repositories/x/_layout";
  const fs::path at_ = dir_ / "r/repositories/app";
  oci::Digest first_ = oci::Digest::of("");
  oci::Digest second_ = oci::Digest::of("");
  const std::string layer_ = oci::Digest::of("two").hex();
};

TEST_F(DroppedLayout, IsServedAsFarAsItIsThereAndKeepsItsIndexUntilItIsWhole) {
  copy_all_but(layer_);
  DirectoryStorage storage(dir_ / "r");
  EXPECT_EQ(storage.find_tag("app", "first"), first_);
  EXPECT_EQ(storage.find_tag("app", "second"), second_);
  EXPECT_FALSE(storage.find_blob("app", oci::Digest::of("two")));
  EXPECT_TRUE(fs::exists(at_ / "oci-layout"));
  const std::string rest = test::read_text(at_ / "index.json");
  EXPECT_EQ(rest.find(first_.str()), std::string::npos) << "that one is whole";
  EXPECT_NE(rest.find(second_.str()), std::string::npos);
  copy_blob(layer_);
  EXPECT_TRUE(comes_to_be_whole());
  EXPECT_TRUE(storage.find_blob("app", oci::Digest::of("two")));
}

TEST_F(DroppedLayout, IsLeftAloneWhileToteAddsToIt) {
  copy_all_but("");
  const std::string before = test::read_text(at_ / "index.json");
  auto writer = archive::lock_layout(at_, archive::LayoutUse::kAdding);
  DirectoryStorage storage(dir_ / "r");
  EXPECT_FALSE(storage.find_tag("app", "first"));
  EXPECT_EQ(test::read_text(at_ / "index.json"), before);
  writer = {};
  EXPECT_TRUE(comes_to_be_whole());
  EXPECT_EQ(storage.find_tag("app", "first"), first_);
}

TEST_F(DroppedLayout, TakesManifestsThatComeLater) {
  copy_all_but(second_.hex());
  DirectoryStorage storage(dir_ / "r");
  EXPECT_FALSE(storage.find_tag("app", "second"));
  copy_blob(second_.hex());
  EXPECT_TRUE(comes_to_be_whole());
  EXPECT_EQ(storage.find_tag("app", "second"), second_);
}

TEST_F(DroppedLayout, IsFinishedAfterARestart) {
  copy_all_but(layer_);
  { EXPECT_TRUE(DirectoryStorage(dir_ / "r").find_tag("app", "first")); }
  copy_blob(layer_);
  DirectoryStorage storage(dir_ / "r");
  EXPECT_TRUE(storage.find_blob("app", oci::Digest::of("two")));
  EXPECT_FALSE(fs::exists(at_ / "oci-layout"));
}

// Looking again must not undo what clients have done meanwhile.
TEST_F(DroppedLayout, SetsATagOnce) {
  copy_all_but(layer_);
  {
    DirectoryStorage storage(dir_ / "r");
    EXPECT_EQ(storage.find_tag("app", "second"), second_);
    storage.put_tag("app", "second", first_);
    EXPECT_TRUE(storage.remove_tag("app", "first"));
  }
  DirectoryStorage storage(dir_ / "r");
  EXPECT_EQ(storage.find_tag("app", "second"), first_);
  EXPECT_FALSE(storage.find_tag("app", "first"));
}

TEST_F(DroppedLayout, WaitsForAnIndexThatIsBeingWritten) {
  copy_all_but("");
  const std::string index = test::read_text(at_ / "index.json");
  test::write_text(at_ / "index.json", index.substr(0, index.size() / 2));
  Logged logged;
  DirectoryStorage storage(dir_ / "r", Sync::kNo, logged.call());
  EXPECT_TRUE(storage.tags("app").empty());
  EXPECT_TRUE(logged.wait_for("the layout is not served")) << "and says so";
  test::write_text(at_ / "index.json", index);
  EXPECT_TRUE(comes_to_be_whole());
  EXPECT_EQ(storage.find_tag("app", "first"), first_);
}

// As it is between the moment in which it is made and the one in which it is written.
TEST_F(DroppedLayout, KeepsAnIndexThatSaysNothingYet) {
  copy_all_but("");
  const std::string index = test::read_text(at_ / "index.json");
  for (const char* nothing : {"", "{}", R"({"schemaVersion":2,"manifests":[]})"}) {
    test::write_text(at_ / "index.json", nothing);
    DirectoryStorage storage(dir_ / "r");
    EXPECT_TRUE(storage.tags("app").empty());
    EXPECT_TRUE(fs::exists(at_ / "index.json")) << nothing;
    EXPECT_TRUE(fs::exists(at_ / "oci-layout")) << nothing;
  }
  test::write_text(at_ / "index.json", index);
  DirectoryStorage storage(dir_ / "r");
  EXPECT_EQ(storage.find_tag("app", "first"), first_);
}

TEST_F(DroppedLayout, LeavesAFileThatHasOtherNamesWhereItIsUntilItHasACopy) {
  copy_all_but("");
  fs::create_hard_link(at_ / "blobs/sha256" / layer_, dir_ / "elsewhere");
  DirectoryStorage storage(dir_ / "r");
  EXPECT_TRUE(storage.find_blob("app", oci::Digest::of("two")));
  test::write_text(dir_ / "elsewhere", "new");
  EXPECT_EQ(test::read_text(dir_ / "r/blobs/sha256" / layer_), "two");
}

TEST_F(DroppedLayout, TakesAFileThatGrowsWhenItIsWhole) {
  copy_all_but(layer_);
  test::write_text(at_ / "blobs/sha256" / layer_, "t");
  Logged logged;
  DirectoryStorage storage(dir_ / "r", Sync::kNo, logged.call());
  EXPECT_FALSE(storage.find_blob("app", oci::Digest::of("two")));
  EXPECT_TRUE(logged.wait_for("has other content than its name says"));
  test::write_text(at_ / "blobs/sha256" / layer_, "two");
  EXPECT_TRUE(comes_to_be_whole());
}

// "registry.example/app@sha256:..." is how tote names what a bundle brought.
TEST_F(DroppedLayout, TakesNoDigestForATag) {
  copy_all_but("");
  std::string index = test::read_text(at_ / "index.json");
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"\"first\"",
                                            fmt::format("\"r.example/app@{}\"", first_.str())},
        {"\"second\"", "\"localhost:5000/app:v2\""}})
    index.replace(index.find(from), from.size(), to);
  test::write_text(at_ / "index.json", index);
  DirectoryStorage storage(dir_ / "r");
  EXPECT_EQ(storage.tags("app"), std::vector<std::string>{"v2"});
  EXPECT_TRUE(storage.find_manifest("app", first_));
}

}  // namespace
}  // namespace tote::testregistry
