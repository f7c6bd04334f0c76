#include "base/text.h"
#include "testregistry/endpoints.h"
#include "testregistry/errors.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

struct ByteRange {
  std::uint64_t offset;
  std::uint64_t length;
};

enum class RangeVerdict { kIgnore, kServe, kUnsatisfiable };

// "bytes=A-B", "bytes=A-", "bytes=-N" (RFC 9110, 14.1.2). Several ranges, other units and nonsense
// are ignored, as the RFC allows: the answer is then the whole.
RangeVerdict parse_range(std::string_view text, std::uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return RangeVerdict::kIgnore;
  text.remove_prefix(kUnit.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return RangeVerdict::kIgnore;
  const std::optional<std::uint64_t> first = parse_number(text.substr(0, dash));
  const std::optional<std::uint64_t> last = parse_number(text.substr(dash + 1));
  if (dash == 0) {
    if (!last) return RangeVerdict::kIgnore;
    if (*last == 0 || size == 0) return RangeVerdict::kUnsatisfiable;
    const std::uint64_t length = std::min(*last, size);
    range = {size - length, length};
    return RangeVerdict::kServe;
  }
  const bool open_ended = dash + 1 == text.size();
  if (!first || (!last && !open_ended)) return RangeVerdict::kIgnore;
  if (last && *last < *first) return RangeVerdict::kIgnore;
  if (*first >= size) return RangeVerdict::kUnsatisfiable;
  const std::uint64_t end = last && *last < size - 1 ? *last + 1 : size;
  range = {*first, end - *first};
  return RangeVerdict::kServe;
}

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
  Response response = error_response(416, "RANGE_INVALID", "The blob does not have these bytes");
  response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
  return response;
}

}  // namespace

Response get_blob(const Call& call) {
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(call.route.reference);
  if (!digest) return digest_invalid("Invalid digest");
  std::optional<Content> content = call.storage.find_blob(call.route.repository, *digest);
  if (!content)
    return call.storage.has_repository(call.route.repository) ? blob_unknown() : name_unknown();
  const std::uint64_t size = content_length(*content);
  ByteRange range{};
  switch (parse_range(call.head.header("Range").value_or(""), size, range)) {
    case RangeVerdict::kServe:
      return part_of_blob(*digest, *content, range);
    case RangeVerdict::kUnsatisfiable:
      return unsatisfiable(size);
    case RangeVerdict::kIgnore:
      break;
  }
  return whole_blob(*digest, *std::move(content));
}

Response delete_blob(const Call& call) {
  const std::optional<oci::Digest> digest = oci::Digest::try_parse(call.route.reference);
  if (!digest) return digest_invalid("Invalid digest");
  if (!call.storage.remove_blob(call.route.repository, *digest)) return blob_unknown();
  return {202};
}

}  // namespace tote::testregistry
