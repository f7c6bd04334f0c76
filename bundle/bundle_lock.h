// A bundle lock: which bundle, and the tag it had (docs/formats.md).
#pragma once

#include "oci/reference.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace tote::bundle {

struct BundleLock {
  oci::Reference bundle;  // always a digest
  std::string tag;        // may be empty

  // Strict, as ImagesLock::parse().
  static BundleLock parse(std::string_view text, std::string_view origin);
  static BundleLock load(const std::filesystem::path& path);
  std::string encode() const;
};

}  // namespace tote::bundle
