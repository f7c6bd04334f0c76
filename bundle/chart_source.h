// Where charts come from: one function for whoever wants a chart from somewhere.
#pragma once

#include "archive/archive_reader.h"
#include "bundle/chart_artifact.h"
#include "bundle/images_lock.h"
#include "bundle/session.h"
#include "registry/client.h"

#include <optional>
#include <string>

namespace tote::bundle {

// In a registry, with or without "oci://" in front. Without a tag and a digest `version` chooses
// among the tags.
struct RegistryChart {
  std::string name;          // "oci://registry.example/charts/web:1.2.3"
  std::string version = {};  // exact, or a range ("^1.2"); empty: the highest that is no prerelease
};
// In a classic repository, a directory of a web server with an index.yaml.
struct WebChart {
  std::string repository;    // "https://example.org/charts"
  std::string name;          // "web"
  std::string version = {};  // likewise
};

// By digest, and by the tag that was named or chosen. Error{kNotFound} where no version fits.
struct FoundChart {
  oci::Repository repository;
  std::string tag;  // empty: a digest was named
  oci::ManifestPtr manifest;
};
FoundChart find_chart(const RegistryChart& wanted, registry::Client& client,
                      copy::ManifestCache& cache, const std::stop_token& stop);

// Likewise of an archive, where it has the name that it was copied from.
const oci::CarriedImage& find_chart(const RegistryChart& wanted,
                                    const archive::ArchiveReader& archive);

// With its provenance, if there is some. Passwords go to the server of the index alone; a digest
// that the index gives is checked, and so are name and version. Where the index leads to a registry
// ("oci://"), it is read there.
struct FetchedChart {
  chart::ChartPackage package;
  std::string origin;  // URL or reference that it came from
  bool is_legacy = false;
  bool is_checked = true;  // false: the index gives no digest
  // Of one that lies in a registry: its manifest, by "repository:tag" if that was named or chosen.
  std::optional<LockedImage> locked = {};
};
FetchedChart fetch_chart(const WebChart& wanted, registry::Client& client, const Session& session);
FetchedChart fetch_chart(const RegistryChart& wanted, registry::Client& client,
                         const Session& session);

}  // namespace tote::bundle
