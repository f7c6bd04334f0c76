#include "archive/choose_image.h"
#include "archive/repository_in_archive.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "base/paths.h"
#include "bundle/bundle_image.h"
#include "bundle/bundle_lock.h"
#include "bundle/output_directory.h"
#include "bundle/platforms.h"
#include "bundle/pull.h"
#include "bundle/pull_chart.h"
#include "bundle/working_copy/get.h"
#include "bundle/working_copy/upstream_file.h"
#include "cmd/archive_flags.h"
#include "cmd/chart_flags.h"
#include "cmd/commands.h"
#include "cmd/left_out.h"
#include "cmd/platform_flags.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/verify_flags.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace tote::cmd {
namespace {

struct PullOptions {
  std::optional<bundle::RegistryPlace> place = {};  // instead of the three that follow
  std::string bundle;
  std::string image;
  std::string lock;
  ChartFlags chart;
  bool packed = false;
  ArchiveFlags archive;
  std::string output;
  bool recursive = false;
  bool image_is_bundle_check = true;
  bool overwrite = false;
  VerifyFlags verify;
  oci::PlatformChoice platforms;
  ProgressFlags progress;
  RegistryFlags registry;
};

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text));
}

// oci://IMAGE[//SUB] [DIR]
void take_arguments(const std::vector<std::string>& arguments, PullOptions& options) {
  if (arguments.empty()) return;
  options.place = bundle::working_copy::parse_upstream(arguments.front());
  if (arguments.size() > 1 && !options.output.empty())
    refuse("Expected either a directory behind the image or --output, not both");
  if (arguments.size() > 1) options.output = arguments[1];
  if (options.output.empty()) options.output = bundle::working_copy::directory_name(*options.place);
}

void check(const PullOptions& options, const std::string& home) {
  if (options.output.empty()) refuse("Expected --output to be none empty");
  bundle::resolve_output(options.output, home);  // refuses before anything is asked for
  const int sources = !options.bundle.empty() + !options.image.empty() + !options.lock.empty() +
                      options.chart.is_given() + options.place.has_value();
  if (sources > 1) refuse("Expected only one of image, bundle, or lock");
  if (options.archive.is_given() && is_same_or_below(options.archive.path(), options.output))
    refuse(fmt::format("Disallowed output directory: it holds '{}', which would be removed",
                       options.archive.path()));
  if (sources == 0 && !options.archive.is_given())
    refuse("Expected either image or bundle reference");
  if (options.platforms.wanted().size() > 1) refuse("Expected one --platform to pull");
  if (options.recursive && !options.image.empty())
    refuse("Cannot use --recursive (-r) flag when pulling a bundle");
  if (!options.image_is_bundle_check && !options.bundle.empty())
    refuse("Cannot set --image-is-bundle-check while using -b flag");
}

std::string name_of_image(const PullOptions& options) {
  if (options.place) return bundle::to_text(*options.place);
  return options.bundle.empty() ? options.image : options.bundle;
}

// As it was given.
std::string source_of(const PullOptions& options) {
  const std::string archive = options.archive.is_given() ? options.archive.path() : "";
  const std::string name = options.lock.empty() ? name_of_image(options) : options.lock;
  return name.empty() ? archive : archive.empty() ? name : fmt::format("{} of {}", name, archive);
}

bundle::PullRequest make_request(const PullOptions& options, const Environment& environment) {
  bundle::PullRequest request;
  request.home = environment.get("HOME");
  request.output = options.output;
  request.recursive = options.recursive;
  request.check_kind = options.image_is_bundle_check;
  const bool as_image = !options.image.empty() || !options.image_is_bundle_check;
  request.kind = as_image ? bundle::PullKind::kImage : bundle::PullKind::kBundle;
  if (!options.lock.empty()) {
    request.source = bundle::BundleLock::load(options.lock).bundle;
  } else if (!options.archive.is_given()) {
    const bundle::RegistryPlace place = bundle::parse_image_or_place(name_of_image(options));
    request.source = place.reference();
    request.sub_path = place.sub_path;
  }
  if (!request.sub_path.empty() && !options.bundle.empty())
    throw Error(
        ErrorKind::kUsage,
        fmt::format("'//{}' names a directory in the image, and --bundle is all of a bundle",
                    request.sub_path))
        .with_hint("'pull oci://...' without --bundle pulls a directory of any image");
  if (!request.sub_path.empty() && options.recursive)
    refuse("Cannot use --recursive (-r) flag when pulling a directory of an image");
  return request;
}

