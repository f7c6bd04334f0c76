// Layouts that a registry serves and writes to: what stands in index.json, what is collected, and
// what others do there meanwhile.
#include "testregistry/storage/layout/layout_storage.h"

#include "archive/archive_reader.h"
#include "archive/layout_upkeep.h"
#include "archive/layout_writer.h"
#include "base/json.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tote::testregistry {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Strings = std::vector<std::string>;

class ServedLayoutTest : public testing::Test {
 protected:
  LayoutStorage serve(const std::string& name = "app", LayoutOptions options = {}) {
    options.log = [this](const std::string& line) { log_ += line + "\n"; };
    return LayoutStorage({{dir_ / "l", name}}, options);
  }
  std::string index() const { return test::read_text(dir_ / "l/index.json"); }
  // "TAG" or "-" and the digest, of each entry.
  Strings entries() const {
    Strings all;
    const Json json = Json::parse(index(), "index.json");
    for (const Json& entry : json.items_of("manifests")) {
      const auto annotations = entry.string_map("annotations");
      const auto name = annotations.find("org.opencontainers.image.ref.name");
      all.push_back((name == annotations.end() ? "-" : name->second) + " " +
                    entry.at("digest").string());
    }
    return all;
  }
  fs::path blob(const oci::Digest& digest) const {
    return dir_ / ("l/blobs/sha256/" + digest.hex());
  }
  static CollectOptions at_once(bool untagged = false) {
    CollectOptions options;
    options.grace = std::chrono::seconds(0);
    options.upload_expiry = std::chrono::seconds(0);
    options.untagged = untagged;
    return options;
  }

  const test::TempDir dir_;
  std::string log_;
};

TEST_F(ServedLayoutTest, ATagIsAnEntryWithAName) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"}, "v1");
  EXPECT_THAT(entries(), UnorderedElementsAre("v1 " + image.str()));
  storage.put_tag("app", "v2", image);
  EXPECT_TRUE(storage.remove_tag("app", "v1"));
  EXPECT_FALSE(storage.remove_tag("app", "v1"));
  EXPECT_THAT(entries(), UnorderedElementsAre("v2 " + image.str()));
  EXPECT_TRUE(storage.remove_tag("app", "v2"));
  EXPECT_THAT(entries(), UnorderedElementsAre("- " + image.str())) << "it is there all the same";
  EXPECT_TRUE(storage.remove_manifest("app", image));
  EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(ServedLayoutTest, WhatATagLeavesStaysWithoutAName) {
  auto storage = serve();
  const auto first = test::put_image(storage, "app", {"first"}, "v1");
  const auto second = test::put_image(storage, "app", {"second"}, "v1");
  EXPECT_THAT(entries(), UnorderedElementsAre("- " + first.str(), "v1 " + second.str()));
  EXPECT_TRUE(storage.find_manifest("app", first));
}

TEST_F(ServedLayoutTest, AnIndexNeedsNoEntriesForItsImages) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"});
  EXPECT_THAT(entries(), UnorderedElementsAre("- " + image.str()));
  const auto list = test::put_index(storage, "app", {{image, "amd64"}}, "v1");
  EXPECT_THAT(entries(), UnorderedElementsAre("v1 " + list.str()));
  EXPECT_TRUE(storage.find_manifest("app", image));
  EXPECT_THAT([&] { storage.remove_manifest("app", image); },
              test::ThrowsError(ErrorKind::kForbidden, "of this layout needs it"));
  EXPECT_TRUE(storage.remove_manifest("app", list));
  EXPECT_THAT(entries(), UnorderedElementsAre("- " + image.str())) << "nobody removed that";
}

