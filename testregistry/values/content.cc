#include "testregistry/values/content.h"

#include <string_view>

namespace tote::testregistry {

std::uint64_t content_length(const Content& content) noexcept {
  return std::visit([](const auto& range) { return range.length; }, content);
}

Content slice(Content content, std::uint64_t offset, std::uint64_t length) {
  std::visit(
      [&](auto& range) {
        range.offset += offset;
        range.length = length;
      },
      content);
  return content;
}

std::unique_ptr<Source> open_content(const Content& content) {
  if (const auto* file = std::get_if<FileRange>(&content))
    return std::make_unique<RangeSource>(file->file, file->offset, file->length);
  if (const auto* remote = std::get_if<RemoteRange>(&content))
    return remote->bytes->open(remote->offset, remote->length);
  const auto& memory = std::get<MemoryRange>(content);
  return std::make_unique<BytesSource>(
      std::string_view(*memory.bytes).substr(memory.offset, memory.length));
}

std::string url_of(const Content& content) {
  const auto* remote = std::get_if<RemoteRange>(&content);
  return remote != nullptr ? remote->bytes->url() : std::string();
}

}  // namespace tote::testregistry
