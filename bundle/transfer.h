// Copying bundles and images between repositories and archives.
#pragma once

#include "archive/archive_layout.h"
#include "archive/archive_reader.h"
#include "bundle/bundle_lock.h"
#include "bundle/event.h"
#include "bundle/images_lock.h"
#include "copy/plan.h"
#include "registry/client.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <variant>

namespace tote::bundle {

// Where the images come from.
struct FromImage {
  oci::Reference reference;
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
  std::filesystem::path path;  // of whatever archive::ArchiveReader reads
};
using TransferSource =
    std::variant<FromImage, FromBundle, FromBundleLock, FromImagesLock, FromArchive>;

// The lock that a file holds, of either kind. An error about a file that is neither says what is
// wrong with it as both.
TransferSource read_any_lock(const std::filesystem::path& path);

struct TransferOptions {
  copy::NonDistributable non_distributable = copy::NonDistributable::kSkip;
  bool repository_based_tags = false;
  bool guess_schema1 = false;  // imgpkg's words for a manifest that is not there
  bool signatures = false;  // cosign's too, unless the source is an archive: that has them or not
  Observer observer = {};
};

struct ArchiveTarget {
  std::filesystem::path path;
  archive::ArchiveFormat format = archive::ArchiveFormat::kImgpkg;
  // Takes the layers of an archive that is there already, and of a run that failed: that leaves
  // what it had.
  bool resume = false;
};

// Bundles of which none or several were asked for: an archive of old does not say which it was, a
// layout may hold what several copies brought.
struct NoRootBundle {};
// What a finished copy leads to, for --lock-output: the images at the destination, or if that is a
// file where they came from.
using TransferResult = std::variant<BundleLock, ImagesLock, NoRootBundle>;

// Everything that the source names, to one repository; the last request of all sets the tags that
// people asked for. Throws Error in imgpkg's words.
TransferResult copy_to_repository(const TransferSource& source, const oci::Repository& destination,
                                  const TransferOptions& options, registry::Client& client,
                                  ThreadPool& pool, std::stop_token stop);

// The same to an archive.
TransferResult copy_to_archive(const TransferSource& source, const ArchiveTarget& archive,
                               const TransferOptions& options, registry::Client& client,
                               ThreadPool& pool, std::stop_token stop);

// The same to an OCI image layout, beside what that holds.
TransferResult copy_to_layout(const TransferSource& source, const std::filesystem::path& directory,
                              const TransferOptions& options, registry::Client& client,
                              ThreadPool& pool, std::stop_token stop);

}  // namespace tote::bundle
