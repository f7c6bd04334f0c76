// What a copy can be asked for.
#pragma once

#include "bundle/bundle_lock.h"
#include "bundle/images_lock.h"
#include "oci/artifact.h"
#include "oci/reference.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace tote::bundle {

struct FromImage {
  oci::Reference reference;
  // Whatever it is, and it alone: of a bundle not the images that it names.
  bool is_alone = false;
};
struct FromBundle {
  oci::Reference reference;
};
struct FromBundleLock {
  BundleLock lock;
};
struct FromImagesLock {
  ImagesLock lock;
};
struct FromArchive {
  // Of whatever archive::ArchiveReader reads; several are one source. At least one.
  std::vector<std::filesystem::path> paths;
};
// What was made here and is nowhere yet; of a bundle the images that it names are where they are.
struct FromMade {
  oci::Reference name;  // under which it is to be known: a tag
  std::shared_ptr<oci::Artifact> artifact;
  bool is_bundle;
};
using TransferSource =
    std::variant<FromImage, FromBundle, FromBundleLock, FromImagesLock, FromArchive, FromMade>;

// Where the image is that it begins with; nullopt: it is not one.
std::optional<oci::Repository> repository_of(const TransferSource& source);

// The lock that a file holds, of either kind. An error about a file that is neither says what is
// wrong with it as both.
TransferSource read_any_lock(const std::filesystem::path& path);

}  // namespace tote::bundle
