// Writing an OCI image layout directory (OCI image specification 1.1: image-layout.md), or adding
// to one.
#pragma once

#include "base/unique_fd.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <filesystem>
#include <memory>
#include <string>

namespace tote::archive {

// Blobs appear whole under their digests; finish() changes index.json, so until then the layout
// names nothing new. What is there is kept: blobs that are right are used, wrong ones replaced,
// images stay unless one of the same name comes. Any number of processes may add to one layout.
class LayoutWriter final : public oci::BlobWriter {
 public:
  // Makes the directory. Error{kUsage} if it holds something else, Error{kParse} if it is a layout
  // that can not be added to, Error{kIo}. Waits while another process takes things out of it.
  explicit LayoutWriter(const std::filesystem::path& directory);

  // True after the content has been read and verified.
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override;

  // Everything that `contents` names is there: syncs the file system and writes index.json.
  // `images_lock` as of encode_layout_index().
  void finish(const oci::Contents& contents, const std::string& images_lock = {});

 private:
  std::filesystem::path path_of(const oci::Digest& digest) const;

  std::filesystem::path directory_;
  UniqueFd lock_;  // on the directory
};

}  // namespace tote::archive
