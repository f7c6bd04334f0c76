#include "testregistry/http/body.h"

#include <utility>

namespace tote::testregistry {
namespace {

class OpenedLate final : public Source {
 public:
  explicit OpenedLate(RemoteRange range) : range_(std::move(range)) {}

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (!source_) source_ = range_.bytes->open(range_.offset, range_.length);
    return source_->read_some(out);
  }

 private:
  const RemoteRange range_;
  std::unique_ptr<Source> source_;
};

}  // namespace

std::uint64_t body_length(const Body& body) noexcept {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* memory = std::get_if<MemoryRange>(&body)) return memory->length;
  if (const auto* file = std::get_if<FileRange>(&body)) return file->length;
  return std::get<SourceBody>(body).length;
}

Body make_body(Content content) {
  if (auto* memory = std::get_if<MemoryRange>(&content)) return std::move(*memory);
  if (auto* file = std::get_if<FileRange>(&content)) return std::move(*file);
  auto& remote = std::get<RemoteRange>(content);
  const std::uint64_t length = remote.length;
  return SourceBody{std::make_unique<OpenedLate>(std::move(remote)), length};
}

}  // namespace tote::testregistry
