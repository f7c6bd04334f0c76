#include "bundle/find_attached.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

namespace tote::bundle {
namespace {

// An image where it lies: another place may have other things attached to it.
using Subject = std::pair<oci::Repository, oci::Digest>;

void add_subjects(const oci::Contents& contents, const oci::Repository& repository,
                  const oci::Digest& digest, std::set<Subject>& subjects) {
  if (!subjects.emplace(repository, digest).second) return;
  const oci::ManifestPtr manifest = contents.find_manifest(digest);
  if (manifest == nullptr) return;  // an index may be carried without all that it names
  for (const oci::Descriptor& child : manifest->children())
    add_subjects(contents, repository, child.digest, subjects);
}

// The images and what they are made of.
std::set<Subject> subjects_of(const oci::Contents& contents) {
  std::set<Subject> subjects;
  for (const oci::CarriedImage& image : contents.images)
    add_subjects(contents, image.repository, image.target.digest, subjects);
  std::erase_if(subjects, [&](const Subject& subject) {
    return contents.find_manifest(subject.second) == nullptr;
  });
  return subjects;
}

// Without what nobody could be asked for the image arrives; that it lacks it is said in the end.
template <class Look>
void keep_going(const Session& session, Look look) {
  try {
    look();
  } catch (const Error& error) {
    if (session.failures == nullptr) throw;
    session.failures->add(error);
  }
}

// For one copy.
class Search {
 public:
  Search(const WantedAttachments& wanted, copy::ManifestCache& cache, const Session& session)
      : wanted_(wanted), cache_(cache), session_(session) {}

  // What is attached to what has not been asked for yet, and is not among the images.
  std::vector<oci::CarriedImage> find(const oci::Contents& contents) {
    for (const oci::CarriedImage& image : contents.images) known_.insert(name_of(image));
    std::vector<Subject> subjects;
    for (const Subject& subject : subjects_of(contents))
      if (asked_.insert(subject).second) subjects.push_back(subject);
    std::vector<std::vector<oci::Attachment>> found(subjects.size());
    TaskGroup group(session_.pool, session_.stop);
    for (std::size_t i = 0; i < subjects.size(); ++i)
      group.run([&, i](const std::stop_token& stop) {
        keep_going(session_, [&] { found[i] = look(subjects[i], stop); });
      });
    group.wait();
    return choose(subjects, found);
  }

  const LeftBehind& left_behind() const { return left_behind_; }

 private:
  static std::pair<std::string, std::string> name_of(const oci::CarriedImage& image) {
    return {image.reference(), image.tag};
  }

  std::vector<oci::Attachment> look(const Subject& subject, const std::stop_token& stop) const {
    const oci::Repository& repository = subject.first;
    const oci::Digest& digest = subject.second;
    return while_doing(
        [&] {
          return fmt::format("Fetching what is attached to '{}'",
                             oci::digest_reference(repository, digest));
        },
        [&] { return all_of(repository, digest, stop); });
  }

  std::vector<oci::Attachment> all_of(const oci::Repository& repository, const oci::Digest& digest,
                                      const std::stop_token& stop) const {
    std::vector<oci::Attachment> all;
    for (const std::string_view suffix : oci::kAttachmentSuffixes)
      if (const auto manifest = find_by_tag(repository, digest, suffix, cache_, stop).manifest)
        all.push_back(
            oci::describe_attachment(*manifest, digest, oci::attachment_tag(digest, suffix)));
    for (const oci::ManifestPtr& manifest :
         find_referrers(repository, digest, only_type(), cache_, stop))
      all.push_back(oci::describe_attachment(*manifest, digest, {}));
    return all;
  }

  // If it is one, registries need not name the others.
  std::string_view only_type() const {
    const bool is_one = !wanted_.cosign && !wanted_.everything && wanted_.types.size() == 1;
    return is_one ? std::string_view(wanted_.types.front()) : std::string_view();
  }

  std::vector<oci::CarriedImage> choose(const std::vector<Subject>& subjects,
                                        const std::vector<std::vector<oci::Attachment>>& found) {
    std::vector<oci::CarriedImage> images;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      std::size_t left = 0;
      for (const oci::Attachment& attachment : found[i]) {
        oci::CarriedImage image{subjects[i].first, attachment.target, attachment.tag, {}, {}};
        if (known_.contains(name_of(image))) continue;
        if (!wanted_.include(attachment)) {
          ++left;
          continue;
        }
        known_.insert(name_of(image));
        images.push_back(std::move(image));
      }
      left_behind_.attachments += left;
      left_behind_.images += left > 0 ? 1 : 0;
    }
    if ((total_ += images.size()) > kMaxAttachments)
      throw Error(ErrorKind::kParse,
                  fmt::format("more than {} things are attached to the images", kMaxAttachments));
    return images;
  }

