// What a registry allows.
#pragma once

#include "oci/manifest.h"
#include "testregistry/storage/quotas.h"

#include <cstdint>
#include <string>

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
  // Told with every answer, in a Warning header ("Warnings" of the specification); empty: none.
  std::string warning = {};
  Quotas* quotas = nullptr;  // none; else it must outlive the registry
};

}  // namespace tote::testregistry