TEST_F(ServedLayoutTest, OutlivesARestartWithItsUploads) {
  oci::Digest image = oci::Digest::of("");
  std::string session;
  {
    auto storage = serve();
    image = test::put_image(storage, "app", {"layer"}, "v1");
    session = storage.begin_upload("app");
    storage.find_upload("app", session).session->append(as_bytes("half "));
  }
  auto storage = serve();
  EXPECT_EQ(storage.find_tag("app", "v1"), image);
  auto found = storage.find_upload("app", session);
  ASSERT_EQ(found.state, UploadState::kFound);
  found.session->append(as_bytes("whole"));
  EXPECT_FALSE(found.session->commit(oci::Digest::of("other")));
  EXPECT_TRUE(found.session->commit(oci::Digest::of("half whole")));
  EXPECT_EQ(test::read_text(blob(oci::Digest::of("half whole"))), "half whole");
}

TEST_F(ServedLayoutTest, IsWhatEachImageIsCalledIfItHasNoNameOfItsOwn) {
  LayoutStorage storage({{dir_ / "l"}}, {});
  test::put_image(storage, "l", {"own"}, "v1");
  const auto image = test::put_image(storage, "team/app", {"layer"}, "v1");
  EXPECT_EQ(storage.repositories("", 9), (Strings{"l", "team/app"}));
  EXPECT_EQ(storage.tags("team/app"), Strings{"v1"});
  EXPECT_THAT(index(), HasSubstr(R"("io.containerd.image.name":"layout.invalid/team/app:v1")"));
  LayoutStorage again({{dir_ / "l"}}, {});
  EXPECT_EQ(again.find_tag("team/app", "v1"), image);
}

TEST_F(ServedLayoutTest, SeesWhatOthersDoAtTheSameTime) {
  auto storage = serve();
  auto other = serve();
  const auto image = test::put_image(other, "app", {"layer"}, "theirs");
  EXPECT_EQ(storage.find_tag("app", "theirs"), image);
  test::put_image(storage, "app", {"mine"}, "mine");
  EXPECT_EQ(other.tags("app"), (Strings{"mine", "theirs"}));
  EXPECT_TRUE(archive::remove_tag(dir_ / "l", "theirs"));
  EXPECT_EQ(storage.tags("app"), Strings{"mine"});
  EXPECT_THAT([&] { storage.collect(at_once(), {}); },
              test::ThrowsError(ErrorKind::kIo, "another process is writing to"));
}

TEST_F(ServedLayoutTest, GoesOnWithWhatItKnewIfOthersWriteNonsense) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"}, "v1");
  const std::string before = index();
  test::write_text(dir_ / "l/index.json", "{\"manifests\": [");
  EXPECT_EQ(storage.find_tag("app", "v1"), image);
  EXPECT_THAT(log_, HasSubstr("what was there before is served: index.json"));
  EXPECT_THAT([&] { storage.put_tag("app", "v2", image); },
              test::ThrowsError(ErrorKind::kParse, "index.json"));
  EXPECT_EQ(index(), "{\"manifests\": [") << "it may be somebody's, half written";
  test::write_text(dir_ / "l/index.json", before);
  storage.put_tag("app", "v2", image);
  EXPECT_EQ(storage.tags("app"), (Strings{"v1", "v2"}));
}

TEST_F(ServedLayoutTest, KeepsWhatIsNotItsOwnInIndexJson) {
  oci::Digest image = oci::Digest::of("");
  {
    auto storage = serve();
    image = test::put_image(storage, "app", {"layer"}, "v1");
  }
  std::string text = index();
  text.insert(1, R"("x-mine":[1,{"a":null}],)");
  text.insert(text.find("\"annotations\""), R"("x-entry":true,)");
  test::write_text(dir_ / "l/index.json", text);
  auto storage = serve();
  test::put_image(storage, "app", {"more"}, "v2");
  EXPECT_THAT(index(), HasSubstr(R"("x-mine":[1,{"a":null}])"));
  EXPECT_THAT(index(), HasSubstr(R"("x-entry":true)"));
}

