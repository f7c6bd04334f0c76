#include "archive/choose_image.h"
#include "archive/repository_in_archive.h"
#include "archive/root_bundle.h"
#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/printable.h"
#include "bundle/bundle_image.h"
#include "bundle/describe.h"
#include "bundle/describe_output.h"
#include "bundle/place.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/platform_flags.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace tote::cmd {
namespace {

struct DescribeCommandOptions {
  std::string bundle;
  ArchiveFlags archive;
  std::string output_type = "text";
  oci::PlatformChoice platforms;
  bool layers = true;
  bool cosign_artifacts = true;
  ConcurrencyFlag concurrency;
  ProgressFlags progress;
  RegistryFlags registry;
};

using Print = std::string (*)(const bundle::DescribedBundle&);

Print printer(const std::string& output_type) {
  if (output_type == "text") return bundle::describe_as_text;
  if (output_type == "yaml") return bundle::describe_as_yaml;
  if (output_type == "json") return bundle::describe_as_json;
  throw Error(ErrorKind::kUsage,
              "--output-type can only have the following values [text, yaml, json]");
}

class Describe {
 public:
  Describe(const DescribeCommandOptions& options, bundle::Observer observer,
           CommandContext& context)
      : options_(options),
        observer_(std::move(observer)),
        context_(context),
        stop_(context.stop),
        pool_(options.concurrency.of(context.ui.is_imgpkg()).threads) {
    if (!options.platforms.is_all()) platform_ = options.platforms.wanted().front();
  }

  bundle::DescribedBundle from_registry() {
    const auto client =
        options_.registry.make_client(context_, options_.concurrency.of(context_.ui.is_imgpkg()));
    copy::ManifestCache cache(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client->source(name); });
    const auto [repository, manifest] = while_doing(
        [&] { return fmt::format("Unable to check if {} is a bundle", options_.bundle); },
        [&] { return fetch(cache); });
    return describe(repository, *manifest, options_.bundle, cache);
  }

  // A bundle, or an image.
  bundle::DescribedBundle from_registry(const oci::Reference& reference) {
    const auto client =
        options_.registry.make_client(context_, options_.concurrency.of(context_.ui.is_imgpkg()));
    copy::ManifestCache cache(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client->source(name); });
    return describe_any(reference.repository,
                        cache.manifest(reference.repository, reference.identifier(), stop_), {},
                        cache);
  }

  // The bundle that it was made for, or else all that is in it; or what --bundle names.
  bundle::DescribedBundle from_archive(const std::filesystem::path& path) {
    const archive::ArchiveReader archive(path, read_options(context_));
    archive::RepositoriesInArchive repositories(archive);
    copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
      return repositories.repository(name);
    });
    const oci::Contents& contents = archive.contents();
    if (!platform_) platform_ = carried_platform(contents);
    if (options_.bundle.empty() && archive::root_bundles(contents).size() != 1)
      return bundle::describe(roots_of(contents), describe_options(), cache, pool_, stop_);
    const oci::CarriedImage& image =
        archive::choose_image(archive, bundle::without_oci(options_.bundle));
    return describe_any(image.repository, contents.find_manifest(image.target.digest),
                        image.known_as, cache);
  }

 private:
  // One for which the archive was made, if it does not have them all.
  static std::optional<oci::Platform> carried_platform(const oci::Contents& contents) {
    for (const oci::CarriedImage& image : contents.images)
      if (const auto choice = archive::platforms_of(image.labels); !choice.is_all())
        return choice.wanted().front();
    return std::nullopt;
  }

  std::pair<oci::Repository, oci::ManifestPtr> fetch(copy::ManifestCache& cache) const {
    const oci::Reference reference = bundle::parse_reference(options_.bundle);
    return while_doing([] { return "Fetching image"; },
                       [&] {
                         return std::pair(
                             reference.repository,
                             cache.manifest(reference.repository, reference.identifier(), stop_));
                       });
  }

  // But for what is attached to others, which is shown with these.
  static std::vector<bundle::DescribedRoot> roots_of(const oci::Contents& contents) {
    const oci::AttachedImages attached(contents);
    std::vector<bundle::DescribedRoot> roots;
    for (const oci::CarriedImage& image : contents.images)
      if (!attached.contains(image) || attached.is_referrer(image))
        roots.push_back({image.repository, contents.find_manifest(image.target.digest),
                         image.known_as.empty() ? image.reference() : image.known_as});
    return roots;
  }

  bundle::DescribeOptions describe_options() const {
    return {.layers = options_.layers,
            .signatures = options_.cosign_artifacts,
            .platform = platform_,
            .measures = !context_.ui.is_imgpkg(),
            .goes_by_layers = !context_.ui.is_imgpkg(),
            .observer = observer_};
  }

  bundle::DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& manifest,
                                   const std::string& name, copy::ManifestCache& cache) {
    return bundle::describe(repository, manifest, describe_options(), cache, pool_, stop_,
                            [&] { expect_bundle(repository, manifest, name, cache); });
  }

  void expect_bundle(const oci::Repository& repository, const oci::Manifest& manifest,
                     const std::string& name, copy::ManifestCache& cache) const {
    if (bundle::is_bundle(manifest, repository, cache, stop_)) return;
    Error error(ErrorKind::kUsage,
                fmt::format("Only bundles can be described, and {} is not a bundle", name));
    if (!context_.ui.is_imgpkg())
      error.with_hint("leave -b away: 'tote describe IMAGE' is for images too");
    throw error;
  }

  bundle::DescribedBundle describe_any(const oci::Repository& repository,
                                       const oci::ManifestPtr& manifest, const std::string& origin,
                                       copy::ManifestCache& cache) {
    const std::string name = oci::digest_reference(repository, manifest->digest());
    if (bundle::is_bundle(*manifest, repository, cache, stop_))
      return describe(repository, *manifest, name, cache);
    return bundle::describe({{repository, manifest, origin.empty() ? name : origin}},
                            describe_options(), cache, pool_, stop_);
  }

  const DescribeCommandOptions& options_;
  const bundle::Observer observer_;
  const CommandContext& context_;
  std::stop_token stop_;
  ThreadPool pool_;
  std::optional<oci::Platform> platform_;  // nullopt: the usual one
};

