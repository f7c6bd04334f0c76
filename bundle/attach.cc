#include "bundle/attach.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/standard_input.h"
#include "bundle/deliver.h"
#include "copy/execute.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <utility>

namespace tote::bundle {
namespace {

constexpr const char* kTitle = "org.opencontainers.image.title";
constexpr const char* kEmpty = "{}";  // what kOciEmpty is the type of

oci::ArtifactLayer read_layer(Source& from, std::string media_type,
                              const std::filesystem::path& temporary) {
  Hasher hasher(HashAlgorithm::kSha256);
  Spool content(temporary);
  for_each_piece(from, {}, [&](ConstBytes piece) {
    hasher.update(piece);
    content.write(piece);
  });
  return {std::move(media_type), oci::Digest::of(hasher), std::move(content)};
}

oci::ArtifactLayer read_file(const std::filesystem::path& path, const AttachmentFiles& files) {
  const std::string& type = files.media_type.empty() ? files.type : files.media_type;
  if (path == "-") {
    StandardInput input;
    return read_layer(input, type, files.temporary);
  }
  const FilePtr file = open_for_reading(path);
  RangeSource content(file, 0, file->size());
  oci::ArtifactLayer layer = read_layer(content, type, files.temporary);
  layer.annotations[kTitle] = path.filename().string();
  return layer;
}

// There has to be a layer.
oci::ArtifactLayer empty_layer() {
  BytesSource content{std::string_view(kEmpty)};
  return read_layer(content, std::string(oci::kOciEmpty), "/tmp");
}

}  // namespace

std::unique_ptr<oci::Artifact> build_attachment(const AttachmentFiles& files,
                                                const oci::Descriptor& subject) {
  oci::ArtifactParts parts{
      .media_type = std::string(oci::kOciManifest),
      .config_type = std::string(oci::kOciEmpty),
      .config = kEmpty,
      .layers = {},
      .order = oci::DescriptorOrder::kDigestFirst,
      .artifact_type = files.type,
      .subject = oci::Descriptor{subject.media_type, subject.digest, subject.size},
      .annotations = files.annotations};
  for (const std::filesystem::path& path : files.files)
    parts.layers.push_back(read_file(path, files));
  if (parts.layers.empty()) parts.layers.push_back(empty_layer());
  return std::make_unique<oci::Artifact>(std::move(parts));
}

void attach(oci::Artifact& artifact, registry::RemoteRepository& to, const Session& session) {
  const Cargo cargo = cargo_of(artifact, to.name(), {""});
  copy::execute(survey_tagged(cargo, to, session), cargo.from, to, session.pool,
                {.retry = to.retry_policy()}, session.stop);
}

}  // namespace tote::bundle
