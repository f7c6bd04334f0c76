#include "bundle/copy_record.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/attach.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string CopyRecord::encode() const {
  JsonWriter json;
  json.begin_object()
      .member("kind", "copy-record")
      .member("version", kVersion)
      .member("program", program)
      .member("time", time)
      .member("to", to)
      .key("images")
      .begin_array();
  for (const RecordedImage& image : images)
    json.begin_object()
        .member("from", image.from)
        .member_unless_empty("to", image.to)
        .member_unless_empty("tag", image.tag)
        .end_object();
  return json.end_array().end_object().take() + "\n";
}

std::unique_ptr<oci::Artifact> build_record(const CopyRecord& record,
                                            const oci::Descriptor& subject) {
  oci::ArtifactParts parts{
      .media_type = std::string(oci::kOciManifest),
      .config_type = std::string(oci::kOciEmpty),
      .config = "{}",
      .layers = {},
      .order = oci::DescriptorOrder::kDigestFirst,
      .artifact_type = std::string(kCopyRecordType),
      .subject = oci::Descriptor{subject.media_type, subject.digest, subject.size},
      .annotations = {{"org.opencontainers.image.created", record.time}}};
  const std::string text = record.encode();
  oci::ArtifactLayer layer{std::string(kCopyRecordType), oci::Digest::of(text), Spool()};
  layer.content.write(as_bytes(text));
  parts.layers.push_back(std::move(layer));
  return std::make_unique<oci::Artifact>(std::move(parts));
}

void attach_record(const CopyRecord& record, const oci::Descriptor& subject,
                   registry::RemoteRepository& to, const Session& session) {
  while_doing(
      [&] { return fmt::format("Attaching the record of the copy to {}", subject.digest.str()); },
      [&] {
        const std::unique_ptr<oci::Artifact> artifact = build_record(record, subject);
        attach(*artifact, to, session);
      });
}

}  // namespace tote::bundle
