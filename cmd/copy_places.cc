#include "cmd/copy_places.h"

#include "base/error.h"
#include "bundle/bundle_image.h"
#include "bundle/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace tote::cmd {
namespace {

constexpr std::array<std::string_view, 12> kInstead = {
    "bundle", "image",  "chart",     "lock",       "tar",  "from-tar",
    "layout", "to-tar", "to-layout", "tar-format", "plan", "to-repo"};

[[noreturn]] void refuse(std::string text, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, std::move(text)).with_hint(std::move(hint));
}

void check(const CommandContext& context) {
  if (context.arguments.size() != 2)
    refuse(fmt::format("Expected SOURCE and TARGET, got '{}' alone", context.arguments.front()));
  for (const auto& [name, value] : context.flag_values)
    if (std::find(kInstead.begin(), kInstead.end(), name) != kInstead.end())
      refuse(fmt::format("Expected either SOURCE and TARGET or --{}, not both", name));
}

void check_sub_path(const bundle::RegistryPlace& place) {
  if (!place.sub_path.empty())
    refuse(
        fmt::format("'//{}' names something in an image: images are copied whole", place.sub_path));
}

// Where something is to be written: a file of such a name need not be there yet.
bool is_file(const std::filesystem::path& path) {
  const std::string text = path.string();
  return bundle::is_there(path) || (path.has_extension() && !path.has_parent_path() &&
                                    (text.ends_with(".tar") || text.ends_with(".tar.zst")));
}

struct TakeSource {
  CopyOptions& options;

  void operator()(const bundle::RegistryPlace& place) const {
    check_sub_path(place);
    options.image = place.reference().name();
    options.source_may_be_bundle = true;
  }
  void operator()(const bundle::FilePlace& place) const {
    std::error_code failed;
    if (place.format == bundle::FileFormat::kLayout ||
        std::filesystem::is_directory(place.path, failed))
      options.layout = place.path.string();
    else
      options.tars = {place.path.string()};
  }
  void operator()(const bundle::StandardStream&) const { options.tars = {"-"}; }
};

struct TakeTarget {
  CopyOptions& options;

  void operator()(const bundle::RegistryPlace& place) const {
    check_sub_path(place);
    if (place.digest)
      refuse("TARGET names a repository, and may name a tag: digests are what they are");
    options.to_repos = {place.tag.empty()
                            ? place.repository.name()
                            : fmt::format("{}:{}", place.repository.name(), place.tag)};
  }
  void operator()(const bundle::FilePlace& place) const {
    const std::string path = place.path.string();
    switch (place.format) {
      case bundle::FileFormat::kLayout:
        options.to_layout = path;
        return;
      case bundle::FileFormat::kOciArchive:
        options.tar_format = "oci";
        options.to_tar = path;
        return;
      case bundle::FileFormat::kDockerArchive:
        options.tar_format = "docker";
        options.to_tar = path;
        return;
      case bundle::FileFormat::kFound:
        take_path(path);
    }
  }
  void operator()(const bundle::StandardStream&) const { options.to_tar = "-"; }

 private:
  // What is there says what it is to be, or else its name.
  void take_path(const std::string& path) const {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed))
      options.to_layout = path;
    else if (path.ends_with(".tar") || path.ends_with(".tar.zst") || bundle::is_there(path))
      options.to_tar = path;
    else
      refuse(fmt::format("'{}' may be an archive or a layout", path),
             fmt::format("write oci-archive:{} or oci:{}", path, path));
  }
};

}  // namespace

void take_places(CopyOptions& options, const CommandContext& context) {
  if (context.arguments.empty() || context.ui.is_imgpkg()) return;
  check(context);
  std::visit(TakeSource{options}, bundle::parse_place(context.arguments[0]));
  std::visit(TakeTarget{options}, bundle::parse_place(context.arguments[1], is_file));
}

void find_out_what_is_copied(CopyOptions& options, registry::Client& client,
                             const CommandContext& context) {
  if (!options.source_may_be_bundle) return;
  const oci::Reference reference = oci::Reference::parse(options.image);
  copy::ManifestCache cache(
      [&](const oci::Repository& name) -> oci::ImageReader& { return client.source(name); });
  const oci::ManifestPtr manifest =
      cache.manifest(reference.repository, reference.identifier(), context.stop);
  if (bundle::is_bundle(*manifest, reference.repository, cache, context.stop))
    options.bundle = std::exchange(options.image, {});
}

}  // namespace tote::cmd
