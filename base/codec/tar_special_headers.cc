#include "base/codec/tar_special_headers.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace tote {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kTypeAt = 156;
constexpr std::size_t kSizeAt = 124;
constexpr std::size_t kSizeLength = 12;
constexpr std::uint64_t kMaxBody = 16U << 20U;  // libarchive's limits are below this

[[noreturn]] void refuse(std::string_view why) {
  throw Error(ErrorKind::kParse, fmt::format("reading tar: {}", why));
}

// Octal, ended by a blank or NUL; or binary where the first bit is set.
std::uint64_t size_of(std::string_view block) {
  std::string_view field = block.substr(kSizeAt, kSizeLength);
  std::uint64_t size = 0;
  if ((static_cast<unsigned char>(field.front()) & 0x80U) != 0) {
    for (const char c : field.substr(1))
      size = std::min(size, kMaxBody) << 8U | static_cast<unsigned char>(c);
    return size;
  }
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  for (const char c : field) {
    if (c < '0' || c > '7') break;
    size = size << 3U | static_cast<unsigned>(c - '0');
  }
  return size;
}

void refuse_nul(std::string_view name, std::string_view what) {
  if (name.find('\0') != std::string_view::npos)
    refuse(fmt::format("{} with a NUL in it: '{}'", what,
                       std::string(name.substr(0, name.find('\0'))) + "\\0..."));
}

// "offset,length,offset,length".
void check_sparse_map(std::string_view map) {
  const std::vector<std::string> numbers = split(map, ',');
  const bool good = numbers.size() % 2 == 0 &&
                    std::all_of(numbers.begin(), numbers.end(), [](const std::string& number) {
                      return parse_number(number).has_value();
                    });
  if (!good) refuse("a malformed GNU.sparse.map record");
}

void check_record(std::string_view key, std::string_view value, SpecialHeaders& found) {
  if (key == "path" || key == "GNU.sparse.name") refuse_nul(value, "a name");
  if (key == "linkpath") {
    refuse_nul(value, "a link target");
    if (!value.empty()) found.link_target = value;
  }
  if (key == "GNU.sparse.map") check_sparse_map(value);
  if (key.starts_with("GNU.sparse.") || key == "SCHILY.realsize") found.is_sparse = true;
}

// "LENGTH KEY=VALUE\n", where LENGTH is of all of it.
void check_records(std::string_view body, SpecialHeaders& found) {
  while (!body.empty()) {
    const std::size_t blank = body.find(' ');
    const auto length = parse_number(body.substr(0, std::min(blank, body.size())));
    const bool fits = length && *length <= body.size() && blank + 2 < *length;
    if (!fits || body[*length - 1] != '\n') refuse("a malformed pax record");
    const std::string_view record = body.substr(blank + 1, *length - blank - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) refuse("a malformed pax record");
    check_record(record.substr(0, equals), record.substr(equals + 1), found);
    body.remove_prefix(*length);
  }
}

// Padded by NULs, which end it.
void check_long_name(std::string_view body, std::string_view what) {
  refuse_nul(body.substr(0, body.find_last_not_of('\0') + 1), what);
}

}  // namespace

SpecialHeaders check_special_headers(std::string_view headers) {
  SpecialHeaders found;
  while (headers.size() >= kBlock) {
    const char type = headers[kTypeAt];
    const std::uint64_t size = size_of(headers);
    headers.remove_prefix(kBlock);
    if (type == 'S') found.is_sparse = true;
    if (type == '1') found.is_hard_link = true;
    if (type == 'V') continue;  // a volume's label, without content
    if (std::string_view("xXgLKA").find(type) == std::string_view::npos) break;
    if (size > headers.size()) break;  // libarchive refuses what is cut short
    const std::string_view body = headers.substr(0, size);
    if (type == 'x' || type == 'X') check_records(body, found);
    if (type == 'L') check_long_name(body, "a name");
    if (type == 'K') check_long_name(body, "a link target");
    headers.remove_prefix(
        std::min<std::uint64_t>((size + kBlock - 1) / kBlock * kBlock, headers.size()));
  }
  return found;
}

}  // namespace tote