TEST_F(ServedLayoutTest, ReadsOnlyWhereNothingMayBeWritten) {
  { auto storage = serve(); }
  fs::permissions(dir_ / "l", fs::perms::owner_read | fs::perms::owner_exec);
  const auto before = fs::last_write_time(dir_ / "l");
  auto storage = serve("app", {.read_only = true});
  EXPECT_THAT(storage.tags("app"), IsEmpty());
  EXPECT_EQ(fs::last_write_time(dir_ / "l"), before);
  fs::permissions(dir_ / "l", fs::perms::owner_all);
}

TEST_F(ServedLayoutTest, ServesNothingThatIsNoFileOfItsOwn) {
  oci::Digest image = oci::Digest::of("");
  {
    auto storage = serve();
    image = test::put_image(storage, "app", {"layer"}, "v1");
  }
  const oci::Digest secret = oci::Digest::of("claimed");
  const oci::Digest pipe = oci::Digest::of("pipe");
  test::write_text(dir_ / "secret", "claimed");
  fs::create_symlink(dir_ / "secret", blob(secret));
  ASSERT_EQ(::mkfifo(blob(pipe).c_str(), 0600), 0);
  auto storage = serve();
  EXPECT_FALSE(storage.find_blob("app", secret));
  EXPECT_FALSE(storage.find_blob("app", pipe));
  // A manifest that has become another one is none.
  test::write_text(blob(image), "{}");
  auto later = serve();
  EXPECT_FALSE(later.find_tag("app", "v1"));
  EXPECT_THAT(log_, HasSubstr("is not served: its blob is not there, or is no manifest"));
}

TEST_F(ServedLayoutTest, RefusesAnIndexWhoseDigestsLeadOut) {
  { auto storage = serve(); }
  test::write_text(dir_ / "l/index.json",
                   R"({"schemaVersion":2,"manifests":[{"mediaType":"x","size":1,)"
                   R"("digest":"sha256:../../../../etc/passwd"}]})");
  EXPECT_THAT([&] { serve(); }, test::ThrowsError(ErrorKind::kParse, "sha256:../"));
}

TEST_F(ServedLayoutTest, DoesNotLetGoOfWhatAManifestNeeds) {
  auto storage = serve();
  test::put_image(storage, "app", {"layer"}, "v1");
  const auto stray = test::put_blob(storage, "app", "stray");
  const auto child = test::put_image(storage, "app", {"child"});
  const auto list = test::put_index(storage, "app", {{child, "amd64"}}, "multi");
  for (const auto& needed : {oci::Digest::of("layer"), child, list})
    EXPECT_THAT([&] { storage.remove_blob("app", needed); },
                test::ThrowsError(ErrorKind::kForbidden, "needs it"));
  EXPECT_TRUE(storage.remove_blob("app", stray));
  EXPECT_FALSE(fs::exists(blob(stray)));
}

TEST_F(ServedLayoutTest, HasNoPlaceForOtherNames) {
  auto storage = serve();
  EXPECT_THAT([&] { storage.begin_upload("other"); },
              test::ThrowsError(ErrorKind::kForbidden, "No layout is served as 'other'"));
  EXPECT_THAT(([&] {
                LayoutStorage({{dir_ / "a", "x"}, {dir_ / "b", "x"}}, {});
              }),
              test::ThrowsError(ErrorKind::kUsage, "Two layouts would be served as 'x'"));
  EXPECT_THAT(([&] { LayoutStorage({{dir_ / "Not A Name"}}, {}); }),
              test::ThrowsError(ErrorKind::kUsage, "is no name of a repository"));
}

// ---- garbage -----------------------------------------------------------------------------------

