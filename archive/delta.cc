#include "archive/delta.h"

#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"

#include <fmt/format.h>

namespace tote::archive {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string encode_delta(const std::vector<oci::Descriptor>& needs) {
  JsonWriter json;
  json.begin_object().member("kind", "delta").member("version", kVersion).key("needs");
  json.begin_array();
  for (const oci::Descriptor& blob : needs)
    json.begin_object().member("digest", blob.digest.str()).member("bytes", blob.size).end_object();
  return json.end_array().end_object().take() + "\n";
}

std::vector<oci::Digest> decode_delta(std::string_view text) {
  const Json json = Json::parse(text, kToteDelta);
  if (const std::uint64_t version = json.at("version").number(); version != kVersion)
    throw Error(ErrorKind::kParse,
                fmt::format("it is a delta of version {}; this program knows version {}", version,
                            kVersion));
  std::vector<oci::Digest> needs;
  for (const Json& blob : json.at("needs").items())
    needs.push_back(oci::Digest::parse(blob.at("digest").string()));
  return needs;
}

}  // namespace tote::archive
