// What a directory keeps from one process to the next.
#include "base/json.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/storage/directory/directory_storage.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <array>
#include <mutex>
#include <poll.h>
#include <set>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::testregistry {
namespace {

using test::TempDir;

std::string read(const Content& content) {
  const auto source = open_content(content);
  return read_all(*source, 1U << 30U, "content");
}

TEST(DirectoryStorage, KeepsEverythingOverARestart) {
  const TempDir dir;
  oci::Digest image = oci::Digest::of("");
  std::string session;
  {
    DirectoryStorage storage(dir / "r", Sync::kYes);
    image = test::put_image(storage, "a/b", {"layer"}, "v1");
    session = storage.begin_upload("a/b");
    storage.find_upload("a/b", session).session->append(as_bytes("half "));
  }
  DirectoryStorage storage(dir / "r");
  EXPECT_EQ(storage.find_tag("a/b", "v1"), image);
  EXPECT_EQ(storage.find_manifest("a/b", image)->media_type,
            "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(read(*storage.find_blob("a/b", oci::Digest::of("layer"))), "layer");
  auto found = storage.find_upload("a/b", session);
  ASSERT_EQ(found.state, UploadState::kFound);
  EXPECT_EQ(found.session->size(), 5U);
  found.session->append(as_bytes("whole"));
  EXPECT_TRUE(found.session->commit(oci::Digest::of("half whole")));
}

TEST(DirectoryStorage, ServesOneProcess) {
  const TempDir dir;
  const DirectoryStorage first(dir / "r");
  EXPECT_THAT([&] { DirectoryStorage(dir / "r"); },
              test::ThrowsError(ErrorKind::kIo, "another process is serving"));
}

TEST(DirectoryStorage, GivesASessionToOneRequestAtATime) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const std::string session = storage.begin_upload("app");
  {
    const auto first = storage.find_upload("app", session);
    EXPECT_EQ(storage.find_upload("app", session).state, UploadState::kBusy);
  }
  EXPECT_EQ(storage.find_upload("app", session).state, UploadState::kFound);
  EXPECT_EQ(storage.find_upload("other", session).state, UploadState::kUnknown);
}

TEST(DirectoryStorage, ServesAnOpenBlobToItsEndAfterItWasDeleted) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const auto digest = test::put_blob(storage, "app", "content");
  const Content content = *storage.find_blob("app", digest);
  EXPECT_TRUE(storage.remove_blob("app", digest));
  EXPECT_FALSE(storage.find_blob("app", digest));
  EXPECT_EQ(read(content), "content");
}

TEST(DirectoryStorage, SweepsWhatAKilledProcessLeftAside) {
  const TempDir dir;
  { const DirectoryStorage storage(dir / "r"); }
  test::write_text(dir / "r/tmp/left-over", "x");
  const DirectoryStorage storage(dir / "r");
  EXPECT_FALSE(std::filesystem::exists(dir / "r/tmp/left-over"));
}

