// Reading images that lie on the disk, in place: indexed once, then answered with ranged reads.
#pragma once

#include "archive/archive.h"
#include "archive/file_set.h"
#include "archive/open_archive.h"
#include "oci/contents.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tote::archive {

// A tar of imgpkg's or of ours, an OCI image layout in a tar or a directory, or a tar
// of `docker save`; which of them shows in what is in it. A tar may be compressed, or in volumes,
// of which any may be named. Thread-safe. Everything in it is untrusted: what it calls a manifest
// or config is checked when it is opened, layers as they are read.
class ArchiveReader final : public Archive {
 public:
  // Throws Error{kIo} when the file can not be read, Error{kParse} when it is no such archive:
  // damaged, cut short, or with an entry whose name leads out of it.
  explicit ArchiveReader(const std::filesystem::path& path, const ReadOptions& options = {});
  const std::filesystem::path& path() const noexcept { return path_; }
  // Whether it is a layout in a directory, rather than one file or several.
  bool is_directory() const noexcept { return is_directory_; }
  std::vector<std::filesystem::path> paths() const override { return {path_}; }
  const std::string& name() const noexcept override { return path_.native(); }
  const oci::Contents& contents() const noexcept override { return contents_; }
  // The text of the lock that named the images, or claims so; empty: there was none.
  const std::string& images_lock() const noexcept { return images_lock_; }
  std::vector<std::string> images_locks() const override;

  // nullopt: the archive does not have this layer.
  std::optional<FilePlace> locate(const oci::Digest& layer) const;
  // The same; Error{kNotFound}, in imgpkg's words, where there is none.
  FilePlace at(const oci::Digest& layer) const;

  bool has_blob(const oci::Digest& blob) const override;
  std::vector<RebuiltLayer> rebuilt_layers() const override { return delta_.rebuilt; }
  bool rebuilds(const oci::Digest& layer) const;
  bool leaves_out(const oci::Digest& layer) const override;
  void expect_layer(const oci::Digest& layer) const override { at(layer); }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob,
                                    std::uint64_t offset = 0) const override;

 private:
  void open(const ReadOptions& options);
  void read_tar();
  void read_layout(const std::string& index_json);
  void read_delta();

  std::filesystem::path path_;
  std::unique_ptr<FileSet> files_;
  bool is_directory_ = false;
  bool is_imgpkg_ = false;
  Delta delta_;  // what is not there of what the manifests name
  oci::Contents contents_;
  std::string images_lock_;
  std::map<oci::Digest, FilePlace> named_layers_;  // docker save gives them other names
};

}  // namespace tote::archive
