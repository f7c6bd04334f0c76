// What a registry allows.
#pragma once

#include "oci/manifest.h"
#include "testregistry/quotas.h"

#include <cstdint>

namespace tote::testregistry {

struct RegistryOptions {
  // Whether an index may name manifests, and an image blobs, that are not here.
  bool allow_sparse = false;
  bool allow_delete = true;
  // Whether a blob can be had from any repository by its digest alone. Not where some may not
  // read everything.
  bool allow_anonymous_mount = true;
  std::uint64_t max_manifest_size = oci::kMaxManifestSize;  // bytes; not above kMaxManifestSize
  std::uint64_t max_blob_size = oci::kMaxBlobSize;          // bytes
  Quotas* quotas = nullptr;  // none; else it must outlive the registry
};

}  // namespace tote::testregistry
