// Layout directories that several processes change at once, that are killed, and that are none.
#include "archive/layout_directory.h"

#include "archive/archive_reader.h"
#include "archive/layout_upkeep.h"
#include "archive/layout_writer.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/text.h"
#include "tests/archive/small_archive.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <random>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;
using test::contents_with;
using test::read_text;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

void put(oci::BlobWriter& writer, const oci::Descriptor& blob, const std::string& bytes) {
  if (writer.has_blob(blob, {})) return;
  const auto upload = writer.begin_upload(blob, {});
  StringSource content(bytes.substr(upload->offset()));
  upload->append(content, blob.size - upload->offset());
  upload->commit();
}

// An image with one layer of these bytes, called so.
oci::Contents image(const std::string& layer, const std::string& tag) {
  oci::Contents contents = contents_with({layer});
  contents.images[0].tag = tag;
  return contents;
}

void put_blobs(LayoutWriter& writer, const oci::Contents& contents, const std::string& layer) {
  put(writer, contents.layers[0].blob, layer);
  put(writer, contents.configs[0].blob, contents.configs[0].bytes);
  put(writer, contents.manifests[0]->descriptor(), contents.manifests[0]->bytes());
}

void add(const fs::path& directory, const std::string& layer, const std::string& tag) {
  const oci::Contents contents = image(layer, tag);
  LayoutWriter writer(directory);
  put_blobs(writer, contents, layer);
  writer.finish(contents);
}

// Runs it in a process of its own, which fails if it throws.
pid_t in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    work();
  } catch (const std::exception& failure) {
    fprintf(stderr, "%s\n", failure.what());
    ::_exit(1);
  }
  ::_exit(0);
}

int wait_for(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

std::vector<std::string> tags_in(const fs::path& directory) {
  std::vector<std::string> tags;
  const ArchiveReader layout(directory);
  for (const oci::CarriedImage& image : layout.contents().images) tags.push_back(image.tag);
  std::sort(tags.begin(), tags.end());
  return tags;
}

// Every blob under its name has the digest that the name says.
void expect_right_blobs(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory / "blobs/sha256"))
    EXPECT_EQ(oci::Digest::of(read_text(entry.path())).hex(), entry.path().filename().string());
}

TEST(LayoutDirectory, LosesNothingOfProcessesThatAddAtOnce) {
  constexpr int kProcesses = 3;
  constexpr int kImages = 5;
  const TempDir dir;
  const fs::path layout = dir / "l";
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i)
    children.push_back(in_child([&] {
      for (int j = 0; j < kImages; ++j) {
        add(layout, fmt::format("layer {} {}", i, j), fmt::format("t{}-{:02}", i, j));
        add(layout, fmt::format("shared {}", j), "shared");
      }
    }));
  // Whoever reads it, as other tools do without any lock, sees a whole index.json.
  const auto is_at_work = [](pid_t child) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  };
  while (is_at_work(children.front()))
    if (fs::exists(layout / "index.json")) Json::parse(read_text(layout / "index.json"), "index");
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(tags_in(layout).size(), kProcesses * kImages + 1U);
  expect_right_blobs(layout);
  EXPECT_FALSE(fs::exists(layout / "ingest"));
}

