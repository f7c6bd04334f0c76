// The image in a registry that a command is about, named by its argument.
#pragma once

#include "bundle/session.h"
#include "cmd/cli/command.h"
#include "cmd/registry_flags.h"
#include "copy/manifest_cache.h"
#include "oci/reference.h"
#include "registry/client.h"

#include <memory>
#include <string>

namespace tote::cmd {

// "[oci://|docker://][HOST/]PATH[:TAG][@DIGEST]"; the digest decides, no tag means "latest".
// Error{kUsage}, with a hint, for a place of another kind.
oci::Reference parse_image_argument(const std::string& text);

class NamedImage {
 public:
  // The context must outlive it.
  NamedImage(const std::string& argument, const RegistryFlags& flags,
             const CommandContext& context);
  NamedImage(oci::Reference reference, const RegistryFlags& flags, const CommandContext& context);

  const oci::Reference& reference() const noexcept { return reference_; }
  registry::Client& client() noexcept { return *client_; }
  registry::RemoteRepository& repository() { return client_->repository(reference_.repository); }
  copy::ManifestCache& cache() noexcept { return cache_; }
  // What the reference leads to.
  oci::ManifestPtr manifest() {
    return cache_.manifest(reference_.repository, reference_.identifier(), context_.stop);
  }
  std::string name_of(const oci::Digest& digest) const {
    return oci::digest_reference(reference_.repository, digest);
  }
  // What belongs to it lives as long as this.
  bundle::Session session();

 private:
  const CommandContext& context_;
  const oci::Reference reference_;
  const std::unique_ptr<registry::Client> client_;
  copy::ManifestCache cache_;
  ThreadPool pool_;
};

}  // namespace tote::cmd