void show(Print print, const bundle::DescribedBundle& described, Ui& ui) {
  const std::string text = print(described);
  if (print == bundle::describe_as_text)
    ui.block(text);
  else
    ui.document(print == bundle::describe_as_json ? printable_json(text) : text);
  ui.data(bundle::describe_as_json(described));
}

bundle::DescribedBundle look(const DescribeCommandOptions& options, Describe& describe,
                             const CommandContext& context) {
  if (context.arguments.empty())
    return options.archive.is_given() ? describe.from_archive(options.archive.path())
                                      : describe.from_registry();
  if (options.archive.is_given())
    throw Error(ErrorKind::kUsage, "Expected either PLACE or --tar, not both");
  const bundle::Place place = bundle::parse_place(context.arguments.front());
  if (const auto* file = std::get_if<bundle::FilePlace>(&place))
    return describe.from_archive(file->path);
  if (std::holds_alternative<bundle::StandardStream>(place)) return describe.from_archive("-");
  if (!options.bundle.empty())
    throw Error(ErrorKind::kUsage, "Expected either PLACE or --bundle, not both");
  return describe.from_registry(std::get<bundle::RegistryPlace>(place).reference());
}

// As it was given.
std::string what(const DescribeCommandOptions& options, const CommandContext& context) {
  if (!context.arguments.empty()) return context.arguments.front();
  return options.archive.is_given() ? options.archive.path() : options.bundle;
}

void run(const DescribeCommandOptions& options, CommandContext& context) {
  const Print print = printer(options.output_type);
  Progress progress(options.progress, context,
                    {fmt::format("describing {}", what(options, context)), {}});
  Describe describe(options, progress.observer(), context);
  const bundle::DescribedBundle described = look(options, describe, context);
  progress.finish();
  show(print, described, context.ui);
}

}  // namespace

Command describe_command() {
  Command command;
  command.name = "describe";
  command.summary = "Describe the images and bundles associated with a given bundle";
  command.examples =
      "  # Describe a bundle\n"
      "  tote describe -b carvel.dev/app1-bundle\n\n"
      "  # What an archive holds, as JSON\n"
      "  tote describe --tar app1.tar -o json";
  command.arguments = {
      {.name = "PLACE", .kind = ArgumentKind::kPlace, .is_optional = true, .is_own = true}};
  command.json = "describe -o json";
  auto options = std::make_shared<DescribeCommandOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Bundle reference to describe");
  options->archive.add_to(flags);
  flags.add_string("output-type", 'o', options->output_type,
                   "Type of output possible values: [text, yaml, json]");
  flags.add_bool("layers", 0, options->layers, "Show the digests of layers");
  flags.add_bool("cosign-artifacts", 0, options->cosign_artifacts,
                 "Retrieve cosign artifact information");
  add_platforms(flags, options->platforms,
                "Of which image in an index the layers are shown (default linux/amd64, or what the "
                "archive was made for)");
  options->concurrency.add_to(flags);
  options->progress.add_to(flags);
  options->registry.add_to(flags);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
