// The images lock of a bundle, .imgpkg/images.yml (docs/formats.md).
#pragma once

#include "oci/reference.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

inline constexpr std::uint64_t kMaxLockSize = 16U << 20U;

struct LockedImage {
  oci::Reference reference;  // always a digest; its name() is the normalised `image`
  std::map<std::string, std::string> annotations = {};

  const oci::Digest& digest() const { return *reference.digest; }
};

struct ImagesLock {
  std::vector<LockedImage> images;  // as in the file; the same image may stand there twice

  // Strict: unknown and repeated keys, other versions and kinds, and images without a digest are
  // Error{kParse}, in imgpkg's words. `origin` is for line numbers.
  static ImagesLock parse(std::string_view text, std::string_view origin);
  static ImagesLock load(const std::filesystem::path& path);
  // The bytes that imgpkg would write; parse(encode()) is the same lock.
  std::string encode() const;
};

}  // namespace tote::bundle
