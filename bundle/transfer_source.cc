#include "bundle/transfer_source.h"

#include "base/error.h"

#include <string>

namespace tote::bundle {

std::optional<oci::Repository> repository_of(const TransferSource& source) {
  if (const auto* image = std::get_if<FromImage>(&source)) return image->reference.repository;
  if (const auto* bundle = std::get_if<FromBundle>(&source)) return bundle->reference.repository;
  if (const auto* lock = std::get_if<FromBundleLock>(&source)) return lock->lock.bundle.repository;
  return std::nullopt;
}

TransferSource read_any_lock(const std::filesystem::path& path) {
  std::string as_bundle_lock;
  try {
    return FromBundleLock{BundleLock::load(path)};
  } catch (const Error& error) {
    as_bundle_lock = error.message();
  }
  return while_doing([] { return "Trying to read bundle or images lock file"; },
                     [&]() -> TransferSource {
                       try {
                         return FromImagesLock{ImagesLock::load(path)};
                       } catch (Error& error) {
                         if (error.message() != as_bundle_lock)
                           error.with_hint("as a bundle lock: " + as_bundle_lock);
                         throw;
                       }
                     });
}

}  // namespace tote::bundle