TEST(DirectoryStorage, KeepsEachRepositoryAsALayout) {
  const TempDir dir;
  oci::Digest image = oci::Digest::of("");
  {
    DirectoryStorage storage(dir / "r");
    image = test::put_image(storage, "a/b", {"layer"}, "v1");
    storage.put_tag("a/b", "v2", image);
    test::put_image(storage, "a/b", {"other"});
  }
  const std::string layout = "r/repositories/a/b/_layout/";
  EXPECT_EQ(test::read_text(dir / (layout + "oci-layout")), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(test::read_text(dir / (layout + "blobs/sha256/" + oci::Digest::of("layer").hex())),
            "layer");
  const Json index = Json::parse(test::read_text(dir / (layout + "index.json")), "index.json");
  const std::vector<Json> entries = index.items_of("manifests");
  ASSERT_EQ(entries.size(), 3U) << "two tags and what has none";
  EXPECT_EQ(entries[0].at("digest").string(), image.str());
  EXPECT_EQ(entries[0].string_map("annotations").at("org.opencontainers.image.ref.name"), "v1");
  EXPECT_EQ(entries[1].string_map("annotations").at("org.opencontainers.image.ref.name"), "v2");
  EXPECT_TRUE(entries[2].string_map("annotations").empty());
}

// Until it gets its name; its directory has to be there.
void wait_for_file(const std::filesystem::path& file) {
  const UniqueFd events(::inotify_init1(IN_CLOEXEC));
  ::inotify_add_watch(events.get(), file.parent_path().c_str(), IN_CREATE | IN_MOVED_TO);
  std::array<char, 4096> names{};
  while (!std::filesystem::exists(file)) {
    pollfd waiting{events.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 30'000), 1) << file << " does not come";
    ASSERT_GT(::read(events.get(), names.data(), names.size()), 0);
  }
}

TEST(DirectoryStorage, WritesTheIndexThatAKilledProcessOwed) {
  const TempDir dir;
  { DirectoryStorage(dir / "r").put_tag("app", "x", oci::Digest::of("x")); }
  {
    DirectoryStorage storage(dir / "r");
    test::put_image(storage, "app", {"layer"}, "v1");
  }
  std::filesystem::remove(dir / "r/repositories/app/_layout/index.json");
  { const DirectoryStorage storage(dir / "r"); }  // looks in the background, and at its end
  DirectoryStorage storage(dir / "r");
  const auto index = dir / "r/repositories/app/_layout/index.json";
  wait_for_file(index);
  EXPECT_NE(test::read_text(index).find("\"v1\""), std::string::npos);
}

// A layout as another tool leaves it, with one blob that is not what its name says.
void drop_layout(const std::filesystem::path& to) {
  const TempDir other;
  {
    DirectoryStorage storage(other / "r");
    const auto image = test::put_image(storage, "x", {"layer", "second"}, "v1");
    test::put_index(storage, "x", {{image, "amd64"}}, "multi");
  }
  std::filesystem::create_directories(to.parent_path());
  std::filesystem::copy(other / "r/repositories/x/_layout", to,
                        std::filesystem::copy_options::recursive);
  test::write_text(to / "blobs/sha256" / oci::Digest::of("second").hex(), "changed");
}

TEST(DirectoryStorage, TakesOverALayoutThatIsDroppedIn) {
  const TempDir dir;
  std::string logged;
  std::mutex mutex;
  { const DirectoryStorage storage(dir / "r"); }
  drop_layout(dir / "r/repositories/team/app");
  DirectoryStorage storage(dir / "r", Sync::kNo, [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    logged += line;
  });
  EXPECT_EQ(storage.tags("team/app"), (std::vector<std::string>{"multi", "v1"}));
  const auto image = storage.find_tag("team/app", "v1");
  ASSERT_TRUE(image);
  EXPECT_TRUE(storage.find_manifest("team/app", *image));
  EXPECT_EQ(read(*storage.find_blob("team/app", oci::Digest::of("layer"))), "layer");
  EXPECT_FALSE(storage.find_blob("team/app", oci::Digest::of("second"))) << "it is another's";
  EXPECT_EQ(storage.repositories("", 9), (std::vector<std::string>{"team/app"}));
  EXPECT_TRUE(std::filesystem::exists(dir / "r/repositories/team/app/oci-layout"))
      << "not all that it names was taken over";
  const std::lock_guard lock(mutex);
  EXPECT_NE(logged.find("has other content than its name says"), std::string::npos);
}

TEST(DirectoryStorage, LeavesALayoutThatItCanNotRead) {
  const TempDir dir;
  { const DirectoryStorage storage(dir / "r"); }
  const auto at = dir.path() / "r/repositories/team/app";
  drop_layout(at);
  test::write_text(at / "index.json", "{\"manifests\": [");
  drop_layout(dir / "elsewhere");
  std::filesystem::create_directory_symlink(dir / "elsewhere", dir / "r/repositories/linked");
  DirectoryStorage storage(dir / "r");
  EXPECT_TRUE(storage.tags("team/app").empty());
  EXPECT_TRUE(std::filesystem::exists(at / "index.json"));
  EXPECT_TRUE(std::filesystem::exists(at / "blobs/sha256" / oci::Digest::of("layer").hex()));
  EXPECT_FALSE(storage.has_repository("linked"));
  EXPECT_TRUE(std::filesystem::exists(dir / "elsewhere/index.json"));
}

TEST(DirectoryStorage, TakesOnlyFilesOutOfALayout) {
  const TempDir dir;
  {
    DirectoryStorage storage(dir / "r");
    test::put_image(storage, "team/app/blobs/inner", {"inner"}, "v1");
  }
  const auto at = dir.path() / "r/repositories/team/app";
  drop_layout(dir / "layout");
  std::filesystem::copy(dir / "layout", at, std::filesystem::copy_options::recursive);
  const auto blobs = at / "blobs/sha256";
  ASSERT_EQ(::mkfifo((blobs / oci::Digest::of("pipe").hex()).c_str(), 0600), 0);
  test::write_text(dir / "outside", "outside");
  std::filesystem::create_symlink(dir / "outside", blobs / oci::Digest::of("outside").hex());
  std::filesystem::create_directory(blobs / oci::Digest::of("directory").hex());
  DirectoryStorage storage(dir / "r");
  EXPECT_TRUE(storage.find_tag("team/app", "v1"));
  EXPECT_FALSE(storage.find_blob("team/app", oci::Digest::of("outside")));
  EXPECT_TRUE(storage.find_tag("team/app/blobs/inner", "v1")) << "a repository of its own";
}

TEST(DirectoryStorage, MendsABlobThatAPowerCutLeftEmpty) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const auto digest = test::put_blob(storage, "app", "content");
  std::filesystem::resize_file(dir.path() / "r/blobs/sha256" / digest.hex(), 0);
  test::put_blob(storage, "app", "content");
  EXPECT_EQ(read(*storage.find_blob("app", digest)), "content");
  EXPECT_EQ(test::put_blob(storage, "other", "content"), digest);
  EXPECT_EQ(read(*storage.find_blob("other", digest)), "content");
}

TEST(DirectoryStorage, RemovesAManifestThatAPowerCutLeftShort) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const oci::Digest image = test::put_image(storage, "app", {"layer"}, "v1");
  std::filesystem::resize_file(dir / "r/blobs/sha256" / image.hex(), 10);
  EXPECT_TRUE(storage.remove_manifest("app", image));
  EXPECT_EQ(storage.find_tag("app", "v1"), std::nullopt);
  EXPECT_EQ(storage.find_manifest("app", image), std::nullopt);
}

