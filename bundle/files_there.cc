#include "bundle/files_there.h"

#include "archive/oci_layout.h"
#include "base/error.h"
#include "oci/verify.h"

namespace tote::bundle {
namespace {

std::unique_ptr<archive::FileSet> open_if_there(const std::filesystem::path& layout) {
  std::error_code failed;
  if (!std::filesystem::is_directory(layout, failed)) return nullptr;
  return archive::open_directory(layout);
}

}  // namespace

FilesThere::FilesThere(const std::filesystem::path& layout) : files_(open_if_there(layout)) {}

std::optional<archive::FilePlace> FilesThere::find(const oci::Descriptor& blob) const {
  if (!files_) return std::nullopt;
  auto found = files_->find(archive::blob_path(blob.digest));
  if (found && found->size != blob.size) return std::nullopt;
  return found;
}

bool FilesThere::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return find(blob).has_value();
}

std::unique_ptr<Source> FilesThere::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                              std::stop_token) {
  const auto found = find(blob);
  if (!found)
    throw Error(ErrorKind::kNotFound, "file " + archive::blob_path(blob.digest) + " is not there");
  if (offset > 0) return found->open(offset);
  return std::make_unique<oci::VerifyingSource>(found->open(0), blob);
}

std::optional<oci::Descriptor> FilesThere::resolve(std::string_view, std::stop_token) {
  return std::nullopt;
}

oci::ManifestPtr FilesThere::fetch_manifest(std::string_view, std::stop_token) {
  throw Error(ErrorKind::kInternal, "images are read by nobody where one only looks at files");
}

std::unique_ptr<oci::Upload> FilesThere::begin_upload(const oci::Descriptor&, std::stop_token) {
  throw Error(ErrorKind::kInternal, "nothing is written where one only looks");
}

}  // namespace tote::bundle
