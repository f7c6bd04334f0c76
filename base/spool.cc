#include "base/spool.h"

#include "base/error.h"
#include "base/temporary_file.h"

namespace tote {
namespace {

class SharedStringSource final : public Source {
 public:
  SharedStringSource(std::shared_ptr<const std::string> text, std::uint64_t offset)
      : text_(std::move(text)), bytes_(std::string_view(*text_).substr(offset)) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override { return bytes_.read_some(out); }

 private:
  std::shared_ptr<const std::string> text_;
  BytesSource bytes_;
};

}  // namespace

void Spool::write(ConstBytes data) {
  if (!file_ && size_ + data.size() <= kInMemory) {
    memory_->append(as_text(data));
    size_ += data.size();
    return;
  }
  while_doing([] { return "temporary file"; },
              [&] {
                if (!file_) {
                  file_ = open_unnamed_file(directory_);
                  file_->write_at(as_bytes(*memory_), 0);
                  memory_->clear();
                }
                file_->write_at(data, size_);
              });
  size_ += data.size();
}

std::unique_ptr<Source> Spool::open(std::uint64_t offset) const {
  if (file_) return std::make_unique<RangeSource>(file_, offset, size_ - offset);
  return std::make_unique<SharedStringSource>(memory_, offset);
}

}  // namespace tote
