// zstd files with a seek table: what is read in place is what was written, and what the table says
// holds together; no frame gives more or less than it says.
#include "base/codec/seekable_zstd.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace {

using namespace tote;

class Bytes final : public RandomReader {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  const std::string& name() const noexcept override { return name_; }
  std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override {
    const std::string_view part =
        bytes_.substr(std::min<std::uint64_t>(offset, bytes_.size()), out.size());
    copy_bytes(as_bytes(part), out);
    return part.size();
  }

 private:
  const std::string bytes_;
  const std::string name_ = "fuzz";
};

void check_table(const SeekTable& table, std::string_view file) {
  // A bit that says nothing may be set.
  std::string end(file.substr(table.frames_size()));
  end[end.size() - 5] = '\x80';
  fuzz::require(table.encode() == end, "what is written is what was read");
  std::uint64_t content = 0;
  std::uint64_t offset = 0;
  for (std::uint32_t i = 0; i < table.frames(); ++i) {
    fuzz::require(table.frame(i).offset == offset, "frames lie one behind the other");
    offset += table.frame(i).size;
    content += table.frame(i).content;
  }
  fuzz::require(offset == table.frames_size() && content == table.content_size(), "sums are right");
}

void read_frames(const ReaderPtr& file, std::uint32_t frame_content) {
  constexpr std::uint64_t kFrames = 4;  // of each at most 8 MiB
  std::string out(64, '\0');
  for (std::uint64_t i = 0; i < kFrames && i * frame_content < file->size(); ++i) {
    const std::uint64_t offset = i * frame_content;
    const std::uint64_t left = file->size() - offset;
    fuzz::allow_errors([&] {
      const std::size_t n = file->read_at(std::as_writable_bytes(std::span(out)).first(1), offset);
      fuzz::require(n == 1 && left > 0, "a frame has what it says");
    });
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file = fuzz::as_view(data, size);
  const auto bytes = std::make_shared<const Bytes>(file);
  const auto table = SeekTable::read(*bytes);
  if (!table) return 0;
  check_table(*table, file);
  read_frames(SeekableZstd::try_open(bytes), table->frame_content());
  return 0;
}