// However many there are, none is read, nor kept open, for a digest that nobody wants.
TEST(DirectoryStorage, CancelsUploadsWithoutReadingThem) {
  const TempDir dir;
  std::string session;
  {
    DirectoryStorage storage(dir / "r");
    session = storage.begin_upload("app");
  }
  const auto path = dir / "r/repositories/app/_uploads" / session;
  std::filesystem::resize_file(path, std::uint64_t{64} << 30U);  // a hole: half a minute to hash
  DirectoryStorage storage(dir / "r");
  storage.find_upload("app", session).session->cancel();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(DirectoryStorage, AnswersWithTheTagAsItIsNow) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const auto first = test::put_image(storage, "app", {"1"}, "v1");
  EXPECT_EQ(storage.find_tag("app", "v1"), first);
  EXPECT_TRUE(storage.find_manifest("app", first));
  const auto second = test::put_image(storage, "app", {"2"}, "v1");
  EXPECT_EQ(storage.find_tag("app", "v1"), second);
  EXPECT_TRUE(storage.remove_manifest("app", second));
  EXPECT_FALSE(storage.find_tag("app", "v1"));
  EXPECT_FALSE(storage.find_manifest("app", second));
  EXPECT_TRUE(storage.find_manifest("app", first));
}

// What would have to be looked for on a disk is not looked for on the thread of all connections.
TEST(DirectoryStorage, AnswersFromMemoryOnlyWhatIsThere) {
  const TempDir dir;
  const auto image = [&] {
    DirectoryStorage storage(dir / "r");
    return test::put_image(storage, "app", {"layer"}, "v1");
  }();
  DirectoryStorage storage(dir / "r");
  RegistryHandler registry(storage);
  const auto layer = oci::Digest::of("layer");
  for (const auto& [method, path] :
       {std::pair<std::string, std::string>{"GET", "/v2/app/manifests/v1"},
        {"GET", "/v2/app/manifests/" + image.str()},
        {"GET", "/v2/app/blobs/" + layer.str()},
        {"HEAD", "/v2/app/blobs/" + layer.str()},
        {"HEAD", "/v2/app/manifests/v1"}}) {
    const RequestHead head{method, path, {}, {}, {}};
    EXPECT_EQ(registry.answer_now(head).has_value(), method == "GET" && path.ends_with(image.str()))
        << method << " " << path;  // the tag's look-up has read the manifest
    EXPECT_EQ(std::get<Response>(registry.begin(head)).status, 200);
    const auto again = registry.answer_now(head);
    ASSERT_TRUE(again) << method << " " << path;
    EXPECT_EQ(again->status, 200);
  }
  for (const char* path : {"/v2/app/manifests/v2", "/v2/none/manifests/v1", "/v2/app/tags/list"})
    EXPECT_FALSE(registry.answer_now({"GET", path, {}, {}, {}})) << path;
}

