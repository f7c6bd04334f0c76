#include "base/codec/tar_header.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace tote {
namespace {

constexpr std::size_t kNameSize = 100;
constexpr std::size_t kPrefixSize = 155;
constexpr std::uint64_t kMaxOctalMode = 07777777;      // seven digits
constexpr std::uint64_t kMaxOctalId = 07777777;        // seven digits
constexpr std::uint64_t kMaxOctalSize = 077777777777;  // eleven digits
constexpr std::string_view kUstar("ustar\00000", 8);
constexpr std::string_view kGnu("ustar  \0", 8);

struct Field {
  std::size_t offset;
  std::size_t size;
};
// POSIX.1-2017, pax, "ustar Interchange Format".
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kMtime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kTypeFlag = 156;
constexpr Field kLinkName{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kDevMajor{329, 8};
constexpr Field kDevMinor{337, 8};
constexpr Field kPrefix{345, 155};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::string ascii_only(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return (c & 0x80) == 0; });
  return out;
}

std::string_view without_trailing_slashes(std::string_view text) {
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  return text;
}

class Block {
 public:
  Block() : bytes_(kTarBlock, '\0') {}

  void text(Field field, std::string_view value) {
    const std::string_view cut = value.substr(0, field.size);
    bytes_.replace(field.offset, cut.size(), cut);
    // A cut that ends in a slash would make readers take a file for a directory.
    if (value.size() > field.size && cut.back() == '/')
      bytes_[field.offset + without_trailing_slashes(cut).size()] = '\0';
  }

  void number(Field field, std::uint64_t value) {
    const std::string digits = fmt::format("{:0{}o}", value, field.size - 1);
    if (digits.size() < field.size) return text(field, digits);
    // GNU base-256: big-endian with the top bit set.
    for (std::size_t i = field.size; i-- > 0; value >>= 8U)
      bytes_[field.offset + i] = static_cast<char>(value);
    bytes_[field.offset] = static_cast<char>(bytes_[field.offset] | 0x80);
  }

  void type(char flag) { bytes_[kTypeFlag] = flag; }

  std::string finish(std::string_view magic) {
    text(kMagic, magic);
    text(kChecksum, "        ");
    unsigned sum = 0;
    for (const char c : bytes_) sum += static_cast<unsigned char>(c);
    text(kChecksum, fmt::format("{:06o}", sum) + '\0');
    return bytes_;
  }

 private:
  std::string bytes_;
};

// The fields that an ordinary entry has.
Block ordinary_block(const TarHeader& header, std::string_view name) {
  Block block;
  block.text(kName, name);
  block.number(kMode, header.mode);
  block.number(kUid, header.user);
  block.number(kGid, header.group);
  block.number(kSize, header.size);
  block.number(kMtime, 0);
  block.type(static_cast<char>(header.type));
  block.number(kDevMajor, 0);
  block.number(kDevMinor, 0);
  return block;
}

// An entry that only carries `body` for the entry after it.
std::string extension(std::string_view name, char type, std::string_view magic,
                      const std::string& body) {
  Block block;
  block.text(kName, name);
  for (const Field field : {kMode, kUid, kGid, kMtime}) block.number(field, 0);
  block.number(kSize, body.size());
  block.type(type);
  return block.finish(magic) + body + std::string(tar_padding(body.size()), '\0');
}

// "<length> key=value\n", where the length counts its own digits.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest;
  while (rest + std::to_string(length).size() != length)
    length = rest + std::to_string(length).size();
  return fmt::format("{} {}={}\n", length, key, value);
}

// "dir/PaxHeaders.0/base", cut to what fits.
std::string pax_name(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::string directory(slash == std::string_view::npos ? "" : name.substr(0, slash + 1));
  const std::string_view base = slash == std::string_view::npos ? name : name.substr(slash + 1);
  const std::string full =
      ascii_only(fmt::format("{}PaxHeaders.0/{}", directory, base)).substr(0, kNameSize);
  return std::string(without_trailing_slashes(full));
}

std::string with_pax(const TarHeader& header, const std::map<std::string, std::string>& records) {
  std::string body;
  for (const auto& [key, value] : records) body += pax_record(key, value);
  TarHeader rest = header;  // what no record says
  if (records.contains("size")) rest.size = 0;
  if (records.contains("uid")) rest.user = 0;
  if (records.contains("gid")) rest.group = 0;
  Block block = ordinary_block(rest, ascii_only(header.name));
  block.text(kLinkName, ascii_only(header.link_target));
  return extension(pax_name(header.name), 'x', kUstar, body) + block.finish(kUstar);
}

std::string with_gnu(const TarHeader& header) {
  std::string out;
  const auto long_field = [&](const std::string& value, char type) {
    if (value.size() > kNameSize) out += extension("././@LongLink", type, kGnu, value + '\0');
  };
  long_field(header.name, 'L');
  long_field(header.link_target, 'K');
  Block block = ordinary_block(header, header.name);
  block.text(kLinkName, header.link_target);
  return out + block.finish(kGnu);
}

// A name over 100 bytes as prefix and name, if the one slash that is tried allows it.
std::optional<std::pair<std::string_view, std::string_view>> split_name(std::string_view name) {
  std::size_t searched = std::min(name.size(), kPrefixSize + 1);
  if (searched == name.size() && name.back() == '/') --searched;
  const std::size_t slash = name.substr(0, searched).rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view rest = name.substr(slash + 1);
  if (rest.empty() || rest.size() > kNameSize) return std::nullopt;
  return std::pair(name.substr(0, slash), rest);
}

std::string with_ustar(const TarHeader& header, std::string_view prefix, std::string_view name) {
  Block block = ordinary_block(header, name);
  block.text(kLinkName, header.link_target);
  block.text(kPrefix, prefix);
  return block.finish(kUstar);
}

}  // namespace

std::string encode_tar_header(const TarHeader& header) {
  if (header.name.find('\0') != std::string::npos)
    throw Error(ErrorKind::kUsage, fmt::format("name '{}' holds a NUL byte", header.name.c_str()));
  if (header.mode > kMaxOctalMode) return with_gnu(header);

  std::map<std::string, std::string> records;
  if (!is_ascii(header.name) || header.name.size() > kNameSize) records["path"] = header.name;
  if (!is_ascii(header.link_target) || header.link_target.size() > kNameSize)
    records["linkpath"] = header.link_target;
  if (header.size > kMaxOctalSize) records["size"] = std::to_string(header.size);
  if (header.user > kMaxOctalId) records["uid"] = std::to_string(header.user);
  if (header.group > kMaxOctalId) records["gid"] = std::to_string(header.group);

  if (records.empty()) return with_ustar(header, "", header.name);
  const bool only_long_name = records.size() == 1 && records.contains("path");
  if (only_long_name && is_ascii(header.name))
    if (const auto split = split_name(header.name))
      return with_ustar(header, split->first, split->second);
  return with_pax(header, records);
}

std::uint64_t tar_padding(std::uint64_t size) noexcept {
  return (kTarBlock - size % kTarBlock) % kTarBlock;
}

std::string_view tar_end() noexcept {
  static const std::string kZeros(2 * kTarBlock, '\0');
  return kZeros;
}

}  // namespace tote
