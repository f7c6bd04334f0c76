#include "bundle/lock_images.h"

#include "base/error.h"
#include "bundle/discover/report_codes.h"
#include "bundle/platforms.h"
#include "oci/image_graph.h"
#include "registry/remote_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace tote::bundle {
namespace {

using discover::CombinedImage;
using discover::ImageName;
using discover::ReportItem;
using discover::Severity;

ReportItem about(std::string_view code, const CombinedImage& image, std::string message) {
  const discover::FoundImage& first = image.found.front();
  ReportItem item = discover::report_item(
      code, {.path = discover::path_text(first.path), .image = image.name.str()},
      std::move(message));
  item.chart = first.chart;
  return item;
}

// What one image has come to.
struct Outcome {
  std::optional<oci::Digest> digest = {};  // nothing: it is not to be locked
  ImageName name = {};
  discover::Report report = {};
};

class Locking {
 public:
  Locking(const CombinedImage& image, registry::Client& client, const LockOptions& options,
          const std::stop_token& stop)
      : image_(image), client_(client), options_(options), stop_(stop) {}

  Outcome run() {
    for (const ImageName& name : image_.candidates)
      if (may_try(name) && take(name)) {
        say_if_other(name);
        return std::move(outcome_);
      }
    // Nobody knows what is behind a refusal.
    for (const std::string& tag : options_.tag_fallback)
      if (refusal_.empty() && take_instead(tag)) return std::move(outcome_);
    say("not-found", refusal_.empty() ? "no registry has it" : refusal_, options_.allow_missing);
    return std::move(outcome_);
  }

 private:
  // An error that is allowed is a warning.
  void say(std::string_view code, std::string message, bool is_allowed) {
    ReportItem item = about(code, image_, std::move(message));
    if (is_allowed) item.severity = Severity::kWarning;
    outcome_.report.push_back(std::move(item));
  }

  // What one repository refuses to show is not to come out of another.
  bool may_try(const ImageName& name) const {
    return refusal_.empty() || name.repository_name() == refused_;
  }

  void say_if_other(const ImageName& name) {
    if (name == image_.candidates.front()) return;
    ReportItem item = about(
        "other-candidate", image_,
        fmt::format("no registry has it; '{}', which may be meant too, was taken", name.str()));
    // Such as one with a "v" in front of the version.
    if (name.repository_name() == image_.name.repository_name()) item.severity = Severity::kNote;
    outcome_.report.push_back(std::move(item));
  }

  // Registries also answer 401 and 403 for what they do not have.
  std::optional<oci::Digest> find(const ImageName& name, const std::string& tag_or_digest) {
    try {
      const auto found = client_.source(repository_of(name)).resolve(tag_or_digest, stop_);
      if (found) return found->digest;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnauthorized && error.kind() != ErrorKind::kForbidden) throw;
      refusal_ = error.message();
      refused_ = name.repository_name();
    }
    return std::nullopt;
  }

  bool take(const ImageName& name) {
    const std::optional<oci::Digest> found =
        find(name, name.digest.empty() ? name.tag_or_latest() : name.digest);
    if (!found) return false;
    if (!name.digest.empty() && !name.tag.empty()) compare_with_tag(name, *found);
    outcome_.name = name;
    outcome_.digest = of_platform(name, *found);
    return true;
  }

  bool take_instead(const std::string& tag) {
    ImageName other = image_.name;
    other.tag = tag;
    other.digest.clear();
    if (!take(other)) return false;
    say("tag-fallback", fmt::format("no registry has it; '{}' was taken", other.str()), false);
    return true;
  }

  // Who declares both means the digest, and wants to hear if the tag does not.
  void compare_with_tag(const ImageName& name, const oci::Digest& declared) {
    const std::optional<oci::Digest> of_tag = find(name, name.tag);
    if (!of_tag || *of_tag == declared) return;
    say("digest-mismatch",
        fmt::format("the tag '{}' leads to {}, but {} is declared", name.tag, of_tag->str(),
                    name.digest),
        options_.allow_digest_mismatch);
  }

  oci::Digest of_platform(const ImageName& name, oci::Digest digest) {
    if (options_.platform.is_all()) return digest;
    oci::ImageReader& repository = client_.source(repository_of(name));
    for (int depth = 0; depth < oci::kMaxIndexNesting; ++depth) {
      const oci::ManifestPtr manifest = repository.fetch_manifest(digest.str(), stop_);
      if (!manifest->is_index()) break;
      digest = child_for(*manifest, options_.platform.wanted().front()).digest;
    }
    return digest;
  }

