#include "archive/delta.h"

#include "base/codec/patch.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <fmt/format.h>

namespace tote::archive {
namespace {

constexpr std::uint64_t kVersion = 1;
// The one that there is: base/codec/gzip_writer.h.
constexpr std::string_view kEncoder = "go-gzip-1";
constexpr std::size_t kMaxBase = 100;  // layers that one is made of

void write_blob(JsonWriter& json, const oci::Descriptor& blob) {
  json.begin_object().member("digest", blob.digest.str()).member("bytes", blob.size).end_object();
}

oci::Descriptor read_blob(const Json& json) {
  return {.media_type = {},
          .digest = oci::Digest::parse(json.at("digest").string()),
          .size = json.at("bytes").number()};
}

void write_rebuilt(JsonWriter& json, const RebuiltLayer& rebuilt) {
  json.begin_object().member("digest", rebuilt.layer.digest.str());
  json.member("bytes", rebuilt.layer.size).key("base").begin_array();
  for (const oci::Descriptor& base : rebuilt.base) write_blob(json, base);
  json.end_array().member("base_content", rebuilt.base_content);
  json.key("patch");
  write_blob(json, rebuilt.patch);
  json.member("content", rebuilt.content).member("encoder", kEncoder).end_object();
}

RebuiltLayer read_rebuilt(const Json& json) {
  RebuiltLayer rebuilt{.layer = read_blob(json),
                       .base = {},
                       .base_content = json.at("base_content").number(),
                       .content = json.at("content").number(),
                       .patch = read_blob(json.at("patch"))};
  for (const Json& base : json.at("base").items()) rebuilt.base.push_back(read_blob(base));
  if (const std::string& encoder = json.at("encoder").string(); encoder != kEncoder)
    throw Error(ErrorKind::kParse,
                fmt::format("encoder '{}' is not known to this program", encoder));
  if (rebuilt.base.empty() || rebuilt.base.size() > kMaxBase || rebuilt.content > kMaxPatched ||
      rebuilt.base_content > kMaxPatched - rebuilt.content)
    throw Error(ErrorKind::kParse, fmt::format("layer {} can not be made of what it says",
                                               rebuilt.layer.digest.str()));
  return rebuilt;
}

}  // namespace

std::string encode_delta(const Delta& delta) {
  JsonWriter json;
  json.begin_object().member("kind", "delta").member("version", kVersion).key("needs");
  json.begin_array();
  for (const oci::Descriptor& blob : delta.needs) write_blob(json, blob);
  json.end_array();
  if (!delta.rebuilt.empty()) {
    json.key("rebuilt").begin_array();
    for (const RebuiltLayer& rebuilt : delta.rebuilt) write_rebuilt(json, rebuilt);
    json.end_array();
  }
  return json.end_object().take() + "\n";
}

Delta decode_delta(std::string_view text) {
  const Json json = Json::parse(text, kToteDelta);
  if (const std::uint64_t version = json.at("version").number(); version != kVersion)
    throw Error(ErrorKind::kParse,
                fmt::format("it is a delta of version {}; this program knows version {}", version,
                            kVersion));
  Delta delta;
  for (const Json& blob : json.at("needs").items()) delta.needs.push_back(read_blob(blob));
  if (const auto rebuilt = json.find("rebuilt"))
    for (const Json& layer : rebuilt->items()) delta.rebuilt.push_back(read_rebuilt(layer));
  return delta;
}

}  // namespace tote::archive