TEST_F(ServedLayoutTest, LosesWhatNoEntryLeadsTo) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"}, "v1");
  const auto child = test::put_image(storage, "app", {"child"});
  const auto list = test::put_index(storage, "app", {{child, "amd64"}}, "multi");
  const auto stray = test::put_blob(storage, "app", "stray");
  const std::string session = storage.begin_upload("app");
  CollectOptions dry = at_once();
  dry.dry_run = true;
  EXPECT_EQ(storage.collect(dry, {}).blobs, 1U);
  EXPECT_TRUE(fs::exists(blob(stray)));
  const Collected done = storage.collect(at_once(), {});
  EXPECT_EQ(done.blobs, 1U);
  EXPECT_EQ(done.uploads, 1U);
  EXPECT_EQ(done.bytes, 5U);
  EXPECT_FALSE(fs::exists(blob(stray)));
  for (const auto& kept : {image, child, list, oci::Digest::of("child")})
    EXPECT_TRUE(fs::exists(blob(kept))) << kept.str();
  EXPECT_FALSE(storage.upload_size("app", session));
}

TEST_F(ServedLayoutTest, KeepsWhatIsYoung) {
  auto storage = serve();
  const auto stray = test::put_blob(storage, "app", "stray");
  EXPECT_EQ(storage.collect({}, {}).blobs, 0U);
  EXPECT_TRUE(fs::exists(blob(stray)));
}

TEST_F(ServedLayoutTest, LosesWhatHasNoNameIfThatIsWanted) {
  auto storage = serve();
  const auto first = test::put_image(storage, "app", {"first"}, "v1");
  storage.put_tag("app", "sha256-" + first.hex() + ".imgpkg", first);
  const auto second = test::put_image(storage, "app", {"second"}, "v1");
  EXPECT_EQ(storage.collect(at_once(), {}).blobs, 0U);
  EXPECT_EQ(storage.collect(at_once(true), {}).manifests, 1U);
  EXPECT_THAT(entries(), UnorderedElementsAre("v1 " + second.str()));
  EXPECT_FALSE(fs::exists(blob(first)));
  EXPECT_TRUE(fs::exists(blob(second)));
}

// Some tools put what is about an image among the blobs, and say so nowhere.
TEST_F(ServedLayoutTest, KeepsWhatIsAboutAnImageThoughNothingListsIt) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"}, "v1");
  const auto about = test::put_blob(storage, "app", "{}");
  const auto report = test::put_blob(storage, "app", "report");
  const std::string type = "application/vnd.oci.image.manifest.v1+json";
  const auto text = [&](const oci::Digest& subject) {
    return fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{0}","config":{{"mediaType":"x","digest":"{1}","size":2}},)"
        R"("layers":[{{"mediaType":"x","digest":"{2}","size":6}}],)"
        R"("subject":{{"mediaType":"{0}","digest":"{3}","size":1}}}})",
        type, about.str(), report.str(), subject.str());
  };
  const auto listed = test::put_blob(storage, "app", text(image));
  const auto orphan = test::put_blob(storage, "app", text(oci::Digest::of("gone")));
  EXPECT_EQ(storage.collect(at_once(true), {}).blobs, 1U);
  EXPECT_TRUE(fs::exists(blob(listed)));
  EXPECT_TRUE(fs::exists(blob(report)));
  EXPECT_FALSE(fs::exists(blob(orphan)));
}

TEST_F(ServedLayoutTest, CollectsNothingWhereItCanNotTellWhatIsNeeded) {
  auto storage = serve();
  const auto image = test::put_image(storage, "app", {"layer"}, "v1");
  const auto stray = test::put_blob(storage, "app", "stray");
  test::write_text(blob(image), "{}");
  test::write_text(dir_ / "l2/oci-layout", test::read_text(dir_ / "l/oci-layout"));
  fs::copy(dir_ / "l/index.json", dir_ / "l2/index.json");
  fs::copy(dir_ / "l/blobs", dir_ / "l2/blobs", fs::copy_options::recursive);
  LayoutStorage damaged({{dir_ / "l2", "app"}}, {});
  EXPECT_THAT([&] { damaged.collect(at_once(), {}); },
              test::ThrowsError(ErrorKind::kParse, "can not be read, so what it needs is not"));
  EXPECT_TRUE(fs::exists(dir_ / ("l2/blobs/sha256/" + stray.hex())));
}

}  // namespace
}  // namespace tote::testregistry
