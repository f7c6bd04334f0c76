#include "testregistry/storage/layout/layout_edit.h"

#include "archive/oci_layout.h"
#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {

bool LayoutEdit::is_in(const std::string& repository, const archive::IndexEntry& entry) const {
  return repository_of_(entry) == repository;
}

oci::Repository LayoutEdit::name_of(const std::string& repository) const {
  return repository == own_.path ? own_ : oci::Repository{archive::kNowhere, repository};
}

LayoutRepository LayoutEdit::read(const std::string& repository) const {
  std::vector<archive::IndexEntry> own;
  std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(own),
               [&](const archive::IndexEntry& entry) { return is_in(repository, entry); });
  return read_records(own, repository_of_, manifests_, [](const std::string&) {})[repository];
}

// In the place of who had the tag, for a reader that takes the first of several.
void LayoutEdit::put_tag(const std::string& repository, const oci::Manifest& manifest,
                         const std::string& tag) {
  const auto has_tag = [&](const archive::IndexEntry& entry) {
    return entry.tag == tag && is_in(repository, entry);
  };
  const auto found = std::find_if(entries_.begin(), entries_.end(), has_tag);
  if (found != entries_.end() && found->target.digest == manifest.digest()) return;
  archive::IndexEntry made =
      archive::tagged_entry(manifest.descriptor(), name_of(repository), tag, own_);
  if (found == entries_.end()) {
    entries_.push_back(std::move(made));
    return;
  }
  *found = std::move(made);
  entries_.erase(std::remove_if(found + 1, entries_.end(), has_tag), entries_.end());
}

void LayoutEdit::keep(const std::string& repository,
                      const std::vector<oci::Descriptor>& manifests) {
  const LayoutRepository there = read(repository);
  for (const oci::Descriptor& manifest : manifests)
    if (!there.manifests.contains(manifest.digest) && manifests_.find(manifest))
      entries_.push_back(archive::bare_entry(manifest, name_of(repository), own_));
}

void LayoutEdit::put(const std::string& repository, const oci::Manifest& manifest,
                     const std::vector<std::string>& tags) {
  std::vector<oci::Descriptor> kept = {manifest.descriptor()};
  for (const archive::IndexEntry& entry : entries_)
    if (std::find(tags.begin(), tags.end(), entry.tag) != tags.end() && is_in(repository, entry))
      kept.push_back(entry.target);
  std::erase_if(entries_, [&](const archive::IndexEntry& entry) {
    const auto is_it = [&](const oci::Descriptor& named) {
      return named.digest == entry.target.digest;
    };
    const bool is_needless =
        (!tags.empty() && entry.target.digest == manifest.digest()) ||
        std::any_of(manifest.children().begin(), manifest.children().end(), is_it);
    return is_needless && entry.is_bare() && is_in(repository, entry);
  });
  for (const std::string& tag : tags) put_tag(repository, manifest, tag);
  keep(repository, kept);
}

bool LayoutEdit::remove_tag(const std::string& repository, const std::string& tag) {
  std::vector<oci::Descriptor> removed;
  std::erase_if(entries_, [&](const archive::IndexEntry& entry) {
    if (entry.tag != tag || !is_in(repository, entry)) return false;
    removed.push_back(entry.target);
    return true;
  });
  keep(repository, removed);
  return !removed.empty();
}

bool LayoutEdit::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const LayoutRepository before = read(repository);
  const auto found = before.manifests.find(digest);
  if (found == before.manifests.end()) return false;
  for (const auto& [other, manifest] : before.manifests)
    for (const oci::Descriptor& child : manifest->children())
      if (child.digest == digest)
        throw Error(ErrorKind::kForbidden,
                    fmt::format("The index {} of this layout needs it", other.str()));
  std::erase_if(entries_, [&](const archive::IndexEntry& entry) {
    return entry.target.digest == digest && is_in(repository, entry);
  });
  keep(repository, found->second->children());
  return true;
}

void LayoutEdit::drop(const std::function<bool(const oci::Digest&)>& is_kept) {
  std::erase_if(entries_,
                [&](const archive::IndexEntry& entry) { return !is_kept(entry.target.digest); });
}

}  // namespace tote::testregistry
