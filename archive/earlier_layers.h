// Layers that an earlier run has left on the disk, for copy --resume.
#pragma once

#include "archive/file_set.h"
#include "oci/manifest.h"

#include <map>
#include <memory>

namespace tote::archive {

// What an archive holds as far as it can be read: one that is cut short, or laid out and filled in
// part. Nothing in it is believed. Thread-safe.
class EarlierLayers {
 public:
  // Error{kParse} if not even one entry can be read.
  explicit EarlierLayers(const ReaderPtr& archive);

  // Whether it looks like an archive of tote's or imgpkg's, or a layout, rather than any tar. True
  // for one of which nothing has reached the disk.
  bool is_archive() const;
  // Verified as it is read; nullptr: there is none of that size.
  std::unique_ptr<Source> open(const oci::Descriptor& layer) const;

 private:
  std::map<std::string, FilePlace> entries_;
};

}  // namespace tote::archive
