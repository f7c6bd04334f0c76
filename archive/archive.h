// Images that lie on the disk: in one archive (ArchiveReader), or in several as one (ArchiveSet).
#pragma once

#include "archive/delta.h"
#include "oci/contents.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tote::archive {

// Thread-safe.
class Archive {
 public:
  Archive() = default;
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  virtual ~Archive() = default;

  // What it is read from, and what messages call that.
  virtual std::vector<std::filesystem::path> paths() const = 0;
  virtual const std::string& name() const noexcept = 0;

  // `layers` holds all that the manifests name, also those that are not there. Images that do not
  // say where they come from are of "layout.invalid", a registry that can not be.
  virtual const oci::Contents& contents() const noexcept = 0;
  // The texts of the locks that named the images, or claim so.
  virtual std::vector<std::string> images_locks() const = 0;

  // A layer or config.
  virtual bool has_blob(const oci::Digest& blob) const = 0;
  // Layers that are not there and of which there are patches, which are blobs too.
  virtual std::vector<RebuiltLayer> rebuilt_layers() const = 0;
  // Whether a layer is left out on purpose, since the place that it was made for has it: nobody
  // else is asked for that.
  virtual bool leaves_out(const oci::Digest& layer) const = 0;
  // Error{kNotFound}, in imgpkg's words, where a layer is not there.
  virtual void expect_layer(const oci::Digest& layer) const = 0;
  // As oci::ImageReader::open_blob().
  virtual std::unique_ptr<Source> open_blob(const oci::Descriptor& blob,
                                            std::uint64_t offset = 0) const = 0;
};

}  // namespace tote::archive
