#include "oci/manifest_json.h"

namespace tote::oci {

JsonWriter& begin_descriptor(JsonWriter& json, const Descriptor& descriptor,
                             DescriptorOrder order) {
  json.begin_object().member("mediaType", descriptor.media_type);
  if (order == DescriptorOrder::kSizeFirst) json.member("size", descriptor.size);
  json.member("digest", descriptor.digest.str());
  if (order == DescriptorOrder::kDigestFirst) json.member("size", descriptor.size);
  return json;
}

std::string encode_descriptor(const Descriptor& descriptor, DescriptorOrder order) {
  JsonWriter json;
  return begin_descriptor(json, descriptor, order).end_object().take();
}

std::string encode_manifest(std::string_view media_type, const Descriptor& config,
                            const std::vector<Descriptor>& layers, DescriptorOrder order,
                            const ManifestNotes& notes) {
  JsonWriter json;
  json.begin_object().member("schemaVersion", 2);
  if (!notes.leaves_type_out) json.member("mediaType", media_type);
  json.member_unless_empty("artifactType", notes.artifact_type).key("config");
  begin_descriptor(json, config, order).end_object().key("layers").begin_array();
  for (const Descriptor& layer : layers)
    begin_descriptor(json, layer, order)
        .member_unless_empty("annotations", layer.annotations)
        .end_object();
  json.end_array();
  if (notes.subject) begin_descriptor(json.key("subject"), *notes.subject, order).end_object();
  return json.member_unless_empty("annotations", notes.annotations).end_object().take();
}

std::string encode_index(std::string_view media_type, const std::vector<std::string>& entries,
                         const std::map<std::string, std::string>& annotations) {
  JsonWriter json;
  json.begin_object().member("schemaVersion", 2).member("mediaType", media_type);
  json.key("manifests").begin_array();
  for (const std::string& entry : entries) json.value(RawJson{entry});
  json.end_array().member_unless_empty("annotations", annotations);
  return json.end_object().take();
}

}  // namespace tote::oci
