#include "copy/work.h"

namespace tote::copy {

WorkSize size_of(const Work& work) noexcept {
  WorkSize size;
  for (const BlobWork& blob : work.blobs) {
    if (blob.state == BlobState::kThere) continue;
    const bool is_sent = blob.state == BlobState::kSend;
    ++(is_sent ? size.blobs_to_send : size.blobs_to_mount);
    (is_sent ? size.bytes_to_send : size.bytes_to_mount) += blob.blob.size;
    ++size.requests;
  }
  for (const ManifestWork& manifest : work.manifests) size.requests += manifest.names.size();
  return size;
}

}  // namespace tote::copy
