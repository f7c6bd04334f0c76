#include "bundle/verify.h"

#include "archive/archive_reader.h"
#include "archive/archive_set.h"
#include "archive/whole_archive.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/bundle_image.h"
#include "bundle/image_tags.h"
#include "oci/attached.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

namespace tote::bundle {
namespace {

// An image that should be there, where it is looked for, and under which tag.
struct ExpectedImage {
  oci::Repository repository;
  oci::Digest digest;
  std::string tag = {};
};

class Verification {
 public:
  Verification(const VerifyRequest& request, registry::Client& client, const Session& session)
      : request_(request),
        client_(client),
        session_(session),
        cache_([this](const oci::Repository& name) -> oci::ImageReader& { return reader(name); }) {}

  Verified run() {
    if (const auto* file = std::get_if<FilePlace>(&request_.place)) {
      if (!open(file->path)) return std::move(result_);
    } else if (std::holds_alternative<StandardStream>(request_.place)) {
      throw Error(ErrorKind::kUsage, "What comes from standard input can not be verified")
          .with_hint("write it to a file first");
    }
    check_all(expect());
    find_extra();
    sort_findings();
    return std::move(result_);
  }

 private:
  // ---- where -----------------------------------------------------------------------------------

  bool open(const std::filesystem::path& path) {
    try {
      archive_ = std::make_unique<const archive::ArchiveReader>(path, session_.reading);
      whole_.emplace(*archive_);
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kParse && error.kind() != ErrorKind::kDigestMismatch) throw;
      add(FindingKind::kCorrupt, path.string(), error.message());
      return false;
    }
  }

  oci::ImageReader& reader(const oci::Repository& name) {
    if (whole_) return *whole_;
    return client_.repository(name);
  }

  const RegistryPlace& registry_place() const { return std::get<RegistryPlace>(request_.place); }
  oci::Repository home() const {
    return archive_ ? oci::Repository() : registry_place().repository;
  }

  // ---- what should be there --------------------------------------------------------------------

  std::vector<ExpectedImage> expect() {
    if (request_.expected)
      return std::visit([this](const auto& from) { return expect(from); }, *request_.expected);
    if (archive_) return images_of(*archive_);
    const oci::Reference reference = registry_place().reference();
    const oci::ManifestPtr root =
        cache_.manifest(reference.repository, reference.identifier(), session_.stop);
    return {{reference.repository, root->digest()}};
  }

  std::vector<ExpectedImage> images_of(const archive::Archive& archive) const {
    std::vector<ExpectedImage> images;
    for (const oci::CarriedImage& image : archive.contents().images)
      images.push_back({home(), image.target.digest, image.tag});
    return images;
  }

  std::vector<ExpectedImage> expect(const FromArchive& from) {
    expected_ = archive::open_archives(from.paths, session_.reading);
    return images_of(*expected_);
  }
  std::vector<ExpectedImage> expect(const FromImagesLock& from) const {
    std::vector<ExpectedImage> images;
    for (const LockedImage& image : from.lock.images) images.push_back({home(), image.digest()});
    return images;
  }
  std::vector<ExpectedImage> expect(const FromBundleLock& from) const {
    return {{home(), *from.lock.bundle.digest, from.lock.tag}};
  }
  template <class Other>
  std::vector<ExpectedImage> expect(const Other&) const {
    throw Error(ErrorKind::kInternal, "a place is compared with a lock or an archive");
  }

  // ---- looking ---------------------------------------------------------------------------------

  void check_all(const std::vector<ExpectedImage>& expected) {
    TaskGroup group(session_.pool, session_.stop);
    group_ = &group;
    for (const ExpectedImage& image : expected) {
      check(image.repository, image.digest, 0);
      if (!image.tag.empty())
        group.run([this, image](const std::stop_token& stop) { check_tag(image, stop); });
      if (!request_.signatures.keys.empty())
        group.run([this, image](const std::stop_token&) { check_signature(image); });
    }
    group.wait();
    group_ = nullptr;
  }

  void check(const oci::Repository& repository, const oci::Digest& digest, int depth) {
    {
      const Lock lock(mutex_);
      if (!seen_.insert(digest).second) return;
      ++result_.images;
      ++wanted_;
    }
    group_->run([=, this](const std::stop_token& stop) {
      look(repository, digest, depth, stop);
      count();
    });
  }

