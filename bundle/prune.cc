#include "bundle/prune.h"

#include "archive/layout_upkeep.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/remove_tag.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace tote::bundle {
namespace {

bool is_extra(const Finding& finding) {
  return finding.kind == FindingKind::kExtra && finding.content;
}

class Pruning {
 public:
  Pruning(std::vector<Finding>& findings, registry::Client& client, const Session& session)
      : findings_(findings), client_(client), session_(session) {}

  void operator()(const RegistryPlace& place) {
    registry::RemoteRepository& repository = client_.repository(place.repository);
    const std::set<oci::Digest> kept = find_kept(repository);
    std::map<oci::Digest, std::vector<Finding*>> tags;
    for (Finding& finding : findings_)
      if (is_extra(finding) && leads_there_still(finding, repository))
        tags[finding.content->digest].push_back(&finding);
    for (const auto& [digest, extra] : tags)
      if (kept.contains(digest))
        for (Finding* finding : extra)
          // Somebody else's tag leads to the manifest, which has to stay.
          attempt({finding}, [&] { remove_tag(finding->tag, repository, session_); });
      else
        attempt(extra, [&, &target = digest] { repository.remove(target.str(), session_.stop); });
  }

  void operator()(const FilePlace& place) {
    std::set<oci::Digest> images;
    for (const Finding& finding : findings_)
      if (is_extra(finding) && finding.concern == Concern::kManifest)
        images.insert(finding.content->digest);
    if (std::none_of(findings_.begin(), findings_.end(), is_extra)) return;
    std::set<oci::Digest> gone = images;
    for (const oci::Descriptor& blob : archive::remove_images(place.path, images))
      gone.insert(blob.digest);
    for (Finding& finding : findings_)
      if (is_extra(finding) && !gone.contains(finding.content->digest))
        finding.unrepaired = "something in the layout may need it";
  }

  void operator()(const StandardStream&) {}

 private:
  template <class Remove>
  void attempt(const std::vector<Finding*>& findings, Remove remove) {
    try {
      remove();
    } catch (const Error& error) {
      for (Finding* finding : findings)
        finding->unrepaired = error.hint().empty()
                                  ? error.message()
                                  : fmt::format("{} ({})", error.message(), error.hint());
    }
  }

  bool leads_there_still(Finding& finding, registry::RemoteRepository& repository) {
    const auto there = repository.resolve(finding.tag, session_.stop);
    if (there && there->digest == finding.content->digest) return true;
    finding.unrepaired = "it has been changed meanwhile";
    return false;
  }

  // What tags that are not extra lead to, and the indexes among it.
  std::set<oci::Digest> find_kept(registry::RemoteRepository& repository) {
    std::set<std::string> extra;
    for (const Finding& finding : findings_)
      if (is_extra(finding)) extra.insert(finding.tag);
    std::set<oci::Digest> kept;
    Mutex mutex;
    TaskGroup group(session_.pool, session_.stop);
    for (const std::string& tag : repository.tags(session_.stop))
      if (!extra.contains(tag))
        group.run([&, tag](const std::stop_token& stop) {
          const auto target = repository.resolve(tag, stop);
          if (!target) return;
          std::vector<oci::Descriptor> children;
          if (oci::is_index(target->media_type))
            children = repository.fetch_manifest(target->digest.str(), stop)->children();
          const Lock lock(mutex);
          kept.insert(target->digest);
          for (const oci::Descriptor& child : children) kept.insert(child.digest);
        });
    group.wait();
    return kept;
  }

  std::vector<Finding>& findings_;
  registry::Client& client_;
  const Session& session_;
};

}  // namespace

void check_prunable(const Place& place) {
  const auto* file = std::get_if<FilePlace>(&place);
  std::error_code failed;
  if (file != nullptr && std::filesystem::exists(file->path, failed) &&
      !std::filesystem::is_directory(file->path, failed))
    throw Error(ErrorKind::kUsage, "Nothing is removed from an archive")
        .with_hint("copy what should be in it to another one");
}

std::vector<Finding> prune(const Place& place, std::vector<Finding>& findings,
                           registry::Client& client, const Session& session) {
  check_prunable(place);
  std::visit(Pruning(findings, client, session), place);
  const auto left = std::stable_partition(
      findings.begin(), findings.end(),
      [](const Finding& finding) { return !is_extra(finding) || !finding.unrepaired.empty(); });
  std::vector<Finding> removed(std::make_move_iterator(left),
                               std::make_move_iterator(findings.end()));
  findings.erase(left, findings.end());
  return removed;
}

}  // namespace tote::bundle
