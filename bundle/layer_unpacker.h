// From layers to files, without trusting a name in them.
#pragma once

#include "base/codec/tar_reader.h"
#include "base/file.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

// What imgpkg leaves out of a pull, and we with it; and what says where a working copy came from
// (upstream_path.h), which is not for an image to say.
struct LeftOut {
  std::uint64_t symbolic_links = 0;
  std::uint64_t hard_links = 0;
  std::uint64_t others = 0;  // devices, pipes
  std::uint64_t records = 0;

  bool any() const noexcept { return symbolic_links + hard_links + others + records > 0; }
};

// Applies layers, the lowest first, to a directory that nobody else writes to: the file of the
// topmost layer stays, whiteouts (OCI image specification, layer.md) remove what is below.
//
// A name that leads out of the directory by ".." is Error{kParse}, and so is one that leads
// through a symbolic link of the image: nothing is written where a link would have pointed. A
// leading "/" is dropped. Links and devices are left out and counted.
class LayerUnpacker {
 public:
  explicit LayerUnpacker(std::filesystem::path directory, std::stop_token stop = {});

  // Reads `layer` (a tar, compressed or not) to its end, where its source verifies it. With two
  // cores one thread reads it and another decompresses it (ReadAhead); both are over when this
  // returns. If it fails, `abandoned` is asked to stop before they are waited for.
  void apply(Source& layer, std::stop_source abandoned = std::stop_source(std::nostopstate));
  const LeftOut& left_out() const noexcept { return left_out_; }

 private:
  using Names = std::set<std::string, std::less<>>;

  void unpack(Source& content);
  void drain(Source& rest);
  void add(const TarEntry& entry, TarReader& tar);
  void add_whiteout(const std::string& parent, const std::string& name);
  void write_file(const std::string& name, const TarEntry& entry, TarReader& tar);
  void make_directory(const std::string& name);
  void leave_out(const std::string& name, const TarEntry& entry);
  UniqueFd create(const std::string& name, const TarEntry& entry);
  void copy_content(TarReader& tar, const TarEntry& entry, const File& file);
  void clear_the_way(const std::string& name);
  void remove_lower(const std::string& name);
  void remove_all(const std::string& name);
  void forget_links(const std::string& name, const Names& spared);
  void refuse_link_on_the_way(const std::string& name, const TarEntry& entry) const;

  const std::filesystem::path directory_;
  const std::stop_token stop_;
  const bool keeps_owner_;
  LeftOut left_out_;
  std::vector<std::byte> buffer_;
  // The directory of the file before, which most files share: it is there, and nothing above it is
  // a link. Invalid after anything was removed.
  std::string open_name_;
  UniqueFd open_directory_;
  Names links_;    // symbolic links of the image so far, by cleaned name
  Names written_;  // of the layer being applied, which its whiteouts spare
};

}  // namespace tote::bundle
