#include "bundle/layer_unpacker.h"

#include "base/codec/gzip_writer.h"
#include "base/disk.h"
#include "base/error.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <sys/stat.h>

namespace tote::bundle {
namespace {

using test::make_tar;
using test::TarMember;
using test::TempDir;
using test::ThrowsError;
using Tree = std::map<std::string, std::string>;

class UnpackTest : public testing::Test {
 protected:
  UnpackTest() { std::filesystem::create_directory(dir_ / "out"); }

  void apply(const std::vector<TarMember>& members) {
    StringSource layer(make_tar(members));
    unpacker_.apply(layer);
  }
  Tree tree() const { return test::read_tree(dir_ / "out"); }
  mode_t mode(const std::string& name) const {
    struct stat info {};
    EXPECT_EQ(::stat((dir_ / "out" / name).c_str(), &info), 0) << name;
    return info.st_mode & 0777;
  }

  TempDir dir_;
  LayerUnpacker unpacker_{dir_ / "out"};
};

TEST_F(UnpackTest, MakesFilesParentsAndEmptyDirectories) {
  apply({{"a/b/c", "1"}, {"./d", "2"}, {"empty", "", '5'}, {"/abs/e", "3"}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""},
                          {"a/b/", ""},
                          {"a/b/c", "1"},
                          {"d", "2"},
                          {"empty/", ""},
                          {"abs/", ""},
                          {"abs/e", "3"}}));
}

// A frame of one raw block (RFC 8878, 3.1.1).
std::string as_zstd(const std::string& bytes) {
  const auto little_endian = [](std::size_t value, int count) {
    std::string out;
    for (; count > 0; --count, value >>= 8U) out += static_cast<char>(value);
    return out;
  };
  return "\x28\xb5\x2f\xfd\x60" + little_endian(bytes.size() - 256, 2) +
         little_endian(bytes.size() << 3U | 1U, 3) + bytes;
}

TEST_F(UnpackTest, TellsCompressionByTheBytes) {
  StringSink compressed;
  GzipWriter gzip(compressed);
  gzip.write(as_bytes(make_tar({{"gzip", "1"}})));
  gzip.finish();
  for (const std::string& layer :
       {make_tar({{"plain", "1"}}), compressed.text(), as_zstd(make_tar({{"zstd", "1"}}))}) {
    StringSource content(layer);
    unpacker_.apply(content);
  }
  EXPECT_EQ(tree(), (Tree{{"gzip", "1"}, {"plain", "1"}, {"zstd", "1"}}));
}

TEST_F(UnpackTest, GivesModesAsImgpkgDoes) {
  ::umask(022);
  apply({{"private", "", '0', 0600},
         {"tool", "", '0', 0700},
         {"read", "", '0', 0400},
         {"own", "", '0', 0640}});
  EXPECT_EQ(mode("private"), 0644U);
  EXPECT_EQ(mode("tool"), 0755U);
  EXPECT_EQ(mode("read"), 0444U);
  EXPECT_EQ(mode("own"), 0640U);
}

struct Escape {
  const char* name;
  std::vector<TarMember> members;
  const char* complaint;
};
class Escaping : public UnpackTest, public testing::WithParamInterface<Escape> {};

