// What happens in a copy and in a pull, as values. How it is shown, if at all, is for who listens.
#pragma once

#include "archive/archive_layout.h"
#include "bundle/find_attached.h"
#include "bundle/platforms.h"
#include "bundle/relocated_name.h"
#include "copy/event.h"
#include "copy/plan.h"
#include "oci/reference.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>
#include <variant>

namespace tote::bundle {

// ---- copy --------------------------------------------------------------------------------------

// The images are known that the source names; what they are made of is not.
struct ImagesSelected {
  std::size_t images;
  bool from_archive;
};
// An image with all that it is made of.
struct ImagePlanned {
  const oci::CarriedImage& image;
  bool from_archive;
};
struct CopyPlanned {
  const copy::Plan& plan;
  bool from_archive;
};
// An index has no image for some of the platforms that are wanted.
struct PlatformsMissing {
  const MissingPlatforms& what;
};
// What is attached to images and known, but was not asked for. Told only if there is some.
struct AttachedLeftBehind {
  const LeftBehind& what;
};
struct CopyToRepositoryBegun {
  const oci::Repository& repository;
  std::size_t images;
};
// Layers of an archive that earlier runs have left and that are right.
struct LayersReused {
  std::size_t layers;
};
// Layers begin to be written, to an archive or a layout directory.
struct LayersBegun {};
struct ArchiveBegun {
  archive::ArchiveFormat format;
  std::chrono::nanoseconds took;  // to lay it out
};
// Layers that the archive does not carry, since the far side has them, or will make them of others.
struct LayersLeftOut {
  std::size_t layers = 0;
  std::uint64_t bytes = 0;
  std::size_t rebuilt = 0;
  std::uint64_t rebuilt_bytes = 0;
  std::uint64_t patch_bytes = 0;  // that are carried for these
  std::size_t whole = 0;          // could not be made of others, though there is an earlier version
};
struct TaggingBegun {};
struct Tagged {
  const oci::Repository& repository;
  const oci::CarriedImage& image;  // with the tag that leads to it now
};
// An image has a name of its own, beside the repository that all of them went to.
struct ImagePlaced {
  const PlacedImage& image;
};
// All is done; what was there of layers that their vendors do not let others hand on.
struct RestrictedLayers {
  const std::vector<copy::RestrictedImage>& images;
  bool were_carried;
  const oci::Repository* destination;  // null: a file
};

// ---- push --------------------------------------------------------------------------------------

// A file or directory is about to be packed.
struct FileTaken {
  std::string_view name;
  bool is_directory;
};

// ---- pull --------------------------------------------------------------------------------------

struct PullBegun {
  std::string_view what;  // "image" or "bundle"
  std::string_view reference;
};
struct LayerExtracted {  // that is, begun
  const oci::Digest& layer;
  std::size_t number;  // from 1
  std::size_t count;
  int depth;  // 0: of an image; 1: of the bundle; 2: of a bundle in it
};
// The first bundle in the bundle is about to come.
struct NestedBundlesBegun {};
struct NestedBundleBegun {
  std::string_view reference;
  int depth;
};
// It is there already, since it was named before.
struct NestedBundleSkipped {
  std::string_view reference;
  int depth;
};
struct LockLookedAt {};
struct LockFinished {
  const oci::Repository& repository;
  bool is_relocated;  // the lock names that repository now, since everything is there
};

// ---- whatever looks at many things --------------------------------------------------------------

struct Counted {
  std::string_view what;  // "images"
  std::size_t done;
  std::size_t total;
};

// References are valid during the call alone.
using Event =
    std::variant<ImagesSelected, ImagePlanned, CopyPlanned, AttachedLeftBehind, PlatformsMissing,
                 CopyToRepositoryBegun, LayersReused, LayersLeftOut, ArchiveBegun, LayersBegun,
                 copy::WorkFound, copy::BlobBegun, copy::BlobAdvanced, copy::BlobFinished,
                 copy::ManifestPushed, TaggingBegun, Tagged, ImagePlaced, RestrictedLayers,
                 PullBegun, LayerExtracted, NestedBundlesBegun, NestedBundleBegun,
                 NestedBundleSkipped, LockLookedAt, LockFinished, FileTaken, Counted>;
// Called by any thread, but by one at a time. Must not throw.
using Observer = std::function<void(const Event&)>;

// To whoever listens, if anybody does.
inline void tell(const Observer& observer, const Event& event) {
  if (observer) observer(event);
}
// What happens in one part of it. `observer` must outlive the result.
inline copy::Observer part_of(const Observer& observer) {
  if (!observer) return {};
  return [&observer](const copy::Event& event) {
    std::visit([&](const auto& what) { observer(what); }, event);
  };
}

}  // namespace tote::bundle
