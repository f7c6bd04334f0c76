// Layers: whatever is in them, nothing is written outside the directory, and names stay plain.
#include "bundle/entry_name.h"
#include "bundle/file_tree.h"
#include "bundle/layer_unpacker.h"
#include "tests/fuzz/fuzz.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "tote-fuzz.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 0;
  const fs::path root = name;
  fs::create_directories(root / "a/out");
  fuzz::allow_errors([&] {
    bundle::LayerUnpacker unpacker(root / "a/out");
    BytesSource layer(fuzz::as_view(data, size));
    unpacker.apply(layer);
  });
  for (const auto& directory : {root, root / "a"})
    for (const auto& entry : fs::directory_iterator(directory))
      fuzz::require(entry.path().filename() == "a" || entry.path().filename() == "out",
                    "nothing lies outside");
  fuzz::allow_errors([&] {
    bundle::FileTreeReader files;
    BytesSource layer(fuzz::as_view(data, size));
    files.apply(layer);
    for (const auto& [path, file] : files.tree())
      fuzz::require(bundle::clean_entry_name(path) == path, "names are plain");
  });
  std::error_code ignored;
  fs::remove_all(root, ignored);
  return 0;
}
