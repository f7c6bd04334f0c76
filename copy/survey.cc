#include "copy/survey.h"

#include "base/error.h"
#include "oci/media_types.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

namespace tote::copy {
namespace {

void sort_by_size(std::vector<BlobWork>& blobs) {
  std::stable_sort(blobs.begin(), blobs.end(),
                   [](const BlobWork& a, const BlobWork& b) { return a.blob.size > b.blob.size; });
}

// What `look` says; false where it fails and the rest is to be done all the same.
template <class Look>
bool is_there(const Failures* failures, Look look) {
  try {
    return look();
  } catch (const Error&) {
    if (failures == nullptr) throw;
    return false;
  }
}

using BlobList = std::vector<BlobWork*>;

BlobList blobs_to_send(std::vector<BlobWork>& blobs) {
  BlobList list;
  for (BlobWork& work : blobs)
    if (work.state == BlobState::kSend) list.push_back(&work);
  return list;
}

// What of it is there already.
void look_for_blobs(const BlobList& blobs, oci::BlobWriter& to, const Failures* failures,
                    ThreadPool& pool, const std::stop_token& stop) {
  TaskGroup group(pool, stop);
  for (BlobWork* work : blobs)
    group.run([&, work](const std::stop_token& token) {
      if (is_there(failures, [&] { return to.has_blob(work->blob, token); }))
        work->state = BlobState::kThere;
    });
  group.wait();
}

// A run that was cut short has sent the first ones.
bool is_any_there(const BlobList& blobs) {
  return std::any_of(blobs.begin(), blobs.end(),
                     [](const BlobWork* work) { return work->state == BlobState::kThere; });
}

// All that is large, and of the small ones no more than it takes to see that none is there.
void look_for_blobs(std::vector<BlobWork>& blobs, oci::ImageWriter& to,
                    const SurveyOptions& options, ThreadPool& pool, const std::stop_token& stop) {
  constexpr std::ptrdiff_t kFirst = 4;
  const BlobList all = blobs_to_send(blobs);
  const std::uint64_t small = options.asks_for_all ? 0 : to.sent_at_once();
  const auto first = std::find_if(all.begin(), all.end(),
                                  [&](const BlobWork* work) { return work->blob.size <= small; });
  const auto rest = first + std::min(kFirst, all.end() - first);
  const BlobList asked(all.begin(), rest);
  look_for_blobs(asked, to, options.failures, pool, stop);
  if (small == 0 || is_any_there(BlobList(first, rest)))
    look_for_blobs(BlobList(rest, all.end()), to, options.failures, pool, stop);
}

// Every manifest with all the names that it is to have.
std::vector<ManifestWork> all_manifests(const oci::Contents& contents,
                                        const SurveyOptions& options) {
  std::map<oci::Digest, std::vector<std::string>> names;
  for (const oci::CarriedImage& image : contents.images) {
    std::string name = options.name_of ? options.name_of(image) : std::string();
    if (name.empty()) continue;
    std::vector<std::string>& of_image = names[image.target.digest];
    if (std::find(of_image.begin(), of_image.end(), name) == of_image.end())
      of_image.push_back(std::move(name));
  }
  std::vector<ManifestWork> all;
  for (const oci::ManifestPtr& manifest : contents.manifests) {
    std::vector<std::string>& found = names[manifest->digest()];
    if (found.empty()) found.push_back(manifest->digest().str());
    all.push_back({manifest, std::move(found)});
  }
  return all;
}

// A run that was cut short may have pushed a referrer and not told of it.
bool is_unlisted(const oci::Manifest& manifest, oci::ImageWriter& to, const std::stop_token& stop) {
  try {
    return manifest.subject() && !to.lists_referrer(manifest, stop);
  } catch (const Error& error) {
    if (!error.is_denied()) throw;
    return true;
  }
}

std::optional<oci::Digest> look_up(oci::ImageWriter& to, const std::string& name,
                                   const std::stop_token& stop) {
  try {
    const auto there = to.resolve(name, stop);
    return there ? std::optional(there->digest) : std::nullopt;
  } catch (const Error& error) {
    if (!error.is_denied()) throw;
    return std::nullopt;
  }
}

bool is_named(ManifestWork& work, const std::string& name, oci::ImageWriter& to,
              const std::stop_token& stop) {
  const auto there = look_up(to, name, stop);
  const bool is_it = there == work.manifest->digest();
  if (there && !is_it) work.elsewhere.insert_or_assign(name, *there);
  return is_it;
}

// The tags of a place, if asking for each of so many would take longer.
std::optional<std::set<std::string>> tags_of(oci::ImageWriter& to,
                                             const std::vector<ManifestWork>& manifests,
                                             const std::stop_token& stop) {
  constexpr std::ptrdiff_t kWorthAList = 4;
  const auto has_tag = [](const ManifestWork& work) {
    return std::any_of(work.names.begin(), work.names.end(),
                       [](const std::string& name) { return oci::is_tag(name); });
  };
  if (std::count_if(manifests.begin(), manifests.end(), has_tag) < kWorthAList) return std::nullopt;
  return to.tags_at_once(stop);
}

std::vector<ManifestWork> manifests_to_push(const oci::Contents& contents, oci::ImageWriter& to,
                                            const SurveyOptions& options, ThreadPool& pool,
                                            const std::stop_token& stop) {
  std::vector<ManifestWork> manifests = all_manifests(contents, options);
  const auto tags = tags_of(to, manifests, stop);
  const auto may_be_there = [&](const std::string& name) {
    return !tags || !oci::is_tag(name) || tags->contains(name);
  };
  TaskGroup group(pool, stop);
  for (ManifestWork& work : manifests)
    group.run([&](const std::stop_token& token) {
      std::erase_if(work.names, [&](const std::string& name) {
        return may_be_there(name) &&
               is_there(options.failures, [&] { return is_named(work, name, to, token); });
      });
      if (work.names.empty() &&
          !is_there(options.failures, [&] { return !is_unlisted(*work.manifest, to, token); }))
        work.names.push_back(work.manifest->digest().str());
    });
  group.wait();
  return manifests;
}

// All that is carried. What only images name that are there is there, or would not be taken.
std::vector<BlobWork> blobs_of(const std::vector<ManifestWork>& manifests,
                               const oci::Contents& contents) {
  std::unordered_set<oci::Digest> needed;
  for (const ManifestWork& work : manifests)
    if (!work.names.empty())
      for (const oci::Descriptor& blob : work.manifest->blobs()) needed.insert(blob.digest);
  const auto state_of = [&](const oci::Descriptor& blob) {
    return needed.contains(blob.digest) ? BlobState::kSend : BlobState::kThere;
  };
  std::vector<BlobWork> blobs;
  blobs.reserve(contents.layers.size() + contents.configs.size());
  for (const oci::CarriedLayer& layer : contents.layers) {
    // An image that is there may still lack the layers that it does not have to have.
    const bool may_lack = oci::is_non_distributable(layer.blob.media_type);
    blobs.push_back({layer.blob, layer.repository, BlobKind::kLayer,
                     may_lack ? BlobState::kSend : state_of(layer.blob)});
  }
  for (const oci::CarriedConfig& config : contents.configs)
    // An artifact's config may be one of its layers too.
    if (!contents.carries_layer(config.blob.digest))
      blobs.push_back({config.blob, config.repository, BlobKind::kConfig, state_of(config.blob),
                       &config.bytes});
  sort_by_size(blobs);
  return blobs;
}

}  // namespace

bool leads_to(oci::ImageWriter& to, const std::string& name, const oci::Digest& digest,
              const std::stop_token& stop) {
  return look_up(to, name, stop) == digest;
}

Work survey(const oci::Contents& contents, oci::ImageWriter& to, const SurveyOptions& options,
            ThreadPool& pool, std::stop_token stop) {
  Work work;
  work.manifests = manifests_to_push(contents, to, options, pool, stop);
  for (const ManifestWork& manifest : work.manifests)
    if (!manifest.names.empty()) oci::check_acceptable(*manifest.manifest);
  work.blobs = blobs_of(work.manifests, contents);
  for (BlobWork& blob : work.blobs)
    if (blob.state == BlobState::kSend && to.may_mount_from(blob.repository) &&
        (!options.may_mount || options.may_mount(blob.blob)))
      blob.state = BlobState::kMount;
  look_for_blobs(work.blobs, to, options, pool, stop);
  return work;
}

Work survey(const oci::Contents& contents, oci::BlobWriter& to, ThreadPool& pool,
            std::stop_token stop) {
  Work work;
  work.blobs.reserve(contents.layers.size() + contents.configs.size() + contents.manifests.size());
  for (const oci::CarriedLayer& layer : contents.layers)
    work.blobs.push_back({layer.blob, layer.repository});
  for (const oci::CarriedConfig& config : contents.configs)
    if (!contents.carries_layer(config.blob.digest))
      work.blobs.push_back(
          {config.blob, config.repository, BlobKind::kConfig, BlobState::kSend, &config.bytes});
  for (const oci::ManifestPtr& manifest : contents.manifests)
    work.blobs.push_back(
        {manifest->descriptor(), {}, BlobKind::kManifest, BlobState::kSend, &manifest->bytes()});
  sort_by_size(work.blobs);
  look_for_blobs(blobs_to_send(work.blobs), to, nullptr, pool, stop);
  return work;
}

}  // namespace tote::copy
