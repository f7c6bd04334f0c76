// Attaching files to an image: an artifact that has the image as its subject (OCI image
// specification 1.1, manifest.md, "Guidelines for Artifact Usage").
#pragma once

#include "bundle/session.h"
#include "oci/artifact.h"
#include "oci/manifest.h"
#include "registry/remote_repository.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tote::bundle {

struct AttachmentFiles {
  std::string type;                          // of the artifact
  std::vector<std::filesystem::path> files;  // "-" is standard input; none: it says something alone
  std::string media_type = {};               // of the files; empty: that of the artifact
  std::map<std::string, std::string> annotations = {};
  std::filesystem::path temporary = "/tmp";  // for files that are large
};

// With the empty config; a file has its name in the annotation by which others know it. The same
// files and words give the same digest. Error{kIo}.
std::unique_ptr<oci::Artifact> build_attachment(const AttachmentFiles& files,
                                                const oci::Descriptor& subject);

// Puts an artifact beside its subject. What the repository has is not sent again. Error, Cancelled.
void attach(oci::Artifact& artifact, registry::RemoteRepository& to, const Session& session);

}  // namespace tote::bundle
