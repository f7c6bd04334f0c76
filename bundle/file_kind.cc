#include "bundle/file_kind.h"

#include "base/codec/decompressor.h"
#include "base/file.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace tote::bundle {

namespace {

// How what it holds begins, if it is compressed too.
std::string beginning_of(const std::filesystem::path& path) {
  const FilePtr file = open_for_reading(path);
  std::array<std::byte, 512> begin{};
  std::size_t size = file->read_at(begin, 0);
  if (is_gzip_or_zstd(std::span(begin).first(size))) {
    RangeSource bytes(file, 0, file->size());
    DecompressedSource content(bytes);
    size = read_full(content, begin);
  }
  return std::string(as_text(std::span(begin).first(size)));
}

}  // namespace

FileKind file_kind(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return FileKind::kPlace;
  const std::string text = beginning_of(path);
  const bool is_text = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r';
  });
  if (!is_text) return FileKind::kPlace;
  return trim(text).starts_with('{') ? FileKind::kInventory : FileKind::kLock;
}

}  // namespace tote::bundle
