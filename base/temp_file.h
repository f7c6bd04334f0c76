// A file without a name, for bytes whose digest must be known before they are sent.
#pragma once

#include "base/file.h"

#include <cstdint>
#include <memory>

namespace tote {

// Lives in $TMPDIR (or /tmp) and vanishes with the last reader, also after kill -9.
class TempFile final : public Sink {
 public:
  TempFile();
  void write(ConstBytes data) override;
  std::uint64_t size() const noexcept { return size_; }
  // From `offset` to what has been written so far. Independent of the sink and of other readers.
  std::unique_ptr<Source> open(std::uint64_t offset = 0) const;

 private:
  std::shared_ptr<const UniqueFd> file_;
  std::uint64_t size_ = 0;
};

}  // namespace tote
