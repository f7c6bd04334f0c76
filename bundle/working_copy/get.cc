#include "bundle/working_copy/get.h"

#include "base/directory.h"
#include "base/error.h"
#include "bundle/working_copy/linked_copy.h"
#include "bundle/working_copy/versions.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

namespace tote::bundle::working_copy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kGit = ".git";

// Returns how many there were.
std::uint64_t remove_git(const std::string& directory) {
  std::uint64_t count = 0;
  for (const DirectoryEntry& child : list_directory(directory)) {
    const std::string path = path_inside(directory, child.name);
    if (child.name == kGit) {
      fs::remove_all(path);
      ++count;
    } else if (child.type == S_IFDIR) {
      count += remove_git(path);
    }
  }
  return count;
}

}  // namespace

RegistryPlace parse_upstream(std::string_view text) {
  if (!text.starts_with("oci://"))
    throw Error(ErrorKind::kUsage,
                fmt::format("ambiguous image:tag specify 'oci://' before argument: {}", text));
  return parse_image_or_place(text);
}

std::string directory_name(const RegistryPlace& place) {
  const std::string& path = place.sub_path.empty() ? place.repository.path : place.sub_path;
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

oci::Reference version_of(const RegistryPlace& place) {
  if (!place.tag.empty()) return {place.repository, place.tag, {}};
  return place.reference();
}

Got get(const GetRequest& request, registry::Client& client, const Session& session) {
  if (is_there(request.directory))
    throw Error(ErrorKind::kUsage, fmt::format("destination directory already exists: '{}'",
                                               request.directory.string()))
        .with_hint("name another one behind the image; 'update' brings what is there up to date");
  const RegistryPlace& place = request.place;
  Versions versions(client, session, request.policy, request.observer);
  Got got{versions.resolve(place.reference()), {}};
  const oci::Reference image = version_of(place);
  UpstreamFile record;
  record.upstream = {image, place.sub_path, request.strategy};
  record.lock = {image, place.sub_path, got.digest};
  got.left_out = versions.pull_new(place.repository, got.digest, place.sub_path, request.directory,
                                   request.home, [&](const fs::path& made) {
                                     got.left_out_of_git = remove_git(made.string());
                                     record.save(made);
                                   });
  return got;
}

}  // namespace tote::bundle::working_copy