TEST(DirectoryStorage, RefusesADirectoryThatIsSomebodyElses) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "home/documents");
  EXPECT_THAT([&] { DirectoryStorage(dir / "home"); },
              test::ThrowsError(ErrorKind::kUsage, "not empty: it has a 'documents'"));
  {
    DirectoryStorage storage(dir / "r");
    test::put_image(storage, "app", {"layer"}, "v1");
  }
  EXPECT_THAT([&] { DirectoryStorage(dir / "r/repositories/app/_layout"); },
              test::ThrowsError(ErrorKind::kUsage, "it has a 'index.json'"));
  EXPECT_TRUE(std::filesystem::is_empty(dir / "home/documents"));
  std::filesystem::create_directories(dir / "volume/lost+found");
  EXPECT_NO_THROW(DirectoryStorage(dir / "volume"));
}

// 64 MiB that four repositories hold are 64 MiB.
TEST(MemoryStorage, HoldsBytesOnceForAllRepositories) {
  MemoryStorage storage;
  const auto digest = test::put_blob(storage, "a", "shared bytes");
  test::put_blob(storage, "b", "shared bytes");
  EXPECT_TRUE(storage.mount_blob("c", "a", digest));
  std::set<const std::string*> places;
  for (const char* repository : {"a", "b", "c"})
    places.insert(std::get<MemoryRange>(*storage.find_blob(repository, digest)).bytes.get());
  EXPECT_EQ(places.size(), 1U);
  EXPECT_EQ(storage.stored().blobs, 1U);
  EXPECT_EQ(storage.stored().bytes, 12U);
  for (const char* repository : {"a", "b", "c"}) storage.remove_blob(repository, digest);
  EXPECT_EQ(storage.stored().bytes, 0U);
}

TEST(MemoryStorage, ListsNoRepositoryThatHasNothing) {
  MemoryStorage storage;
  const std::string session = storage.begin_upload("app");
  EXPECT_TRUE(storage.has_repository("app"));
  storage.find_upload("app", session).session->cancel();
  EXPECT_FALSE(storage.has_repository("app"));
  EXPECT_TRUE(storage.repositories("", 9).empty());
}

}  // namespace
}  // namespace tote::testregistry