TEST(LayoutDirectory, IsWholeWheneverAWriterIsKilled) {
  const TempDir dir;
  const fs::path layout = dir / "l";
  add(layout, "first", "first");
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same kills in every run
  int added = 0;
  for (int kill = 0; kill < 12; ++kill) {
    const pid_t child = in_child([&] {
      for (int i = 0;; ++i) add(layout, std::string(200'000, 'x') + std::to_string(i % 7), "moved");
    });
    ::usleep(static_cast<useconds_t>(random() % 40'000));  // the moment is what varies
    ::kill(child, SIGKILL);
    wait_for(child);
    const std::vector<std::string> tags = tags_in(layout);
    EXPECT_EQ(tags.front(), "first");
    if (tags.size() > 1) ++added;
    expect_right_blobs(layout);
  }
  EXPECT_GT(added, 0) << "no writer got so far";
  add(layout, "last", "last");
  EXPECT_EQ(tags_in(layout).size(), 2U + (added > 0 ? 1U : 0U));
  EXPECT_FALSE(fs::exists(layout / "ingest")) << "what killed writers left goes";
}

TEST(LayoutDirectory, IsNotCollectedWhileSomebodyAddsToIt) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  {
    const LayoutWriter writer(dir / "l");
    EXPECT_THAT([&] { remove_images(dir / "l", {}); },
                ThrowsError(ErrorKind::kIo, "another process is writing there"));
  }
  remove_images(dir / "l", {});
  EXPECT_EQ(tags_in(dir / "l"), (std::vector<std::string>{"v1"}));
}

TEST(LayoutDirectory, TwoWhoWriteOneBlobDoNotMeet) {
  const TempDir dir;
  const oci::Contents contents = image("the same", "v1");
  LayoutWriter first(dir / "l");
  LayoutWriter second(dir / "l");
  const oci::Descriptor& blob = contents.layers[0].blob;
  const auto one = first.begin_upload(blob, {});
  const auto other = second.begin_upload(blob, {});
  StringSource content("the same");
  one->append(content, blob.size);
  StringSource again("the same");
  other->append(again, blob.size);
  one->commit();
  other->commit();
  EXPECT_EQ(read_text(dir / "l" / blob_path(blob.digest)), "the same");
}

TEST(LayoutDirectory, KeepsWhatOthersWroteIntoIndexJson) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  const std::string first = contents_with({"first"}).manifests[0]->digest().str();
  const std::string entry = fmt::format(
      R"({{"digest":"{}","mediaType":"application/vnd.oci.image.manifest.v1+json","size":{},"x-more":[1]}})",
      first, contents_with({"first"}).manifests[0]->bytes().size());
  write_text(dir / "l/index.json", R"({"schemaVersion":2,"x-other":{"a":1},"manifests":[)" + entry +
                                       R"(],"annotations":{"theirs":"yes"}})");
  add(dir / "l", "second", "v2");
  const std::string text = read_text(dir / "l/index.json");
  EXPECT_THAT(text, testing::HasSubstr(entry)) << "the same bytes";
  EXPECT_THAT(text, testing::HasSubstr(R"("x-other":{"a":1})"));
  EXPECT_THAT(text, testing::HasSubstr(R"("theirs":"yes")"));
  EXPECT_LT(text.find(entry), text.find("\"v2\"")) << "in its place";
}

TEST(LayoutDirectory, NamesAreTakenOutAndImagesStay) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  add(dir / "l", "second", "v2");
  EXPECT_EQ(remove_tag(dir / "l", "v3"), std::nullopt);
  EXPECT_EQ(remove_tag(dir / "l", "v1"), contents_with({"first"}).manifests[0]->digest());
  EXPECT_EQ(tags_in(dir / "l"), (std::vector<std::string>{"v2"}));
  EXPECT_TRUE(fs::exists(dir / "l" / blob_path(oci::Digest::of("first"))));
  EXPECT_TRUE(remove_tag(dir / "l", "a.io/app:v2"));
  EXPECT_THAT([&] { remove_tag(dir / "none", "v1"); },
              ThrowsError(ErrorKind::kParse, "without the files oci-layout and index.json"));
  EXPECT_FALSE(fs::exists(dir / "none"));
}

TEST(LayoutDirectory, ATagOfTwoImagesIsNamedInFull) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  oci::Contents other = image("second", "v1");
  other.images[0].repository = {"b.io", "other"};
  {
    LayoutWriter writer(dir / "l");
    put_blobs(writer, other, "second");
    writer.finish(other);
  }
  EXPECT_THAT([&] { remove_tag(dir / "l", "v1"); },
              ThrowsError(ErrorKind::kUsage, "are both called 'v1'"));
  EXPECT_EQ(remove_tag(dir / "l", "b.io/other:v1"), other.manifests[0]->digest());
  EXPECT_EQ(tags_in(dir / "l").size(), 1U);
}

// ---- what is no layout -------------------------------------------------------------------------

struct BadLayout {
  const char* what;
  std::function<void(const fs::path&)> make;
  const char* complaint;
};

void link_away(const fs::path& path) {
  const fs::path aside = path.parent_path().parent_path() / "aside";
  fs::remove_all(aside);
  fs::rename(path, aside);
  fs::create_symlink(aside, path);
}

TEST(LayoutDirectory, WritesIntoNothingThatIsNoLayout) {
  const std::vector<BadLayout> table = {
      {"another version",
       [](const fs::path& at) {
         write_text(at / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
       },
       "oci-layout says that it is of version '2.0.0'"},
      {"no version", [](const fs::path& at) { write_text(at / "oci-layout", "{}"); },
       "imageLayoutVersion"},
      {"no JSON", [](const fs::path& at) { write_text(at / "oci-layout", "x"); }, "oci-layout"},
      {"a huge oci-layout",
       [](const fs::path& at) { write_text(at / "oci-layout", std::string(1 << 20, ' ')); },
       "oci-layout"},
      {"an index that is none", [](const fs::path& at) { write_text(at / "index.json", "["); },
       "index.json"},
      {"an index that is a link", [](const fs::path& at) { link_away(at / "index.json"); },
       "its 'index.json' is no regular file"},
      {"an oci-layout that is a link", [](const fs::path& at) { link_away(at / "oci-layout"); },
       "its 'oci-layout' is no regular file"},
      {"blobs that are elsewhere", [](const fs::path& at) { link_away(at / "blobs/sha256"); },
       "its 'blobs/sha256' is no directory"},
      {"an index that is a pipe",
       [](const fs::path& at) {
         fs::remove(at / "index.json");
         ASSERT_EQ(::mkfifo((at / "index.json").c_str(), 0600), 0);
       },
       "its 'index.json' is no regular file"},
  };
  for (const BadLayout& row : table) {
    SCOPED_TRACE(row.what);
    const TempDir dir;
    add(dir / "l", "first", "v1");
    row.make(dir / "l");
    const auto marker = fs::status(dir / "l/oci-layout");
    const std::string before =
        fs::is_regular_file(marker) ? read_text(dir / "l/oci-layout") : std::string();
    try {
      add(dir / "l", "second", "v2");
      ADD_FAILURE() << "it was written to";
    } catch (const Error& failure) {
      EXPECT_THAT(failure.message(), testing::HasSubstr(row.complaint));
      EXPECT_EQ(failure.message().find('\n'), std::string::npos);
    }
    EXPECT_FALSE(fs::exists(dir / "l" / blob_path(oci::Digest::of("second"))));
    EXPECT_EQ(read_text(dir / "l/oci-layout"), before);
  }
}

TEST(LayoutDirectory, ReplacesABlobThatIsNoFileOfItsOwn) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  const fs::path blob = dir / "l" / blob_path(oci::Digest::of("first"));
  link_away(blob);
  add(dir / "l", "first", "v1");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(blob)));
  fs::remove(blob);
  ASSERT_EQ(::mkfifo(blob.c_str(), 0600), 0);
  add(dir / "l", "first", "v1");
  EXPECT_EQ(read_text(blob), "first");
}

TEST(LayoutDirectory, OfAnotherVersionIsNotReadEither) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  write_text(dir / "l/oci-layout", R"({"imageLayoutVersion":"1.9.0"})");
  EXPECT_THAT([&] { ArchiveReader(dir / "l"); },
              ThrowsError(ErrorKind::kParse, "oci-layout says that it is of version '1.9.0'"));
}

// However many entries there are, each is looked at a few times.
TEST(LayoutDirectory, TakesAVeryLongIndex) {
  const TempDir dir;
  add(dir / "l", "first", "v1");
  const oci::ManifestPtr first = contents_with({"first"}).manifests[0];
  std::string text = R"({"schemaVersion":2,"manifests":[)";
  for (int i = 0; i < 5'000; ++i)
    text += fmt::format(
        R"({}{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},)"
        R"("annotations":{{"org.opencontainers.image.ref.name":"n{}"}}}})",
        i == 0 ? "" : ",", first->digest().str(), first->bytes().size(), i);
  write_text(dir / "l/index.json", text + "]}");
  add(dir / "l", "second", "v2");
  EXPECT_EQ(remove_tag(dir / "l", "n4999"), first->digest());
  EXPECT_EQ(tags_in(dir / "l").size(), 5'000U);
}

}  // namespace
}  // namespace tote::archive
