// The last step of a push: what was made here goes to where it was meant for.
#pragma once

#include "archive/archive_writer.h"
#include "bundle/cargo.h"
#include "bundle/session.h"
#include "copy/work.h"
#include "oci/artifact.h"
#include "oci/reference.h"
#include "registry/client.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::bundle {

struct PushTarget {
  oci::Reference name;                 // a tag
  std::filesystem::path layout = {};   // an OCI image layout, made or added to, instead of ...
  registry::Client* client = nullptr;  // ... the registry of that name, which is asked by this
  std::filesystem::path archive = {};  // likewise instead; of push() alone
  archive::Compression compression = archive::Compression::kNone;  // of the archive

  bool is_file() const { return !layout.empty() || !archive.empty(); }
};

// `image`, which must outlive the result, under these tags. What is made here is nowhere else to be
// mounted from.
Cargo cargo_of(oci::Artifact& image, const oci::Repository& repository,
               const std::vector<std::string>& tags);

// What a repository lacks, so that it has each image under its tag.
copy::Work survey_tagged(const Cargo& cargo, registry::RemoteRepository& to,
                         const Session& session);

// A registry has the image under its tag, which is the target's, and its default tag then, a layout
// under its name. What is there already is not sent again.
void deliver(const Cargo& cargo, const PushTarget& target, const Session& session);

}  // namespace tote::bundle
