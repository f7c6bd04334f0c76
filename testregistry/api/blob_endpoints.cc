#include "testregistry/api/endpoints.h"
#include "testregistry/api/errors.h"
#include "testregistry/http/byte_range.h"
#include "testregistry/http/error_response.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

void set_body(Response& response, Content content) {
  std::visit([&](auto& range) { response.body = std::move(range); }, content);
}

Response whole_blob(const oci::Digest& digest, Content content) {
  Response response{200,
                    {{"Content-Type", "application/octet-stream"},
                     {"Docker-Content-Digest", digest.str()},
                     {"Accept-Ranges", "bytes"}}};
  set_body(response, std::move(content));
  return response;
}

Response part_of_blob(const oci::Digest& digest, const Content& content, ByteRange range) {
  Response response = whole_blob(digest, slice(content, range.offset, range.length));
  response.status = 206;
  response.headers.emplace_back(
      "Content-Range", fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.length - 1,
                                   content_length(content)));
  return response;
}

Response unsatisfiable(std::uint64_t size) {
  Response response = error_response(416, "SIZE_INVALID", "The blob does not have these bytes");
  response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
  return response;
}

}  // namespace

Response get_blob(const Call& call) {
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(call.route.reference);
  if (!digest) return digest_invalid("Invalid digest");
  const std::string& repository = call.route.repository;
  std::optional<Content> content = call.storage.find_blob(repository, *digest);
  if (!content) return call.storage.has_repository(repository) ? blob_unknown() : name_unknown();
  // A client that asks will leave the blob out of what it uploads.
  if (call.head.method == "HEAD" && call.writable) call.writable->keep_blob(repository, *digest);
  const std::uint64_t size = content_length(*content);
  // RFC 9110, 14.2: a range means something to GET only.
  const std::string_view range =
      call.head.method == "GET" ? call.head.header("Range").value_or("") : "";
  const RangeRequest asked = parse_range(range, size);
  switch (asked.verdict) {
    case RangeVerdict::kPart:
      return part_of_blob(*digest, *content, asked.range);
    case RangeVerdict::kUnsatisfiable:
      return unsatisfiable(size);
    case RangeVerdict::kWhole:
      break;
  }
  return whole_blob(*digest, *std::move(content));
}

Response delete_blob(const Call& call) {
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(call.route.reference);
  if (!digest) return digest_invalid("Invalid digest");
  if (!call.options.allow_delete) return unsupported("GET, HEAD");
  if (call.writable->remove_blob(call.route.repository, *digest)) return {202};
  return call.storage.has_repository(call.route.repository) ? blob_unknown() : name_unknown();
}

}  // namespace tote::testregistry
