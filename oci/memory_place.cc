#include "oci/memory_place.h"

#include "base/error.h"
#include "base/mutex.h"
#include "oci/media_types.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <utility>

namespace tote::oci {

// Collects the bytes; what has been taken before a break is still there after it.
class MemoryPlace::MemoryUpload final : public Upload {
 public:
  MemoryUpload(MemoryPlace& place, Descriptor blob) : place_(place), blob_(std::move(blob)) {}

  std::uint64_t offset() override { return bytes_.size(); }

  void append(Source& content, std::uint64_t size) override {
    std::string piece(kStreamChunk, '\0');
    for (std::uint64_t left = size; left > 0;) {
      const std::size_t n = content.read_some(std::as_writable_bytes(std::span(piece).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size())))));
      if (n == 0) throw_wrong_size(bytes_.size(), blob_.size);
      bytes_.append(piece, 0, n);
      left -= n;
    }
    expect_end(content);
  }

  void commit() override {
    if (bytes_.size() != blob_.size) throw_wrong_size(bytes_.size(), blob_.size);
    check_digest(Digest::of(as_bytes(bytes_), blob_.digest.algorithm()), blob_.digest,
                 bytes_.size());
    const Lock lock(place_.mutex_);
    place_.blobs_[blob_.digest] = std::make_shared<const std::string>(std::move(bytes_));
  }

 private:
  MemoryPlace& place_;
  const Descriptor blob_;
  std::string bytes_;
};

Descriptor MemoryPlace::add_blob(std::string bytes, std::string media_type) {
  Descriptor blob{std::move(media_type), Digest::of(bytes), bytes.size()};
  const Lock lock(mutex_);
  blobs_[blob.digest] = std::make_shared<const std::string>(std::move(bytes));
  return blob;
}

void MemoryPlace::add_manifest(ManifestPtr manifest, const std::string& tag) {
  const Lock lock(mutex_);
  if (!tag.empty()) tags_.insert_or_assign(tag, manifest->digest());
  const Digest digest = manifest->digest();
  manifests_[digest] = std::move(manifest);
}

ManifestPtr MemoryPlace::find(std::string_view tag_or_digest) const {
  const Lock lock(mutex_);
  std::optional<Digest> digest = Digest::try_parse(tag_or_digest);
  if (const auto tag = tags_.find(tag_or_digest); !digest && tag != tags_.end())
    digest = tag->second;
  const auto found = digest ? manifests_.find(*digest) : manifests_.end();
  return found == manifests_.end() ? nullptr : found->second;
}

std::shared_ptr<const std::string> MemoryPlace::find_blob(const Digest& digest) const {
  const Lock lock(mutex_);
  const auto found = blobs_.find(digest);
  return found == blobs_.end() ? nullptr : found->second;
}

std::optional<Descriptor> MemoryPlace::resolve(std::string_view tag_or_digest, std::stop_token) {
  const ManifestPtr found = find(tag_or_digest);
  if (!found) return std::nullopt;
  return found->descriptor();
}

ManifestPtr MemoryPlace::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  if (ManifestPtr found = find(tag_or_digest)) return found;
  throw Error(ErrorKind::kNotFound, fmt::format("there is no image '{}'", tag_or_digest));
}

bool MemoryPlace::has_blob(const Descriptor& blob, std::stop_token) {
  return find_blob(blob.digest) != nullptr;
}

std::unique_ptr<Source> MemoryPlace::open_blob(const Descriptor& blob, std::uint64_t offset,
                                               std::stop_token) {
  const auto bytes = find_blob(blob.digest);
  if (!bytes)
    throw Error(ErrorKind::kNotFound, fmt::format("there is no blob '{}'", blob.digest.str()));
  if (bytes->size() != blob.size) throw_wrong_size(bytes->size(), blob.size);
  return std::make_unique<StringSource>(bytes->substr(offset));
}

std::vector<Descriptor> MemoryPlace::find_referrers(const Digest& subject, std::string_view,
                                                    std::stop_token) {
  std::vector<Descriptor> referrers;
  const Lock lock(mutex_);
  for (const auto& [digest, manifest] : manifests_)
    if (manifest->subject() && manifest->subject()->digest == subject)
      referrers.push_back(manifest->descriptor());
  return referrers;
}

std::unique_ptr<Upload> MemoryPlace::begin_upload(const Descriptor& blob, std::stop_token) {
  return std::make_unique<MemoryUpload>(*this, blob);
}

bool MemoryPlace::may_mount_from(const Repository&) const {
  return false;
}

bool MemoryPlace::try_mount(const Descriptor&, const Repository&, std::stop_token) {
  return false;
}

void MemoryPlace::push_manifest(const Manifest& manifest, std::string_view tag_or_digest,
                                std::stop_token) {
  for (const Descriptor& child : manifest.children())
    if (!find(child.digest.str()))
      throw Error(ErrorKind::kRegistry, fmt::format("manifest unknown: {}", child.digest.str()));
  for (const Descriptor& blob : manifest.blobs())
    if (!find_blob(blob.digest) && !is_non_distributable(blob.media_type))
      throw Error(ErrorKind::kRegistry, fmt::format("blob unknown: {}", blob.digest.str()));
  add_manifest(
      Manifest::parse(manifest.bytes(), manifest.media_type(), manifest.digest().algorithm()),
      is_tag(tag_or_digest) ? std::string(tag_or_digest) : std::string());
}

}  // namespace tote::oci
