// A blob on its way into a range of a file.
#pragma once

#include "base/random_access.h"
#include "oci/store.h"

#include <functional>
#include <memory>

namespace tote::archive {

// Writes at `start` of `file`, and after a break goes on there.
// commit() runs `on_commit` once the content is known to be right.
class FileUpload final : public oci::Upload {
 public:
  // `found`: so many bytes of it may be there already, from an earlier run. If they turn out to be
  // wrong commit() throws what may be tried again, and everything is to be sent.
  FileUpload(WriterPtr file, std::uint64_t start, oci::Descriptor blob, std::uint64_t found,
             std::function<void()> on_commit, std::stop_token stop)
      : file_(std::move(file)),
        start_(start),
        blob_(std::move(blob)),
        on_commit_(std::move(on_commit)),
        stop_(std::move(stop)),
        offset_(found),
        is_on_trust_(found > 0) {}

  std::uint64_t offset() override { return offset_; }
  void append(Source& content, std::uint64_t size) override;
  void commit() override;

 private:
  void write_next(Source& content, MutableBytes buffer);
  void verify_written();

  WriterPtr file_;
  std::uint64_t start_;
  oci::Descriptor blob_;
  std::function<void()> on_commit_;
  std::stop_token stop_;
  std::uint64_t offset_;
  bool is_on_trust_;  // what an earlier run has left is a part of it
  bool verified_ = false;
};

// False if this range of a file is not the blob, or can not be read.
bool holds(const ReaderPtr& file, std::uint64_t start, const oci::Descriptor& blob,
           const std::stop_token& stop);

}  // namespace tote::archive
