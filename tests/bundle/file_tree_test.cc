#include "bundle/file_tree.h"

#include "bundle/layer_unpacker.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

using test::make_tar;
using test::TarMember;
using Layers = std::vector<std::vector<TarMember>>;

FileTreeReader read(const Layers& layers, const std::set<std::string>& kept = {},
                    std::uint64_t max_size = 100) {
  FileTreeReader files;
  files.keep(kept, max_size, 2 * max_size);
  for (const std::vector<TarMember>& layer : layers) {
    StringSource source(make_tar(layer));
    files.apply(source);
  }
  return files;
}

struct Stack {
  const char* name;
  Layers layers;
};

// What LayerUnpacker makes of them on the disk is what this makes of them in memory.
TEST(FileTree, IsWhatWouldBeUnpacked) {
  const std::vector<Stack> stacks = {
      {"one layer", {{{"a", "1"}, {"b/c", "2"}, {"b/", "", '5'}}}},
      {"odd names", {{{"./a", "1"}, {"/b", "2"}, {"c//d", "3"}, {"e\\f", "4"}}}},
      {"the same twice", {{{"a", "1"}, {"a", "2"}}}},
      {"the upper one counts", {{{"a", "1"}}, {{"a", "2"}}}},
      {"a whiteout", {{{"d/a", "1"}, {"d/b", "2"}}, {{"d/.wh.a"}}}},
      {"of a directory", {{{"d/a/x", "1"}, {"d/b", "2"}}, {{"d/.wh.a"}}}},
      {"an opaque directory", {{{"d/a/x", "1"}, {"e", "2"}}, {{"d/new", "3"}, {"d/.wh..wh..opq"}}}},
      {"of everything", {{{"d/a/x", "1"}, {"e", "2"}}, {{".wh..wh..opq"}, {"f", "3"}}}},
      {"spares its own layer", {{{"a", "1"}}, {{"a", "2"}, {".wh.a"}}}},
      {"of nothing", {{{"a", "1"}}, {{".wh."}, {".wh..."}, {".wh.none"}}}},
      {"a file in the place of a directory", {{{"a/b", "1"}}, {{"a", "2"}}}},
      {"a directory in the place of a file", {{{"a", "1"}}, {{"a/b", "2"}}}},
      {"an empty one too", {{{"a", "1"}}, {{"a/", "", '5'}}}},
      {"names that begin alike", {{{"a/x", "1"}, {"ab", "2"}, {"a-", "3"}}, {{".wh.a"}}}},
  };
  for (const auto& [name, layers] : stacks) {
    SCOPED_TRACE(name);
    const test::TempDir dir;
    LayerUnpacker unpacker(dir.path());
    for (const auto& layer : layers) {
      StringSource source(make_tar(layer));
      unpacker.apply(source);
    }
    std::map<std::string, std::string> on_disk = test::read_tree(dir.path());
    std::erase_if(on_disk, [](const auto& entry) { return entry.first.ends_with('/'); });
    std::set<std::string> names;
    for (const auto& [file, text] : on_disk) names.insert(file);
    const FileTreeReader files = read(layers, names);
    EXPECT_EQ(files.contents(), on_disk);
    EXPECT_EQ(files.tree().size(), on_disk.size());
    for (const auto& [file, text] : on_disk)
      EXPECT_EQ(files.tree().at(file).content, oci::Digest::of(text));
  }
}

TEST(FileTree, KnowsLinksAndModes) {
  const FileTree tree =
      read({{{"a", "1", '0', 0755}, {"s", "", '2', 0777, "a"}, {"h", "", '1', 0644, "a"}}}).tree();
  EXPECT_EQ(tree.at("a").mode, 0755U);
  EXPECT_EQ(tree.at("s").type, TarEntryType::kSymbolicLink);
  EXPECT_EQ(tree.at("s").link_target, "a");
  EXPECT_EQ(tree.at("h").content, oci::Digest::of("1"));
}

TEST(FileTree, KeepsNoMoreThanItMay) {
  const std::string large(60, 'x');
  const FileTreeReader files =
      read({{{"a", large}, {"b", large}, {"c", large}, {"d", large + large}, {"e", "5"}}},
           {"a", "b", "c", "d"}, 60);
  EXPECT_EQ(files.contents(), (FileContents{{"a", large}, {"b", large}}));
}

TEST(FileTree, RefusesNamesThatLeadOut) {
  EXPECT_THAT(
      [] {
        read({{{"a/../../b", "1"}}});
      },
      test::ThrowsError(ErrorKind::kParse, "its name leads out of the image"));
}

}  // namespace
}  // namespace tote::bundle
