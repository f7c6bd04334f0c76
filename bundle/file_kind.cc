#include "bundle/file_kind.h"

#include "base/file.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tote::bundle {

FileKind file_kind(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return FileKind::kPlace;
  std::array<std::byte, 512> begin{};
  const std::size_t n = open_for_reading(path)->read_at(begin, 0);
  const std::string_view text = as_text(std::span(begin).first(n));
  const bool is_text = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' && c != '\r';
  });
  if (!is_text) return FileKind::kPlace;
  return trim(text).starts_with('{') ? FileKind::kInventory : FileKind::kLock;
}

}  // namespace tote::bundle