  void look(const oci::Repository& repository, const oci::Digest& digest, int depth,
            const std::stop_token& stop) {
    try {
      const oci::ManifestPtr manifest = cache_.manifest(repository, digest.str(), stop);
      if (depth > kMaxBundleNesting + oci::kMaxIndexNesting)
        throw Error(ErrorKind::kParse, "it is nested too deeply");
      for (const oci::Descriptor& child : manifest->children())
        if (!stays_away(digest, child.digest)) check(repository, child.digest, depth + 1);
      bool is_whole = true;
      for (const oci::Descriptor& blob : manifest->blobs())
        is_whole = check_blob(repository, blob, stop) && is_whole;
      // What a bundle without its layer names can not be told.
      if (is_whole && is_bundle(*manifest, repository, cache_, stop))
        look_into(*manifest, repository, depth, stop);
    } catch (const Error& error) {
      note(name_in(repository, digest), error);
    }
  }

  void look_into(const oci::Manifest& bundle, const oci::Repository& repository, int depth,
                 const std::stop_token& stop) {
    for (const LockedImage& image : read_images_lock(bundle, repository, cache_, stop).images) {
      const bool is_beside =
          archive_ || request_.expected || is_there(repository, image.digest(), stop);
      check(is_beside ? repository : image.reference.repository, image.digest(), depth + 1);
    }
  }

  bool is_there(const oci::Repository& repository, const oci::Digest& digest,
                const std::stop_token& stop) {
    return reader(repository).resolve(digest.str(), stop).has_value();
  }

  // Images of an index for platforms that were not asked for when it was copied: an archive that
  // has lost one can not be opened.
  bool stays_away(const oci::Digest& index, const oci::Digest& child) const {
    const auto was_left_out = [&](const auto& archive) {
      return archive && archive->contents().find_manifest(index) &&
             !archive->contents().find_manifest(child);
    };
    return was_left_out(archive_) || was_left_out(expected_);
  }

  // False if it is missing.
  bool check_blob(const oci::Repository& repository, const oci::Descriptor& blob,
                  const std::stop_token& stop) {
    {
      const Lock lock(mutex_);
      if (!blobs_.insert(blob.digest).second) return !missing_.contains(blob.digest);
      ++result_.blobs;
    }
    if (!reader(repository).has_blob(blob, stop)) return note_missing(repository, blob);
    if (!request_.deep) return true;
    try {
      read(repository, blob, stop);
    } catch (const Error& error) {
      note(name_in(repository, blob.digest), error);
    }
    return true;
  }

  // Layers that their vendors do not let others hand on need not be there.
  bool note_missing(const oci::Repository& repository, const oci::Descriptor& blob) {
    if (!oci::is_non_distributable(blob.media_type))
      add(FindingKind::kMissing, name_in(repository, blob.digest), "the blob is not there");
    const Lock lock(mutex_);
    missing_.insert(blob.digest);
    return false;
  }

  void read(const oci::Repository& repository, const oci::Descriptor& blob,
            const std::stop_token& stop) {
    const std::unique_ptr<Source> content = reader(repository).open_blob(blob, 0, stop);
    std::vector<std::byte> buffer(kStreamChunk);
    while (const std::size_t n = content->read_some(buffer)) {
      if (stop.stop_requested()) throw Cancelled();
      const Lock lock(mutex_);
      result_.bytes += n;
    }
  }

  void check_tag(const ExpectedImage& image, const std::stop_token& stop) {
    if (archive_) return check_tag_in_archive(image);
    const auto there = client_.repository(image.repository).resolve(image.tag, stop);
    const std::string name = fmt::format("{}:{}", image.repository.name(), image.tag);
    if (!there)
      add(FindingKind::kMissing, name, "there is no such tag");
    else if (there->digest != image.digest)
      add(FindingKind::kChanged, name,
          fmt::format("it leads to {}, not to {}", there->digest.str(), image.digest.str()));
  }

  void check_tag_in_archive(const ExpectedImage& image) {
    for (const oci::CarriedImage& there : archive_->contents().images) {
      if (there.tag != image.tag) continue;
      if (there.target.digest == image.digest) return;
      return add(
          FindingKind::kChanged, image.tag,
          fmt::format("it leads to {}, not to {}", there.target.digest.str(), image.digest.str()));
    }
    add(FindingKind::kMissing, image.tag, "there is no such tag");
  }

