// The files of an image, as facts about them, without unpacking anything.
#pragma once

#include "base/codec/tar_reader.h"
#include "oci/digest.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::bundle {

struct TreeFile {
  TarEntryType type = TarEntryType::kFile;  // not kDirectory
  std::uint32_t mode = 0;                   // permission bits with setuid, setgid, sticky
  std::uint64_t size = 0;                   // bytes
  std::string link_target = {};
  std::optional<oci::Digest> content = {};  // of a file; of a hard link that of what it names

  friend bool operator==(const TreeFile&, const TreeFile&) = default;
};

// By relative paths. Directories are not listed.
using FileTree = std::map<std::string, TreeFile>;
// The bytes of files, by path.
using FileContents = std::map<std::string, std::string>;

// Applies layers, the lowest first, in memory; whiteouts as in LayerUnpacker. Error{kParse} for a
// name that leads out of the image, for more than a million files or 256 MiB of names, and for a
// sparse file over 16 GiB.
class FileTreeReader {
 public:
  explicit FileTreeReader(std::stop_token stop = {}) : stop_(std::move(stop)) {}

  // Files of which the bytes are kept too, up to a size and a sum of sizes; not those of hard
  // links.
  void keep(std::set<std::string> names, std::uint64_t max_size, std::uint64_t max_sum);

  // Reads `layer` (a tar, compressed or not) to its end, where its source verifies it.
  void apply(Source& layer);

  const FileTree& tree() const noexcept { return tree_; }
  const FileContents& contents() const noexcept { return contents_; }

 private:
  void add(const TarEntry& entry, TarReader& tar);
  void add_file(const std::string& name, const TarEntry& entry, TarReader& tar);
  void add_whiteout(const std::string& parent, const std::string& name);
  void clear_the_way(const std::string& name);
  void remove_lower(const std::string& name);
  void remove_below(const std::string& name, bool spares_this_layer);
  void put(const std::string& name, TreeFile file);
  void erase(FileTree::iterator at);

  const std::stop_token stop_;
  FileTree tree_;
  std::set<std::string> written_;  // of the layer being applied, which its whiteouts spare
  std::uint64_t name_bytes_ = 0;
  std::set<std::string> kept_names_;
  std::uint64_t max_kept_ = 0;
  std::uint64_t kept_left_ = 0;
  FileContents contents_;
};

}  // namespace tote::bundle