// What was named without -b or -i is a bundle or not, and is remembered as what the directory goes
// back to; but a part of an image can not take the place of the whole, nor one image that of an
// index.
void settle_place(const PullOptions& options, const oci::Manifest& named,
                  const oci::Manifest& chosen, copy::ManifestCache& cache,
                  const CommandContext& context, bundle::PullRequest& request) {
  if (!options.place) return;
  const bool as_bundle = request.sub_path.empty() &&
                         bundle::is_bundle(chosen, request.source.repository, cache, context.stop);
  request.kind = as_bundle ? bundle::PullKind::kBundle : bundle::PullKind::kImage;
  request.check_kind = false;
  if (request.recursive && !as_bundle)
    refuse("Cannot use --recursive (-r) flag when pulling an image");
  if (!request.sub_path.empty() || named.is_index()) return;
  bundle::working_copy::UpstreamFile record;
  record.origin = {bundle::working_copy::version_of(*options.place), chosen.digest()};
  request.prepare = [record](const std::filesystem::path& made) { record.save(made); };
}

bundle::Replaces replaces(const PullOptions& options, bool is_imgpkg) {
  if (is_imgpkg) return bundle::Replaces::kAnything;
  return options.overwrite ? bundle::Replaces::kDirectory : bundle::Replaces::kOwn;
}

void show_result(const bundle::PullRequest& request, Ui& ui) {
  const std::string name = request.source.name();
  const std::string output = request.output.string();
  ui.own_result(fmt::format("Pulled '{}' to '{}'", name, output));
  ui.data(as_json(std::map<std::string, std::string>{
      {request.kind == bundle::PullKind::kBundle ? "bundle" : "image", name},
      {"digest", request.source.digest->str()},
      {"output", output}}));
}

void pull(bundle::PullRequest request, const PullOptions& options, copy::ManifestCache& cache,
          Progress& progress, CommandContext& context) {
  // What a tag leads to is asked for once: what is pulled is what the result names.
  const oci::ManifestPtr manifest = while_doing(
      [] { return "Fetching image"; },
      [&] {
        return cache.manifest(request.source.repository, request.source.identifier(), context.stop);
      });
  const oci::Repository repository = request.source.repository;
  ThreadPool pool(ConcurrencyFlag{}.of(context.ui.is_imgpkg()).threads);
  bundle::verify_signatures(repository, *manifest, options.verify.policy(), cache,
                            {pool, context.stop});
  const oci::ManifestPtr chosen =
      options.platforms.is_all() ? manifest
                                 : bundle::image_for(manifest, options.platforms.wanted().front(),
                                                     repository, cache, context.stop);
  settle_place(options, *manifest, *chosen, cache, context, request);
  request.source = {repository, {}, chosen->digest()};
  const bundle::LeftOut left_out = bundle::pull(request, cache, pool, context.stop);
  progress.finish();
  if (left_out.any())
    context.ui.notice(
        fmt::format("left out of '{}': {}", request.output.string(), describe(left_out)));
  show_result(request, context.ui);
}

void pull_from_registry(const PullOptions& options, const bundle::PullRequest& request,
                        Progress& progress, CommandContext& context) {
  const auto client =
      options.registry.make_client(context, ConcurrencyFlag{}.of(context.ui.is_imgpkg()));
  copy::ManifestCache cache(
      [&](const oci::Repository& name) -> oci::ImageReader& { return client->source(name); });
  pull(request, options, cache, progress, context);
}

// No registry is asked for anything.
void pull_from_archive(const PullOptions& options, bundle::PullRequest request, Progress& progress,
                       CommandContext& context) {
  const archive::ArchiveReader archive(options.archive.path(), read_options(context));
  archive::RepositoriesInArchive repositories(archive);
  copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
    return repositories.repository(name);
  });
  const oci::CarriedImage& image =
      archive::choose_image(archive, bundle::without_oci(name_of_image(options)));
  request.source = {image.repository, {}, image.target.digest};
  const oci::ManifestPtr manifest = archive.contents().find_manifest(image.target.digest);
  if (name_of_image(options).empty() && options.image_is_bundle_check &&
      !bundle::is_bundle(*manifest, image.repository, cache, context.stop))
    request.kind = bundle::PullKind::kImage;
  if (request.kind == bundle::PullKind::kImage && request.recursive)
    refuse("Cannot use --recursive (-r) flag when pulling an image");
  pull(request, options, cache, progress, context);
}

bundle::FetchedChart chart_of_archive(const PullOptions& options, const CommandContext& context) {
  if (!options.chart.repo.empty()) refuse("Flag --repo can not be used with an archive");
  const archive::ArchiveReader archive(options.archive.path(), read_options(context));
  archive::RepositoriesInArchive repositories(archive);
  copy::ManifestCache cache([&](const oci::Repository& name) -> oci::ImageReader& {
    return repositories.repository(name);
  });
  const oci::CarriedImage& image =
      bundle::find_chart({options.chart.chart, options.chart.version}, archive);
  bundle::PulledChart pulled =
      bundle::read_chart(*archive.contents().find_manifest(image.target.digest), image.repository,
                         cache, context.stop);
  return {std::move(pulled.package), image.reference(), pulled.is_legacy};
}

