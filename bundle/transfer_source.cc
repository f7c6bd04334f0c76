#include "bundle/transfer_source.h"

#include "base/error.h"

#include <string>

namespace tote::bundle {

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
