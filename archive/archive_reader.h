// Reading images that lie on the disk, in place: indexed once, then answered with ranged reads.
#pragma once

#include "archive/file_set.h"
#include "archive/open_archive.h"
#include "oci/contents.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace tote::archive {

// A tar of imgpkg's or of ours, an OCI image layout in a tar or a directory, or a tar
// of `docker save`; which of them shows in what is in it. A tar may be compressed, or in volumes,
// of which any may be named. Thread-safe. Everything in it is untrusted: what it calls a manifest
// or config is checked when it is opened, layers as they are read.
class ArchiveReader {
 public:
  // Throws Error{kIo} when the file can not be read, Error{kParse} when it is no such archive:
  // damaged, cut short, or with an entry whose name leads out of it.
  explicit ArchiveReader(const std::filesystem::path& path, const ReadOptions& options = {});
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;
  ~ArchiveReader() = default;

  const std::filesystem::path& path() const noexcept { return path_; }
  // Whether it is a layout in a directory, rather than one file or several.
  bool is_directory() const noexcept { return is_directory_; }
  // `layers` holds all that the manifests name, also those that are not in the archive. Images
  // that do not say where they come from are of "layout.invalid", a registry that can not be.
  const oci::Contents& contents() const noexcept { return contents_; }
  // The text of the lock that named the images, or claims so; empty: there was none.
  const std::string& images_lock() const noexcept { return images_lock_; }

  // Whether it leaves out on purpose what it was made for has: nobody else is asked for that.
  bool is_delta() const noexcept { return is_delta_; }

  // nullopt: the archive does not have this layer.
  std::optional<FilePlace> locate(const oci::Digest& layer) const;
  // The same; Error{kNotFound}, in imgpkg's words, where there is none.
  FilePlace at(const oci::Digest& layer) const;

  // A layer or config.
  bool has_blob(const oci::Digest& blob) const;
  // As oci::ImageReader::open_blob().
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset = 0) const;

 private:
  void open(const ReadOptions& options);
  void read_tar();
  void read_layout(const std::string& index_json);
  void read_delta();

  std::filesystem::path path_;
  std::unique_ptr<FileSet> files_;
  bool is_directory_ = false;
  bool is_imgpkg_ = false;
  bool is_delta_ = false;
  oci::Contents contents_;
  std::string images_lock_;
  std::map<oci::Digest, FilePlace> named_layers_;  // docker save gives them other names
};

}  // namespace tote::archive