TEST_P(Escaping, IsRefusedAndWritesNothingOutside) {
  EXPECT_THAT([&] { apply(GetParam().members); },
              ThrowsError(ErrorKind::kParse, GetParam().complaint));
  Tree outside = test::read_tree(dir_.path());
  std::erase_if(outside, [](const auto& item) { return item.first.starts_with("out/"); });
  EXPECT_TRUE(outside.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, Escaping,
    testing::Values(
        Escape{"Parent", {{"../x", "1"}}, "leads out of the output directory"},
        Escape{"ParentInside", {{"a/../../x", "1"}}, "leads out of the output directory"},
        Escape{"Backslashes", {{"a\\..\\..\\x", "1"}}, "leads out of the output directory"},
        Escape{"SlashAndBackslash", {{"../rel\\x", "1"}}, "leads out of the output directory"},
        Escape{"BackslashWhiteout", {{"..\\.wh.x", ""}}, "leads out of the output directory"},
        Escape{"WhiteoutOfParent", {{"../.wh.x", ""}}, "leads out of the output directory"},
        Escape{"ThroughALink",
               {{"l", "", '2', 0777, "/etc"}, {"l/x", "1"}},
               "entry 'l/x' would be written through the symbolic link 'l'"},
        Escape{"ThroughADeepLink",
               {{"a/l", "", '2', 0777, ".."}, {"a/l/b/c", "1"}},
               "through the symbolic link 'a/l'"}),
    [](const auto& row) { return row.param.name; });

TEST_F(UnpackTest, LeavesOutLinksAndDevicesAndCountsThem) {
  apply({{"f", "1"},
         {"l", "", '2', 0777, "f"},
         {"h", "", '1', 0644, "f"},
         {"d", "", '3'},
         {"p", "", '6'}});
  EXPECT_EQ(tree(), (Tree{{"f", "1"}}));
  EXPECT_EQ(unpacker_.left_out().symbolic_links, 1U);
  EXPECT_EQ(unpacker_.left_out().hard_links, 1U);
  EXPECT_EQ(unpacker_.left_out().others, 2U);
}

TEST_F(UnpackTest, ALinkThatBecomesADirectoryIsOne) {
  apply({{"l", "", '2', 0777, "/etc"}, {"l", "", '5'}, {"l/x", "1"}});
  EXPECT_EQ(tree(), (Tree{{"l/", ""}, {"l/x", "1"}}));
}

TEST_F(UnpackTest, UpperLayersWin) {
  apply({{"f", "low"}, {"d/x", "low"}, {"was-file", "x"}});
  apply({{"f", "high"}, {"d", "file now"}, {"was-file", "", '5'}});
  EXPECT_EQ(tree(), (Tree{{"f", "high"}, {"d", "file now"}, {"was-file/", ""}}));
}

TEST_F(UnpackTest, WhiteoutsHideWhatIsBelowAndSpareTheirOwnLayer) {
  apply({{"a", "1"}, {"d/x", "1"}, {"d/y", "1"}, {"keep", "1"}});
  apply({{"d/new", "2"}, {".wh.a", ""}, {"d/.wh..wh..opq", ""}});
  EXPECT_EQ(tree(), (Tree{{"d/", ""}, {"d/new", "2"}, {"keep", "1"}}));
  apply({{".wh.d", ""}});
  EXPECT_EQ(tree(), (Tree{{"keep", "1"}}));
}

TEST_F(UnpackTest, WhiteoutsCanNotNameTheDirectoryItself) {
  apply({{"a/b", "1"}});
  apply({{"a/.wh..", ""}, {"a/.wh...", ""}, {"a/.wh.", ""}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""}, {"a/b", "1"}}));
}

TEST_F(UnpackTest, KeepsAbsoluteNamesWithBackslashesInside) {
  apply({{"/abs\\x", "1"}, {"/abs2\\", "", '2', 0777, "y"}});
  EXPECT_EQ(tree(), (Tree{{"abs/", ""}, {"abs/x", "1"}}));
}

TEST_F(UnpackTest, ForgetsLinksThatAreHiddenOrReplaced) {
  apply({{"d/k", "1"}, {"d/l", "", '2', 0777, "/tmp"}, {"e/l", "", '2', 0777, "/tmp"}});
  apply({{"d/.wh..wh..opq", ""}, {"d/l/file", "2"}, {".wh.e", ""}, {"e/l/file", "2"}});
  EXPECT_EQ(tree(), (Tree{{"d/", ""},
                          {"d/l/", ""},
                          {"d/l/file", "2"},
                          {"e/", ""},
                          {"e/l/", ""},
                          {"e/l/file", "2"}}));
}

TEST_F(UnpackTest, AFileGivesWayToADirectoryAndTheReverse) {
  apply({{"a", "file"}, {"b/c", "1"}});
  apply({{"a/b", "2"}, {"a/c/.wh.d", ""}, {"b", "file"}});
  apply({{"b/.wh.x", ""}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""}, {"a/b", "2"}, {"b", "file"}}));
}