bundle::FetchedChart fetch_chart(const PullOptions& options, CommandContext& context) {
  if (options.archive.is_given()) return chart_of_archive(options, context);
  const auto client = options.registry.make_client(context, ConcurrencyFlag{}.of(false));
  ThreadPool pool(ConcurrencyFlag{}.of(false).threads);
  return options.chart.fetch(*client, {.pool = pool, .stop = context.stop});
}

void pull_chart(const PullOptions& options, CommandContext& context) {
  const bundle::ChartOutput output{
      options.output, context.environment.get("HOME"), replaces(options, false),
      options.packed ? bundle::ChartForm::kPackage : bundle::ChartForm::kUnpacked};
  bundle::check_output(bundle::resolve_output(output.directory, output.home), output.replaces);
  const bundle::FetchedChart fetched = fetch_chart(options, context);
  tell_of(fetched, context.ui);
  bundle::write_chart(fetched.package, output);
  const chart::ChartMetadata& metadata = fetched.package.chart->metadata;
  context.ui.own_result(fmt::format("Pulled chart '{}' {} from '{}' to '{}'", metadata.name,
                                    metadata.version, fetched.origin, options.output));
  context.ui.data(as_json(std::map<std::string, std::string>{{"chart", fetched.origin},
                                                             {"name", metadata.name},
                                                             {"version", metadata.version},
                                                             {"output", options.output}}));
}

void run(const PullOptions& given, CommandContext& context) {
  PullOptions options = given;
  take_arguments(context.arguments, options);
  check(options, context.environment.get("HOME"));
  if (options.chart.is_given()) return pull_chart(options, context);
  bundle::PullRequest request = make_request(options, context.environment);
  request.replaces = replaces(options, context.ui.is_imgpkg());
  bundle::check_output(bundle::resolve_output(options.output, request.home), request.replaces);
  Progress progress(
      options.progress, context,
      {fmt::format("pulling {} to {}", source_of(options), options.output), "pulled"});
  request.observer = progress.observer();
  if (options.archive.is_given())
    pull_from_archive(options, std::move(request), progress, context);
  else
    pull_from_registry(options, request, progress, context);
}

}  // namespace

Command pull_command() {
  Command command;
  command.name = "pull";
  command.summary = "Pull files from bundle, image, or bundle lock file";
  command.examples =
      "  # Pull bundle repo/app1-bundle and extract into /tmp/app1-bundle\n"
      "  tote pull -b repo/app1-bundle -o /tmp/app1-bundle\n\n"
      "  # Pull image repo/app1-image and extract into /tmp/app1-image\n"
      "  tote pull -i repo/app1-image -o /tmp/app1-image\n\n"
      "  # Pull what r.example/app:v1 is into app/, and remember where push brings it back to\n"
      "  tote pull oci://r.example/app:v1\n\n"
      "  # Pull a directory of an image\n"
      "  tote pull oci://r.example/app//config/prod:v1 /tmp/prod";
  command.arguments = {
      {.name = "PLACE", .kind = ArgumentKind::kPlace, .is_optional = true, .is_own = true},
      {.name = "DIR", .kind = ArgumentKind::kDirectory, .is_optional = true, .is_own = true}};
  command.flags_instead = {"bundle", "image", "lock", "chart", "tar", "layout"};
  command.json = "--json";
  auto options = std::make_shared<PullOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Set bundle reference");
  flags.add_string("image", 'i', options->image, "Set image reference");
  options->chart.add_to(flags);
  flags
      .add_bool(
          "packed", 0, options->packed,
          "Write a chart as the .tgz that it is, with its .prov if it has one, instead of its "
          "files")
      .own()
      .needs({"chart"});
  flags.add_path("lock", 0, options->lock, "Path to BundleLock file")
      .excludes({"tar", "layout"},
                "Expected either --lock or an archive (--tar, --layout), not both");
  options->archive.add_to(flags);
  Flag& output = flags.add_path("output", 'o', options->output, "Output directory path");
  output.required = true;
  output.is_for_arguments = true;
  flags.add_bool("recursive", 'r', options->recursive, "Pull nested bundles recursively");
  flags.add_bool("image-is-bundle-check", 0, options->image_is_bundle_check,
                 "Error when image is a bundle (disable pulling bundles via -i)");
  flags
      .add_bool("overwrite", 0, options->overwrite,
                "Replace the output directory with all that is in it, also what no pull put there")
      .own();
  add_platforms(flags, options->platforms,
                "If the image is an index: pull the image in it that is for this platform, such as "
                "linux/arm64");
  options->verify.add_to(flags);
  options->progress.add_to(flags);
  options->registry.add_to(flags);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
