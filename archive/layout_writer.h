// Writing an OCI image layout directory (OCI image specification 1.1: image-layout.md), or adding
// to one.
#pragma once

#include "archive/file_set.h"
#include "base/file.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <filesystem>
#include <memory>
#include <string>

namespace tote::archive {

// Blobs appear whole under their digests; finish() writes index.json, so until then the layout
// names nothing new. What is there is kept: blobs that are right are used, wrong ones replaced,
// images stay unless one of the same name comes.
class LayoutWriter final : public oci::BlobWriter {
 public:
  // Makes the directory. Error{kUsage} if it holds something else, Error{kIo} if another process
  // is writing there.
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
  void look_around();
  void put_file(const char* name, std::string_view text);

  std::filesystem::path directory_;
  std::unique_ptr<const FileSet> files_;  // what is there
  UniqueFd lock_;                         // on the directory
};

}  // namespace tote::archive
