// Writing blobs of an archive again where they lie, if they are damaged there.
#pragma once

#include "archive/archive_reader.h"
#include "oci/store.h"

namespace tote::archive {

// A plain tar as a place that blobs are put into: only such as have their room in it. Whatever else
// is in the file stays as it is. A blob that breaks off is as wrong as it was before, no more.
// Thread-safe. The archive must outlive it.
class ArchiveMender final : public oci::BlobWriter {
 public:
  explicit ArchiveMender(const ArchiveReader& archive) : archive_(archive) {}

  // True after the content has been read and verified.
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  // Error{kUsage} with a hint if the archive has no room of that size for it, or is no file that
  // could be written so: a compressed one, or one in volumes.
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override;

 private:
  const ArchiveReader& archive_;
};

}  // namespace tote::archive
