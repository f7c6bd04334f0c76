#include "base/spool.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace tote {
namespace {

UniqueFd open_unnamed() {
  std::string directory = environment("TMPDIR");
  if (directory.empty()) directory = "/tmp";
  if (UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)); fd) return fd;
  // Some file systems (overlayfs of old kernels, NFS) lack O_TMPFILE.
  std::string name = directory + "/tote.XXXXXX";
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) throw io_error(fmt::format("create temporary file in {}", directory));
  ::unlink(name.c_str());
  return fd;
}

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
                  file_ = std::make_shared<const UniqueFd>(open_unnamed());
                  write_at(file_->get(), as_bytes(*memory_), 0);
                  memory_->clear();
                }
                write_at(file_->get(), data, size_);
              });
  size_ += data.size();
}

std::unique_ptr<Source> Spool::open(std::uint64_t offset) const {
  if (file_) return std::make_unique<FileSource>(file_, offset, size_ - offset);
  return std::make_unique<SharedStringSource>(memory_, offset);
}

}  // namespace tote
