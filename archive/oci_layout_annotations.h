// Annotations that tote writes into an index.json and looks for there (docs/formats.md). Internal
// to archive/.
#pragma once

#include <map>
#include <string>

namespace tote::archive {

inline constexpr const char* kRefName = "org.opencontainers.image.ref.name";
// Where containerd, nerdctl and BuildKit look for the full name.
inline constexpr const char* kFullName = "io.containerd.image.name";
inline constexpr const char* kOriginalRef = "tote.original-ref";
inline constexpr const char* kImagesLock = "tote.images-lock";

// Empty if there is none.
inline std::string annotation(const std::map<std::string, std::string>& annotations,
                              const char* key) {
  const auto found = annotations.find(key);
  return found == annotations.end() ? "" : found->second;
}

}  // namespace tote::archive
