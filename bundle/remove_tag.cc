#include "bundle/remove_tag.h"

#include "base/error.h"

#include <fmt/format.h>

#include <vector>

namespace tote::bundle {
namespace {

// Of the tags those that lead nowhere any more; whoever has removed one meanwhile gets it back.
std::vector<std::string> find_lost(const std::vector<std::string>& tags,
                                   registry::RemoteRepository& repository, const Session& session) {
  std::vector<char> is_lost(tags.size());  // not bool: each is written by another thread
  TaskGroup group(session.pool, session.stop);
  for (std::size_t i = 0; i < tags.size(); ++i)
    group.run([&, i](const std::stop_token& stop) {
      is_lost[i] = repository.resolve(tags[i], stop) ? 0 : 1;
    });
  group.wait();
  std::vector<std::string> lost;
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (is_lost[i] != 0) lost.push_back(tags[i]);
  return lost;
}

void put_back(const oci::Manifest& manifest, const std::vector<std::string>& tags,
              registry::RemoteRepository& repository, const Session& session) {
  while_doing(
      [&] {
        return fmt::format("The registry removed '{}' together with its tag, and putting it back",
                           oci::digest_reference(repository.name(), manifest.digest()));
      },
      [&] {
        repository.push_manifest(manifest, manifest.digest().str(), session.stop);
        for (const std::string& tag : find_lost(tags, repository, session))
          repository.push_manifest(manifest, tag, session.stop);
      });
}

}  // namespace

oci::Digest remove_tag(const std::string& tag, registry::RemoteRepository& repository,
                       const Session& session) {
  const oci::ManifestPtr manifest = repository.fetch_manifest(tag, session.stop);
  const std::vector<std::string> tags = repository.tags(session.stop);
  repository.remove(tag, session.stop);
  if (repository.resolve(manifest->digest().str(), session.stop)) return manifest->digest();
  put_back(*manifest, tags, repository, session);
  throw Error(ErrorKind::kRegistry,
              fmt::format("'{}' can not remove the tag '{}' alone: it removed the manifest '{}' "
                          "too, which has been put back with all of its tags",
                          repository.name().registry, tag, manifest->digest().str()))
      .with_hint("'tote delete' removes a manifest with all of its tags");
}

}  // namespace tote::bundle