  const CombinedImage& image_;
  registry::Client& client_;
  const LockOptions& options_;
  const std::stop_token& stop_;
  Outcome outcome_ = {};
  std::string refusal_ = {};  // of a registry that asks for more than it was given
  std::string refused_ = {};  // the repository that it was about
};

std::string id_of(const LockedImage& image) {
  const auto name = image.annotations.find(std::string(kOriginalNameAnnotation));
  return name == image.annotations.end() ? "" : name->second;
}

void report_moved_tag(const CombinedImage& image, const LockedImage& now, const ImagesLock& before,
                      discover::Report& report) {
  for (const LockedImage& then : before.images) {
    const bool is_same = then.reference.repository == now.reference.repository &&
                         id_of(then) == id_of(now) && image.name.digest.empty();
    if (!is_same || then.digest() == now.digest()) continue;
    report.push_back(about("moved-tag", image,
                           fmt::format("it was {} in the lock before, and is {} now",
                                       then.digest().str(), now.digest().str())));
  }
}

[[noreturn]] void refuse(const std::vector<const ReportItem*>& items) {
  constexpr std::size_t kShown = 10;
  std::string text = fmt::format("{} {} not be locked:", items.size(),
                                 items.size() == 1 ? "image can" : "images can");
  for (std::size_t i = 0; i < std::min(items.size(), kShown); ++i)
    text += fmt::format("{} {}: {}", i == 0 ? "" : ";", items[i]->image, items[i]->message);
  if (items.size() > kShown) text += fmt::format("; and {} more", items.size() - kShown);
  const bool is_missing = items.front()->code == "not-found";
  throw Error(is_missing ? ErrorKind::kNotFound : ErrorKind::kDigestMismatch, text)
      .with_hint(is_missing
                     ? "leave them out with --allow-missing or --ignore, or say with --hints what "
                       "they are called"
                     : "lock what is declared with --allow-digest-mismatch");
}

bool comes_before(const LockedImage& a, const LockedImage& b) {
  return std::pair(a.reference.name(), id_of(a)) < std::pair(b.reference.name(), id_of(b));
}

}  // namespace

void sort_unique(std::vector<LockedImage>& images) {
  std::sort(images.begin(), images.end(), comes_before);
  const auto is_same = [](const LockedImage& a, const LockedImage& b) {
    return a.reference.name() == b.reference.name() && id_of(a) == id_of(b);
  };
  images.erase(std::unique(images.begin(), images.end(), is_same), images.end());
}

oci::Repository repository_of(const ImageName& name) {
  return {name.registry == "docker.io" ? "index.docker.io" : name.registry, name.repository};
}

LockedNames lock_images(std::vector<CombinedImage> images, registry::Client& client,
                        const LockOptions& options, const Session& session) {
  std::vector<Outcome> outcomes(images.size());
  TaskGroup group(session.pool, session.stop);
  for (std::size_t i = 0; i < images.size(); ++i)
    group.run([&, i](const std::stop_token& stop) {
      while_doing([&] { return fmt::format("Locking image '{}'", images[i].name.str()); },
                  [&] { outcomes[i] = Locking(images[i], client, options, stop).run(); });
    });
  group.wait();
  LockedNames result;
  for (std::size_t i = 0; i < images.size(); ++i) {
    Outcome& outcome = outcomes[i];
    std::move(outcome.report.begin(), outcome.report.end(), std::back_inserter(result.report));
    if (!outcome.digest) continue;
    CombinedImage& image = result.images.emplace_back(std::move(images[i]));
    image.name = outcome.name;
    const LockedImage locked{{repository_of(image.name), {}, *outcome.digest},
                             {{std::string(kOriginalNameAnnotation), image.id()}}};
    report_moved_tag(image, locked, options.before, result.report);
    result.lock.images.push_back(locked);
  }
  sort_unique(result.lock.images);
  std::sort(result.report.begin(), result.report.end());
  return result;
}

void refuse_errors(const discover::Report& report) {
  std::vector<const ReportItem*> errors;
  for (const ReportItem& item : report)
    if (item.severity == Severity::kError) errors.push_back(&item);
  if (!errors.empty()) refuse(errors);
}

}  // namespace tote::bundle