  const WantedAttachments& wanted_;
  copy::ManifestCache& cache_;
  const Session& session_;
  std::set<Subject> asked_;
  std::set<std::pair<std::string, std::string>> known_;  // images, by reference and tag
  std::size_t total_ = 0;
  LeftBehind left_behind_;
};

}  // namespace

bool is_sigstore_bundle(std::string_view artifact_type) {
  return artifact_type.starts_with("application/vnd.dev.sigstore.bundle");
}

bool WantedAttachments::include(const oci::Attachment& attachment) const {
  if (everything) return true;
  if (cosign && (!attachment.tag.empty() || is_sigstore_bundle(attachment.type))) return true;
  return std::find(types.begin(), types.end(), attachment.type) != types.end();
}

FoundByTag find_by_tag(const oci::Repository& repository, const oci::Digest& image,
                       std::string_view suffix, copy::ManifestCache& cache, std::stop_token stop) {
  const std::string tag = oci::attachment_tag(image, suffix);
  const auto tags = cache.tags(repository, stop);
  if (tags != nullptr && !tags->contains(tag)) return {};
  try {
    return {cache.manifest(repository, tag, std::move(stop))};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kForbidden) return {{}, true};
    if (error.kind() == ErrorKind::kNotFound) return {};
    throw;
  }
}

std::vector<oci::ManifestPtr> find_referrers(const oci::Repository& repository,
                                             const oci::Digest& image,
                                             std::string_view artifact_type,
                                             copy::ManifestCache& cache,
                                             const std::stop_token& stop) {
  std::vector<oci::ManifestPtr> referrers;
  for (const oci::Descriptor& listed :
       cache.places()(repository).find_referrers(image, artifact_type, stop)) {
    oci::ManifestPtr manifest = cache.manifest(repository, listed.digest.str(), stop);
    // Lists are kept by all kinds of clients: what does not say so itself does not belong to it.
    if (manifest->subject() && manifest->subject()->digest == image)
      referrers.push_back(std::move(manifest));
  }
  return referrers;
}

LeftBehind count_attached(const oci::Repository& repository, const oci::Digest& image,
                          copy::ManifestCache& cache, const Session& session) {
  std::atomic<std::size_t> found = 0;
  TaskGroup group(session.pool, session.stop);
  // Nobody asked for it, so it is no reason to fail: what is known is said.
  const auto count = [&](const auto& look) {
    group.run([&, look](const std::stop_token& stop) {
      try {
        found += look(stop);
      } catch (const Error&) {
      }
    });
  };
  for (const std::string_view suffix : oci::kAttachmentSuffixes)
    count([&, suffix](const std::stop_token& stop) -> std::size_t {
      return find_by_tag(repository, image, suffix, cache, stop).manifest ? 1 : 0;
    });
  count([&](const std::stop_token& stop) {
    return cache.places()(repository).find_referrers(image, {}, stop).size();
  });
  group.wait();
  return {found, found > 0 ? std::size_t{1} : std::size_t{0}};
}

// In the order of the images that they are of.
void add_signatures(std::vector<oci::CarriedImage>& images, copy::ManifestCache& cache,
                    const Session& session) {
  std::vector<oci::ManifestPtr> found(images.size());
  TaskGroup group(session.pool, session.stop);
  for (std::size_t i = 0; i < images.size(); ++i)
    group.run([&, i](const std::stop_token& token) {
      const oci::Digest& digest = images[i].target.digest;
      const auto what = [&] {
        return fmt::format("Fetching signature for image '{}'", digest.str());
      };
      const auto look = [&] {
        return find_by_tag(images[i].repository, digest, oci::kSignatureSuffix, cache, token);
      };
      keep_going(session, [&] { found[i] = while_doing(what, look).manifest; });
    });
  group.wait();
  std::set<std::pair<std::string, std::string>> known;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == nullptr) continue;
    oci::CarriedImage signature{images[i].repository,
                                found[i]->descriptor(),
                                oci::attachment_tag(images[i].target.digest, oci::kSignatureSuffix),
                                {},
                                {}};
    if (known.emplace(signature.reference(), signature.tag).second)
      images.push_back(std::move(signature));
  }
}

// What is attached may bring children, and have something attached, so it is planned anew until
// nothing comes any more; all but the new manifests are in the cache then.
AttachedPlan plan_with_attached(std::vector<oci::CarriedImage> images,
                                const WantedAttachments& wanted, const PlanImages& plan,
                                copy::ManifestCache& cache, const Session& session) {
  Search search(wanted, cache, session);
  copy::Plan planned = plan(std::move(images));
  for (std::size_t depth = 0;; ++depth) {
    std::vector<oci::CarriedImage> found = search.find(planned.contents);
    if (found.empty()) return {std::move(planned), search.left_behind()};
    if (depth == kMaxAttachedNesting)
      throw Error(ErrorKind::kParse, "what is attached to images is nested too deeply");
    std::vector<oci::CarriedImage> all = std::move(planned.contents.images);
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
    planned = plan(std::move(all));
  }
}

}  // namespace tote::bundle
