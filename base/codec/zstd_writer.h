// zstd (RFC 8878) as a stream of frames.
#pragma once

#include "base/codec/zstd_frame.h"
#include "base/hash.h"
#include "base/stream.h"

#include <cstddef>
#include <vector>

namespace tote {

// Compresses everything written to it into `out`, which it does not finish, in frames of 4 MiB of
// content. The same input and the same libzstd give the same bytes, however the input is cut.
// `content`, if there is one, is updated with the input. Uses about 12 MiB of memory.
class ZstdWriter final : public FinishSink {
 public:
  explicit ZstdWriter(Sink& out, Hasher* content = nullptr);
  void write(ConstBytes data) override;
  void finish() override;

 private:
  void write_frame();

  Sink& out_;
  Hasher* const content_;
  ZstdFrameEncoder encoder_;
  std::vector<std::byte> frame_;  // what is to be the next one
  bool is_empty_ = true;          // there is no frame yet
};

}  // namespace tote