TEST_F(UnpackTest, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  LayerUnpacker unpacker(dir_ / "out", stop.get_token());
  StringSource layer(make_tar({{"f", "1"}}));
  EXPECT_THROW(unpacker.apply(layer), Cancelled);
}

// A tar whose one file does not come to its end before somebody asks for that.
class EndlessSource final : public Source {
 public:
  EndlessSource(std::string begin, std::stop_token stop)
      : begin_(std::move(begin)), first_(begin_), stop_(std::move(stop)) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (const std::size_t n = first_.read_some(out); n > 0) return n;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop_, [] { return false; });
    throw Cancelled();
  }

 private:
  const std::string begin_;
  BytesSource first_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

TEST_F(UnpackTest, DoesNotWaitForTheNetworkWhenTheDiskHasFailed) {
  const std::string tar = make_tar({{"f", std::string(3U << 20U, 'x')}});
  std::stop_source abandoned;
  EndlessSource layer(tar.substr(0, 2U << 20U), abandoned.get_token());
  const DiskFaults faults(
      [](DiskStep step, std::string_view) { return step == DiskStep::kWrite ? ENOSPC : 0; });
  EXPECT_THAT([&] { unpacker_.apply(layer, abandoned); },
              ThrowsError(ErrorKind::kIo, "write f: no space left on device"));
  EXPECT_TRUE(abandoned.stop_requested());
}

TEST_F(UnpackTest, TheLastOfSeveralFilesOfOneNameStays) {
  apply({{"a/f", "1"}, {"a/g", "1"}, {"a/f", "22"}, {"h", "1"}, {"a/f", ""}, {"h", "2"}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""}, {"a/f", ""}, {"a/g", "1"}, {"h", "2"}}));
}

TEST_F(UnpackTest, DirectoriesMayGoAndComeBackWhileTheyAreFilled) {
  apply(
      {{"a/b/f", "1"}, {"a", "file"}, {"a/b/f", "2"}, {"a/b/g", "3"}, {"a/b", "", '2', 0777, "/"}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""}}));
  apply({{"a/c/f", "1"}});
  apply({{"a/c/g", "2"}, {".wh.a", ""}, {"a/c/h", "3"}});
  EXPECT_EQ(tree(), (Tree{{"a/", ""}, {"a/c/", ""}, {"a/c/g", "2"}, {"a/c/h", "3"}}));
}

TEST_F(UnpackTest, ReadsALayerToItsEnd) {
  const std::string tar = make_tar({{"f", "1"}});
  struct Layer {
    const char* name;
    std::string bytes;
    std::string error = {};
  };
  const auto gzip = [](const std::string& content) {
    StringSink out;
    GzipWriter packed(out);
    packed.write(as_bytes(content));
    packed.finish();
    return out.text();
  };
  std::string wrong = gzip(tar);
  wrong[wrong.size() - 8] ^= 1;
  const std::string behind(100'000, 'x');
  for (const Layer& layer : {
           Layer{"behind a tar", tar + behind},
           Layer{"in gzip behind the tar", gzip(tar + behind)},
           Layer{"behind gzip", gzip(tar) + behind},
           Layer{"a wrong checksum", wrong, "reading tar: gzip content does not have its checksum"},
           Layer{"cut short behind the tar", gzip(tar + behind).substr(0, gzip(tar).size()),
                 "reading tar: truncated gzip input"},
       }) {
    StringSource source(layer.bytes);
    std::string error;
    try {
      unpacker_.apply(source);
    } catch (const Error& caught) {
      error = caught.what();
    }
    EXPECT_EQ(error, layer.error) << layer.name;
    std::array<std::byte, 1> more{};
    if (error.empty()) {
      EXPECT_EQ(source.read_some(more), 0U) << layer.name;
    }
  }
}

TEST_F(UnpackTest, ReportsABrokenLayer) {
  StringSource cut(make_tar({{"f", std::string(2000, 'x')}}).substr(0, 1000));
  EXPECT_THROW(unpacker_.apply(cut), Error);
}

}  // namespace
}  // namespace tote::bundle
