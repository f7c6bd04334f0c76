#include "testregistry/http/byte_range.h"

#include "base/text.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

RangeRequest part(std::uint64_t offset, std::uint64_t end) {
  return {RangeVerdict::kPart, {offset, end - offset}};
}

RangeRequest last_bytes(std::string_view count, std::uint64_t size) {
  const std::optional<std::uint64_t> length = parse_number(count);
  if (!length) return {};
  if (*length == 0 || size == 0) return {RangeVerdict::kUnsatisfiable};
  return part(size - std::min(*length, size), size);
}

}  // namespace

RangeRequest parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return {};
  header.remove_prefix(kUnit.size());
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return last_bytes(header.substr(1), size);
  const std::optional<std::uint64_t> first = parse_number(header.substr(0, dash));
  const std::optional<std::uint64_t> last = parse_number(header.substr(dash + 1));
  const bool open_ended = dash + 1 == header.size();
  if (!first || (!last && !open_ended)) return {};
  if (*first >= size || (last && *last < *first)) return {RangeVerdict::kUnsatisfiable};
  return part(*first, last && *last < size - 1 ? *last + 1 : size);
}

std::optional<ChunkRange> parse_chunk_range(std::string_view header) {
  constexpr std::string_view kUnit = "bytes ";
  if (header.starts_with(kUnit)) header.remove_prefix(kUnit.size());
  header = header.substr(0, header.find('/'));
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> first = parse_number(header.substr(0, dash));
  const std::optional<std::uint64_t> last = parse_number(header.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return ChunkRange{*first, *last};
}

}  // namespace tote::testregistry
