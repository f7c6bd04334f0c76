// What was pushed to a registry, as an archive.
#pragma once

#include "base/task_group.h"
#include "testregistry/storage/storage.h"

#include <filesystem>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::testregistry {

// What a registry holds: every tag and every manifest, by repository.
struct Inventory {
  std::set<std::pair<std::string, oci::Digest>> manifests;          // repository, digest
  std::map<std::pair<std::string, std::string>, oci::Digest> tags;  // repository, tag
};
Inventory take_inventory(const StorageReader& storage);

struct Snapshot {
  std::size_t images = 0;             // 0: nothing was pushed, so there is no archive
  std::vector<std::string> left_out;  // what could not be written, and why, one line each
};

// Writes the images that are there now and were not `before`, with all that they name, as if they
// had been copied from `registry` ("127.0.0.1:5000"). An image of which something is missing is
// left out; the others are written all the same. An image that only has a tag which names its
// digest, as tote and imgpkg give it, is written without that.
Snapshot write_snapshot(const StorageReader& storage, const Inventory& before,
                        const std::string& registry, const std::filesystem::path& path,
                        ThreadPool& pool, std::stop_token stop);

}  // namespace tote::testregistry
