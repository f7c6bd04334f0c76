// The layer encoder: gzip (RFC 1952) whose bytes are part of tote's contract.
//
// The digest of a layer is the digest of its compressed bytes, so the encoder decides the digest
// of every bundle. This one writes what Go's compress/gzip writes at level 1, byte for byte, on
// every machine and for ever; docs/formats.md describes the algorithm. Never change its output.
#pragma once

#include "base/stream.h"

#include <memory>

namespace tote {

// Compresses everything written to it into `out`, which it does not finish. How the input is cut
// into writes does not matter. Uses about 700 KiB of memory.
class GzipWriter final : public FinishSink {
 public:
  explicit GzipWriter(Sink& out);
  ~GzipWriter() override;
  void write(ConstBytes data) override;
  void finish() override;  // the last block and the trailer

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote
