// What is left to be done so that a place has what a plan says: the second phase of a copy.
#pragma once

#include "oci/contents.h"
#include "oci/manifest.h"
#include "oci/reference.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tote::copy {

enum class BlobKind { kLayer, kConfig, kManifest };

enum class BlobState {
  kThere,  // nothing is left to do
  kMount,  // the registry has it in another repository and is asked for it; if it declines: kSend
  kSend,
};

struct BlobWork {
  oci::Descriptor blob;
  oci::Repository repository;  // where it can be read
  BlobKind kind = BlobKind::kLayer;
  BlobState state = BlobState::kSend;
  const std::string* bytes = nullptr;  // of a config or manifest: in the plan, which outlives this
};

// A manifest with the names under which it is not there yet: tags or its digest. None: it is there.
struct ManifestWork {
  oci::ManifestPtr manifest;
  std::vector<std::string> names;
  std::map<std::string, oci::Digest> elsewhere = {};  // those of them that lead to something else
};

// A value: can be printed, compared, counted. Nothing has moved yet. All that is carried is in it,
// also what is there already.
struct Work {
  std::vector<BlobWork> blobs;          // the largest first
  std::vector<ManifestWork> manifests;  // children before the indexes that name them
};

// How much it is.
struct WorkSize {
  std::uint64_t blobs_to_send = 0;
  std::uint64_t bytes_to_send = 0;
  std::uint64_t blobs_to_mount = 0;
  std::uint64_t bytes_to_mount = 0;
  std::uint64_t requests = 0;  // that change something at a registry, at the least
};
WorkSize size_of(const Work& work) noexcept;

}  // namespace tote::copy
