// What hangs below images: from index to children, from image to config and layers (OCI image
// specification 1.1: image-index.md, manifest.md). The one place that follows this.
#pragma once

#include "base/task_group.h"
#include "oci/contents.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::oci {

// Indexes in indexes, and no further.
inline constexpr int kMaxIndexNesting = 16;

// Where the nodes of a graph are read; each manifest and each config is asked for once. Whoever
// implements it says in its own words what is not there, and checks digests.
class GraphReader {
 public:
  GraphReader() = default;
  GraphReader(const GraphReader&) = delete;
  GraphReader& operator=(const GraphReader&) = delete;
  virtual ~GraphReader() = default;

  // `index`: the one that names it; null for a root. Children are wherever their root is.
  virtual ManifestPtr manifest(const Repository& repository, const Descriptor& target,
                               const Manifest* index, const std::stop_token& stop) = 0;
  // The bytes of the config of `image`, which other images may have too; nullopt: it is too large
  // to be looked into (is_readable_config) and travels like a layer.
  virtual std::optional<std::string> config(const Repository& repository, const Manifest& image,
                                            const std::stop_token& stop) = 0;
};

struct GraphOptions {
  // Whether a blob is to be carried; empty: all are.
  std::function<bool(const Descriptor&)> carries = {};
  // Which children of an index that hangs below a root are followed, in their order; empty: all.
  // One that is reached on another way is carried all the same. On the caller's thread.
  std::function<std::vector<bool>(const CarriedImage& root, const Manifest& index)> follows = {};
  // Called with each manifest in the order of the result, and where it lies; empty: not.
  std::function<void(const Repository&, const Manifest&)> visit = {};
  // Children of an index and roots are read beside each other on it, and the reader is called by
  // its threads; null: one after the other.
  ThreadPool* pool = nullptr;
  // Put in front of what goes wrong below a root; empty: nothing.
  std::function<std::string(const CarriedImage& root)> frame = {};
};

// The roots, with all that they name; each root's target gets what its manifest says of itself. Of
// what several name, the place is that of the first in the order of the result, which depends on
// the content alone, never on timing. Error{kParse} for indexes that are nested too deeply;
// else what the reader throws, and Cancelled.
Contents follow_images(std::vector<CarriedImage> roots, GraphReader& reader,
                       const GraphOptions& options, std::stop_token stop);

// Of `whole` what these of its images are made of. Error{kNotFound} for an image that it does not
// have; what it lacks of an index stays away.
Contents part_of(const Contents& whole, std::vector<CarriedImage> images);

}  // namespace tote::oci
