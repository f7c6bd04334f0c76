// What was pushed to a registry, as an archive.
#pragma once

#include "testregistry/storage.h"

#include <filesystem>
#include <map>
#include <set>
#include <stop_token>
#include <string>

namespace tote::cmd {

// What a registry holds: every tag and every manifest, by repository.
struct Inventory {
  std::set<std::pair<std::string, oci::Digest>> manifests;          // repository, digest
  std::map<std::pair<std::string, std::string>, oci::Digest> tags;  // repository, tag
};
Inventory take_inventory(testregistry::StorageReader& storage);

// Writes the images that are there now and were not `before`, with all that they name, as if they
// had been copied from `registry` ("127.0.0.1:5000"). Returns how many; 0: there is no archive.
std::size_t write_snapshot(testregistry::StorageReader& storage, const Inventory& before,
                           const std::string& registry, const std::filesystem::path& path,
                           std::stop_token stop);

}  // namespace tote::cmd
