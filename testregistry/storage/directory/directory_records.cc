#include "testregistry/storage/directory/directory_records.h"

#include "base/error.h"
#include "oci/manifest.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/storage/manifest_facts.h"
#include "testregistry/storage/reachability.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

// A descriptor is part of a manifest, whose letters may each have become six.
constexpr std::uint64_t kMaxReferrer = 8 * oci::kMaxManifestSize;

std::string referrer_path(const DirectoryRepository& repository, const oci::Digest& subject,
                          const oci::Digest& digest) {
  return fmt::format("{}/{}-{}", repository.referrers(subject), digest.algorithm_name(),
                     digest.hex());
}

}  // namespace

std::optional<oci::Digest> DirectoryRecords::find_tag(const DirectoryRepository& repository,
                                                      const std::string& tag) const {
  const std::optional<std::string> text = try_read(repository.tag(tag));
  if (!text) return std::nullopt;
  return oci::Digest::parse(*text);
}

std::vector<std::string> DirectoryRecords::tags(const DirectoryRepository& repository) const {
  std::vector<std::string> names;
  for_each_name(repository.tags(), [&](const std::string& name) {
    if (is_tag_name(name)) names.push_back(name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<oci::Digest> DirectoryRecords::manifests(const DirectoryRepository& repository) const {
  std::vector<oci::Digest> digests;
  for (const char* algorithm : {"sha256", "sha512"})
    for_each_name(repository.manifests() + "/" + algorithm, [&](const std::string& hex) {
      if (const auto digest = oci::Digest::try_parse(std::string(algorithm) + ":" + hex))
        digests.push_back(*digest);
    });
  std::sort(digests.begin(), digests.end());
  return digests;
}

// A referrer whose manifest is missing was on its way in, or out, when the process was killed.
std::vector<Referrer> DirectoryRecords::referrers(const DirectoryRepository& repository,
                                                  const oci::Digest& subject) const {
  std::vector<Referrer> list;
  for_each_name(repository.referrers(subject), [&](std::string name) {
    const auto text = try_read(repository.referrers(subject) + "/" + name, kMaxReferrer);
    const std::size_t dash = name.find('-');
    if (!text || dash == std::string::npos) return;
    const auto digest = oci::Digest::try_parse(name.replace(dash, 1, ":"));
    const std::size_t line = text->find('\n');
    if (!digest || line == std::string::npos || !try_stat(repository.manifest(*digest))) return;
    list.push_back({*digest, text->substr(line + 1), text->substr(0, line)});
  });
  std::sort(list.begin(), list.end(),
            [](const Referrer& a, const Referrer& b) { return a.digest < b.digest; });
  return list;
}

bool DirectoryRecords::put(const DirectoryRepositoryPtr& repository, const NewManifest& manifest) {
  for (const oci::Digest& digest : manifest.needed)
    if (!touch(repository->blob(digest))) return false;
  if (try_stat(repository->blob(manifest.digest)) &&
      !try_stat(repository->manifest(manifest.digest)))
    files_.write_record(repository->both(manifest.digest), "");  // it was pushed as a blob before
  store(repository, manifest);
  return true;
}

// What others look up by comes after what they would look for.
void DirectoryRecords::store(const DirectoryRepositoryPtr& repository,
                             const NewManifest& manifest) {
  pool_.adopt(*repository, files_.write_aside(manifest.bytes), manifest.digest);
  if (manifest.subject)
    files_.write_record(referrer_path(*repository, *manifest.subject, manifest.digest),
                        manifest.descriptor + "\n" + manifest.artifact_type);
  files_.write_record(repository->manifest(manifest.digest), manifest.media_type);
  for (const std::string& tag : manifest.tags)
    files_.write_record(repository->tag(tag), manifest.digest.str());
  ++repository->generation;
  ++repository->pushes;
  on_change_(repository);
}

bool DirectoryRecords::drop(const DirectoryRepositoryPtr& repository, const oci::Digest& digest,
                            const std::optional<oci::Digest>& subject) {
  if (!try_unlink(repository->manifest(digest))) return false;
  if (subject) try_unlink(referrer_path(*repository, *subject, digest));
  if (!try_unlink(repository->both(digest))) pool_.drop(*repository, digest);
  ++repository->generation;
  return true;
}

bool DirectoryRecords::remove(const DirectoryRepositoryPtr& repository, const oci::Digest& digest) {
  if (!try_stat(repository->manifest(digest))) return false;
  // Tags first: a tag of nothing would be seen, a manifest without a tag is none the worse.
  for (const std::string& tag : tags(*repository))
    if (find_tag(*repository, tag) == digest) try_unlink(repository->tag(tag));
  ++repository->generation;
  on_change_(repository);
  return drop(repository, digest, subject_of(*repository, digest));
}

// Of what a power cut has damaged nothing is known; it can be removed all the same.
std::optional<oci::Digest> DirectoryRecords::subject_of(const DirectoryRepository& repository,
                                                        const oci::Digest& digest) {
  try {
    const auto bytes = try_read(repository.blob(digest), oci::kMaxManifestSize);
    return bytes ? links_of(read_facts(*bytes, digest.str())).subject : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void DirectoryRecords::put_tag(const DirectoryRepositoryPtr& repository, const std::string& tag,
                               const oci::Digest& digest) {
  files_.write_record(repository->tag(tag), digest.str());
  ++repository->generation;
  ++repository->pushes;
  on_change_(repository);
}

bool DirectoryRecords::remove_tag(const DirectoryRepositoryPtr& repository,
                                  const std::string& tag) {
  const bool removed = try_unlink(repository->tag(tag));
  ++repository->generation;
  on_change_(repository);
  return removed;
}

}  // namespace tote::testregistry
