// Annotations that tote writes into an index.json and looks for there (docs/formats.md). Internal
// to archive/.
#pragma once

namespace tote::archive {

inline constexpr const char* kRefName = "org.opencontainers.image.ref.name";
// Where containerd, nerdctl and BuildKit look for the full name.
inline constexpr const char* kFullName = "io.containerd.image.name";
inline constexpr const char* kOriginalRef = "tote.original-ref";
inline constexpr const char* kImagesLock = "tote.images-lock";

}  // namespace tote::archive
