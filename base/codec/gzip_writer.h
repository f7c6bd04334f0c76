// The layer encoder: gzip (RFC 1952) whose bytes are part of tote's contract.
//
// The digest of a layer is the digest of its compressed bytes, so the encoder decides the digest
// of every bundle. This one writes what Go's compress/gzip writes at level 1, byte for byte, on
// every machine and for ever; docs/formats.md describes the algorithm. Never change its output.
#pragma once

#include "base/hash.h"
#include "base/stream.h"

#include <memory>

namespace tote {

enum class GzipThreads {
  kOne,
  kTwo,  // matches are found by the caller; a thread of the writer's own writes blocks and sums up
};

// Compresses everything written to it into `out`, which it does not finish. Neither how the input
// is cut into writes nor the number of threads matters. Uses about 500 KiB of memory, with two
// threads 1.5 MiB. With two, `out` is written to by the other one, from the first 64 KiB on until
// finish() returns or the writer is destroyed; what it throws comes out of a later write() or of
// finish(). `content`, if there is one, is updated with the input by the same thread; it is not to
// be used before finish() has returned.
class GzipWriter final : public FinishSink {
 public:
  explicit GzipWriter(Sink& out, GzipThreads threads = GzipThreads::kOne,
                      Hasher* content = nullptr);
  ~GzipWriter() override;
  void write(ConstBytes data) override;
  void finish() override;  // the last block and the trailer

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tote
