// Decompressing gzip, zstd and xz.
#pragma once

#include "base/stream.h"

#include <memory>

namespace tote {

// By the first bytes of a file, of which six are enough.
bool is_gzip_or_zstd(ConstBytes first) noexcept;
bool is_xz(ConstBytes first) noexcept;

// What a gzip or zstd file holds, several members one after the other too; of any other all that is
// in it. Whatever is wrong with the bytes is Error{kParse}; what `source` throws comes out as it
// is. A window of zstd is at most 128 MiB, a dictionary of xz such that 1 GiB is enough.
class DecompressedSource final : public Source {
 public:
  enum class Xz { kNo, kToo };

  // With kToo, xz too: Error{kUsage} where libarchive was built without it. `source` must outlive
  // it.
  explicit DecompressedSource(Source& source, Xz xz = Xz::kNo);
  ~DecompressedSource() override;
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote
