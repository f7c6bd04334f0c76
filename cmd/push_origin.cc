#include "cmd/push_origin.h"

#include "base/error.h"
#include "base/paths.h"
#include "bundle/working_copy/argument.h"
#include "bundle/working_copy/directory_update.h"
#include "bundle/working_copy/get.h"
#include "bundle/working_copy/increment.h"
#include "bundle/working_copy/tracked.h"

#include <fmt/format.h>

#include <optional>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
namespace working_copy = bundle::working_copy;

void check_is_here(const fs::path& directory) {
  if (!is_same_or_below(directory, fs::current_path()))
    throw Error(ErrorKind::kUsage, "package path must be under current working directory")
        .with_hint(fmt::format("got '{}'", directory.string()));
}

oci::Reference choose_origin(const std::string& given,
                             const std::optional<working_copy::Origin>& recorded) {
  if (!given.empty()) {
    const bundle::RegistryPlace place = working_copy::parse_upstream(given);
    if (!place.sub_path.empty())
      throw Error(
          ErrorKind::kUsage,
          fmt::format("'//{}' names a directory in the image, and a push is all of an image",
                      place.sub_path));
    return working_copy::version_of(place);
  }
  if (recorded) return recorded->image;
  throw Error(ErrorKind::kUsage, "package must have an origin reference")
      .with_hint("--origin oci://HOST/PATH:TAG says where it goes to, or -b or -i with -f do");
}

}  // namespace

void OriginPush::remember(const oci::Digest& digest) const {
  working_copy::UpstreamFile changed = record;
  changed.origin = {target, digest};
  changed.save(directory);
}

OriginPush plan_origin_push(const std::vector<std::string>& arguments, const std::string& origin,
                            bool increment) {
  const working_copy::DirectoryArgument what =
      working_copy::parse_directory_argument(arguments.empty() ? "" : arguments.front());
  OriginPush push{.directory = working_copy::working_copy_path(what.directory), .target = {}};
  check_is_here(push.directory);
  const working_copy::DirectoryLock lock(push.directory);
  working_copy::finish_update(push.directory);
  push.record =
      working_copy::UpstreamFile::load(push.directory).value_or(working_copy::UpstreamFile{});
  push.target = working_copy::with_version(choose_origin(origin, push.record.origin), what.version);
  if (push.target.digest)
    throw Error(
        ErrorKind::kUsage,
        increment ? fmt::format("unable to increment '{}'", push.target.digest->str())
                  : fmt::format("'{}' names a digest, and a push needs a tag", push.target.name()))
        .with_hint("@TAG behind the directory names one");
  if (increment) push.target.tag = working_copy::incremented(push.target.tag);
  push.is_bundle = bundle::is_there(push.directory / ".imgpkg" / "images.yml");
  return push;
}

}  // namespace tote::cmd
