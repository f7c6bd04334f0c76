// Several archives as one: a base, and what was added to it later.
#pragma once

#include "archive/archive.h"
#include "archive/archive_reader.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tote::archive {

// The images of all of them. A blob is read from the first that has it, so what one leaves out
// another may have. Thread-safe.
class ArchiveSet final : public Archive {
 public:
  // Error as ArchiveReader; Error{kUsage} that names two archives which have one tag of one
  // repository for different images. REQUIRES: at least one path
  ArchiveSet(const std::vector<std::filesystem::path>& paths, const ReadOptions& options);

  std::vector<std::filesystem::path> paths() const override;
  const std::string& name() const noexcept override { return name_; }
  const oci::Contents& contents() const noexcept override { return contents_; }
  std::vector<std::string> images_locks() const override;
  bool has_blob(const oci::Digest& blob) const override { return find(blob) != nullptr; }
  std::vector<RebuiltLayer> rebuilt_layers() const override;
  bool leaves_out(const oci::Digest& layer) const override;
  void expect_layer(const oci::Digest& layer) const override;
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob,
                                    std::uint64_t offset) const override;

 private:
  // nullptr: none has it.
  const ArchiveReader* find(const oci::Digest& blob) const;

  std::vector<std::unique_ptr<const ArchiveReader>> archives_;
  std::string name_;
  oci::Contents contents_;
};

// An archive, or several as one. REQUIRES: at least one path
std::unique_ptr<const Archive> open_archives(const std::vector<std::filesystem::path>& paths,
                                             const ReadOptions& options);

}  // namespace tote::archive
