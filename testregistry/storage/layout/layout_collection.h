// What garbage collection finds in a layout. Internal to testregistry/.
#pragma once

#include "archive/index_entries.h"
#include "testregistry/storage/layout/layout_records.h"
#include "testregistry/storage/reachability.h"
#include "testregistry/storage/upkeep.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tote::testregistry {

// Decides what stays, and changes nothing. While nothing else changes the layout.
class LayoutReachability {
 public:
  LayoutReachability(std::filesystem::path directory, LayoutManifests& manifests,
                     const CollectOptions& options, std::stop_token stop)
      : directory_(std::move(directory)),
        manifests_(manifests),
        options_(options),
        stop_(std::move(stop)) {}

  // What the entries of index.json lead to: what they name, that names, is about any of it
  // (`subject`), whether index.json lists it or not, and with CollectOptions::untagged what the
  // locks of bundles name. Error{kParse} for a manifest that can not be read: what it needs is not
  // known.
  std::unordered_set<oci::Digest> kept(const std::vector<archive::IndexEntry>& entries);

 private:
  void add(const oci::Descriptor& target, int depth);
  void add_links(const oci::Manifest& manifest);
  void add_entries(const std::vector<archive::IndexEntry>& entries);
  void add_unlisted_referrers();
  bool is_young(const oci::Digest& digest) const;

  const std::filesystem::path directory_;
  LayoutManifests& manifests_;
  const CollectOptions& options_;
  const std::stop_token stop_;
  LinkMap links_;
  Reasons reasons_;
};

}  // namespace tote::testregistry
