#include "bundle/image_list.h"

#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "base/json.h"
#include "bundle/created_time.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

constexpr const char* kCreated = "org.opencontainers.image.created";
constexpr const char* kUnknown = "unknown";  // BuildKit's attestations are of this system

bool is_image_config(std::string_view media_type) {
  return media_type == oci::kOciConfig || media_type == oci::kDockerConfig;
}

// Empty for what is no time, and for those that stand for none.
std::string time_or_nothing(const std::string& text) {
  constexpr const char* kEpoch = "1970-01-01T00:00:00Z";
  try {
    std::string time = parse_created_time(text);
    return time == kNoTime || time == kEpoch ? std::string() : time;
  } catch (const Error&) {
    return {};
  }
}

class Look {
 public:
  Look(const oci::Repository& repository, copy::ManifestCache& cache, std::stop_token stop)
      : repository_(repository), cache_(cache), stop_(std::move(stop)) {}

  void at(const oci::ManifestPtr& root, ListedImage& listed) {
    listed.digest = root->digest();
    listed.media_type = root->media_type();
    add(*root, listed, 0);
  }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): as deep as indexes may be nested
  void add(const oci::Manifest& manifest, ListedImage& listed, int depth) {
    if (depth > oci::kMaxIndexNesting)
      throw Error(ErrorKind::kParse, "indexes are nested too deeply");
    if (!seen_.insert(manifest.digest()).second) return;
    listed.bytes += manifest.bytes().size();
    for (const oci::Descriptor& blob : manifest.blobs())
      if (seen_.insert(blob.digest).second) listed.bytes += blob.size;
    if (const auto note = manifest.annotations().find(kCreated);
        listed.created.empty() && note != manifest.annotations().end())
      listed.created = time_or_nothing(note->second);
    if (manifest.is_index()) return add_children(manifest, listed, depth);
    if (manifest.has_config() && is_image_config(manifest.config().media_type))
      add_config(manifest.config(), listed);
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  void add_children(const oci::Manifest& index, ListedImage& listed, int depth) {
    for (const oci::Descriptor& child : index.children()) {
      if (child.platform) add_platform(*child.platform, listed);
      try {
        add(*cache_.manifest(repository_, child.digest.str(), stop_), listed, depth + 1);
      } catch (const Error& error) {
        // An index may be somewhere without all that it names.
        if (error.kind() != ErrorKind::kNotFound) throw;
      }
    }
  }

  // One is enough to know when an index was made, but for which platforms it is says each.
  void add_config(const oci::Descriptor& config, ListedImage& listed) {
    if (!oci::is_readable_config(config)) return;
    if (!listed.created.empty() && !listed.platforms.empty()) return;
    const std::string bytes = cache_.config(repository_, config, stop_);
    if (listed.platforms.empty())
      add_platform(oci::parse_config_platform(bytes, config.digest), listed);
    if (listed.created.empty())
      listed.created = time_or_nothing(Json::parse(bytes, "config").string_or("created", ""));
  }

  static void add_platform(const oci::Platform& platform, ListedImage& listed) {
    if (!platform.is_known() || platform.os == kUnknown) return;
    const std::string name = platform.name();
    const auto& known = listed.platforms;
    if (std::find(known.begin(), known.end(), name) == known.end())
      listed.platforms.push_back(name);
  }

  const oci::Repository& repository_;
  copy::ManifestCache& cache_;
  const std::stop_token stop_;
  std::set<oci::Digest> seen_;
};

bool is_about_this_image(ErrorKind kind) {
  return kind == ErrorKind::kParse || kind == ErrorKind::kNotFound ||
         kind == ErrorKind::kDigestMismatch;
}

}  // namespace

ListedImage look_at_image(const std::string& name, const oci::Repository& repository,
                          std::string_view tag_or_digest, copy::ManifestCache& cache,
                          const std::stop_token& stop) {
  ListedImage listed{.name = name};
  try {
    Look(repository, cache, stop).at(cache.manifest(repository, tag_or_digest, stop), listed);
  } catch (const Error& error) {
    if (!is_about_this_image(error.kind())) throw;
    return {.name = name, .error = error.message()};
  }
  return listed;
}

std::vector<ListedImage> list_images(const std::vector<std::string>& tags,
                                     const oci::Repository& repository, copy::ManifestCache& cache,
                                     const Session& session) {
  std::vector<ListedImage> listed(tags.size());
  TaskGroup group(session.pool, session.stop);
  for (std::size_t i = 0; i < tags.size(); ++i)
    group.run([&, i](const std::stop_token& stop) {
      listed[i] = look_at_image(tags[i], repository, tags[i], cache, stop);
    });
  group.wait();
  return listed;
}

std::vector<ListedImage> list_images(const archive::ArchiveReader& archive,
                                     const Session& session) {
  archive::RepositoriesInArchive repositories(archive);
  copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
    return repositories.repository(name);
  });
  cache.add(archive.contents());
  std::vector<ListedImage> listed;
  for (const oci::CarriedImage& image : archive.contents().images) {
    const std::string name = image.tag.empty()
                                 ? image.reference()
                                 : fmt::format("{}:{}", image.repository.name(), image.tag);
    listed.push_back(
        look_at_image(name, image.repository, image.target.digest.str(), cache, session.stop));
  }
  return listed;
}

}  // namespace tote::bundle
