// Versions of a package in a registry, and their files.
#pragma once

#include "bundle/event.h"
#include "bundle/images_lock.h"
#include "bundle/layer_unpacker.h"
#include "bundle/session.h"
#include "bundle/signature_policy.h"
#include "copy/manifest_cache.h"
#include "registry/client.h"

#include <filesystem>
#include <functional>
#include <string>

namespace tote::bundle::working_copy {

class Versions {
 public:
  // The client must outlive it. What resolve() finds has to be signed as the policy says.
  Versions(registry::Client& client, const Session& session, const SignaturePolicy& policy,
           Observer observer);

  // Error, Cancelled, here and below.
  oci::Digest resolve(const oci::Reference& image);
  bool is_bundle(const oci::Repository& repository, const oci::Digest& digest);
  // The files as they were pushed: `directory` of them, or all, but for what is_of_working_copy().
  // REQUIRES: `to` is not there
  void fetch(const oci::Repository& repository, const oci::Digest& digest,
             const std::string& directory, const std::filesystem::path& to);
  // As a pull leaves them, with the lock of a bundle rewritten where it would be, in a new
  // directory, which `prepare` is shown before anybody else. `home` is not to be lost. Returns what
  // was left out.
  LeftOut pull_new(const oci::Repository& repository, const oci::Digest& digest,
                   const std::string& directory, const std::filesystem::path& to,
                   const std::filesystem::path& home,
                   const std::function<void(const std::filesystem::path&)>& prepare);
  // Whether a pull of the bundle would have its lock name that repository.
  bool is_relocated(const oci::Repository& repository, const oci::Digest& digest,
                    const ImagesLock& lock);

 private:
  const Session& session_;
  const SignaturePolicy& policy_;
  const Observer observer_;
  copy::ManifestCache cache_;
};

}  // namespace tote::bundle::working_copy
