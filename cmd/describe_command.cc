#include "archive/choose_image.h"
#include "archive/repository_in_archive.h"
#include "archive/sparse_image.h"
#include "base/error.h"
#include "base/printable.h"
#include "bundle/bundle_image.h"
#include "bundle/describe.h"
#include "bundle/describe_output.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/platform_flags.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

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
        pool_(options.concurrency.threads()) {
    if (!options.platforms.is_all()) platform_ = options.platforms.wanted().front();
  }

  bundle::DescribedBundle from_registry() {
    const auto client = options_.registry.make_client(context_);
    copy::ManifestCache cache(
        [&](const oci::Repository& name) -> oci::ImageReader& { return client->repository(name); });
    const auto [repository, manifest] = while_doing(
        [&] { return fmt::format("Unable to check if {} is a bundle", options_.bundle); },
        [&] { return fetch(cache); });
    return describe(repository, *manifest, options_.bundle, cache);
  }

  bundle::DescribedBundle from_archive() {
    const archive::ArchiveReader archive(options_.archive.path(), read_options(context_));
    archive::RepositoriesInArchive repositories(archive);
    copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
      return repositories.repository(name);
    });
    const oci::CarriedImage& image = archive::choose_image(archive, options_.bundle);
    if (!platform_) platform_ = carried_platform(archive.contents());
    return describe(image.repository,
                    *cache.manifest(image.repository, image.target.digest.str(), stop_),
                    image.reference(), cache);
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
    const oci::Reference reference = oci::Reference::parse(options_.bundle);
    return while_doing([] { return "Fetching image"; },
                       [&] {
                         return std::pair(
                             reference.repository,
                             cache.manifest(reference.repository, reference.identifier(), stop_));
                       });
  }

  bundle::DescribedBundle describe(const oci::Repository& repository, const oci::Manifest& manifest,
                                   const std::string& name, copy::ManifestCache& cache) {
    if (!bundle::is_bundle(manifest, repository, cache, stop_))
      throw Error(ErrorKind::kUsage,
                  fmt::format("Only bundles can be described, and {} is not a bundle", name));
    return bundle::describe(repository, manifest,
                            {options_.layers, options_.cosign_artifacts, platform_, observer_},
                            cache, pool_, stop_);
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

void run(const DescribeCommandOptions& options, CommandContext& context) {
  const Print print = printer(options.output_type);
  const std::string what = options.archive.is_given() ? options.archive.path() : options.bundle;
  Progress progress(options.progress, context, {fmt::format("describing {}", what), {}});
  Describe describe(options, progress.observer(), context);
  const bundle::DescribedBundle described =
      options.archive.is_given() ? describe.from_archive() : describe.from_registry();
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