  void check_signature(const ExpectedImage& image) {
    try {
      verify_signatures({{image.repository, image.digest}}, request_.signatures, cache_, session_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUsage) throw;
      add(FindingKind::kUnsigned, name_in(image.repository, image.digest), error.message());
    }
  }

  // ---- what should not be there ----------------------------------------------------------------

  void find_extra() {
    if (!request_.expected) return;
    if (archive_) return find_extra_images();
    if (registry_place().tag.empty() && !registry_place().digest) find_extra_tags();
  }

  void find_extra_images() {
    for (const oci::CarriedImage& image : archive_->contents().images)
      if (!seen_.contains(image.target.digest))
        add(FindingKind::kExtra, image.reference(), "nothing says that it should be there");
  }

  // Tags that lead to something of which nobody has heard. Relocation records belong to bundles.
  void find_extra_tags() {
    registry::RemoteRepository& repository = client_.repository(home());
    const std::vector<std::string> tags = repository.tags(session_.stop);
    std::set<oci::Digest> known = seen_;
    std::set<std::string> subjects;
    for (const oci::Digest& digest : seen_) {
      subjects.insert(oci::digest_tag(digest));
      if (std::find(tags.begin(), tags.end(), locations_tag(digest)) == tags.end()) continue;
      if (const auto record = repository.resolve(locations_tag(digest), session_.stop))
        known.insert(record->digest);
    }
    TaskGroup group(session_.pool, session_.stop);
    for (const std::string& tag : tags)
      if (!subjects.contains(tag) && !subjects.contains(std::string(oci::subject_tag_of(tag))))
        group.run([&](const std::stop_token& stop) {
          const auto target = repository.resolve(tag, stop);
          if (target && !known.contains(target->digest))
            add(FindingKind::kExtra, fmt::format("{}:{}", home().name(), tag),
                "nothing says that it should be there");
        });
    group.wait();
  }

  // ---- what is found ---------------------------------------------------------------------------

  std::string name_in(const oci::Repository& repository, const oci::Digest& digest) const {
    return archive_ ? digest.str() : oci::digest_reference(repository, digest);
  }

  void note(const std::string& name, const Error& error) {
    switch (error.kind()) {
      case ErrorKind::kNotFound:
        return add(FindingKind::kMissing, name, error.message());
      case ErrorKind::kParse:
      case ErrorKind::kDigestMismatch:
        return add(FindingKind::kCorrupt, name, error.message());
      default:
        throw error;
    }
  }

  void add(FindingKind kind, std::string what, std::string why) {
    const Lock lock(mutex_);
    result_.findings.push_back({kind, std::move(what), std::move(why)});
  }

  void count() {
    const Lock lock(mutex_);
    tell(request_.observer, Counted{"images", ++looked_at_, wanted_});
  }

  void sort_findings() {
    std::vector<Finding>& all = result_.findings;
    const auto key = [](const Finding& finding) { return std::tie(finding.what, finding.kind); };
    std::sort(all.begin(), all.end(),
              [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
    all.erase(std::unique(all.begin(), all.end(),
                          [&](const Finding& a, const Finding& b) { return key(a) == key(b); }),
              all.end());
  }

  const VerifyRequest& request_;
  registry::Client& client_;
  const Session& session_;
  std::unique_ptr<const archive::ArchiveReader> archive_;  // that is verified
  std::unique_ptr<const archive::Archive> expected_;       // that says what should be there
  std::optional<archive::WholeArchive> whole_;
  copy::ManifestCache cache_;
  TaskGroup* group_ = nullptr;
  Mutex mutex_;
  // These are read by find_extra() when all tasks have ended.
  std::set<oci::Digest> seen_;
  std::set<oci::Digest> blobs_;
  std::set<oci::Digest> missing_;  // of these
  std::size_t wanted_ = 0;
  std::size_t looked_at_ = 0;
  Verified result_;
};

}  // namespace

std::string_view name_of(FindingKind kind) noexcept {
  switch (kind) {
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kExtra:
      return "extra";
    case FindingKind::kChanged:
      return "changed";
    case FindingKind::kCorrupt:
      return "corrupt";
    case FindingKind::kUnsigned:
      return "unsigned";
  }
  return "";
}

Verified verify(const VerifyRequest& request, registry::Client& client, const Session& session) {
  return Verification(request, client, session).run();
}

}  // namespace tote::bundle
