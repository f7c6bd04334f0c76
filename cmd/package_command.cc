#include "base/error.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "bundle/discover/overlay_tree.h"
#include "bundle/place.h"
#include "bundle/push.h"
#include "chart/chart_package.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/lock_flags.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/temporary_directory.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxValues = 16U << 20U;

struct PackageOptions {
  LockFlags lock;
  std::string bundle;
  std::string to_tar;
  ProgressFlags progress;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

// "NAME:VERSION" of the first chart, unless there is one.
oci::Reference name_of(const PackageOptions& options, const bundle::ImageSearch& search) {
  if (!options.bundle.empty()) return bundle::parse_tag_reference(options.bundle);
  if (search.charts.empty())
    throw Error(ErrorKind::kUsage, "Expected --bundle (-b), the name of what is made of no chart");
  const chart::ChartMetadata& metadata = search.charts.front().chart->metadata;
  return oci::Reference::parse_tag(
      fmt::format("{}:{}", metadata.name, chart::tag_of_version(metadata.version)));
}

// charts/NAME-VERSION.tgz, and the values that each chart is used with as values/NAME/001-FILE, the
// last of them, if there are values of the command line, what all of them make together.
void write_charts(const bundle::ImageSearch& search, const fs::path& directory) {
  for (const bundle::SearchedChart& searched : search.charts) {
    const chart::ChartPackage package = chart::package_chart(searched.path);
    fs::create_directories(directory / "charts");
    replace_file(directory / "charts" / package.file_name(), package.bytes);
    const fs::path values = directory / "values" / searched.chart->metadata.name;
    for (std::size_t i = 0; i < searched.values.size(); ++i) {
      const fs::path file = searched.values[i];
      fs::create_directories(values);
      replace_file(values / fmt::format("{:03}-{}", i + 1, file.filename().string()),
                   read_file(file, kMaxValues));
    }
    if (searched.sets.empty() && searched.set_texts.empty()) continue;
    fs::create_directories(values);
    replace_file(values / fmt::format("{:03}-set.yaml", searched.values.size() + 1),
                 bundle::discover::values_text(*bundle::given_values(searched)));
  }
}

oci::Digest push(const PackageOptions& options, const oci::Reference& name, const fs::path& files,
                 registry::Client& client, const bundle::Session& session,
                 const bundle::Observer& observer) {
  bundle::PushRequest request{.target = {.name = name,
                                         .client = &client,
                                         .archive = options.to_tar,
                                         .compression = compression_of(options.to_tar)}};
  request.as_bundle = true;
  request.files = {files.string()};
  request.temporary = files.parent_path();
  request.observer = observer;
  return bundle::push(request, session);
}

void show(const oci::Reference& name, const oci::Digest& digest, std::size_t images,
          const std::string& file, Ui& ui) {
  const std::string reference = oci::digest_reference(name.repository, digest);
  if (ui.shows_data())
    return ui.data(as_json(std::map<std::string, std::string>{
        {"bundle", reference}, {"digest", digest.str()}, {"tag", name.tag}, {"to", file}}));
  ui.result(fmt::format("Packaged '{}', with {} {}, to '{}'", reference, images,
                        images == 1 ? "image" : "images", file));
}

void run(const PackageOptions& options, CommandContext& context) {
  if (options.to_tar.empty()) throw Error(ErrorKind::kUsage, "Expected --to-tar");
  const Concurrency concurrency = options.concurrency.of(false);
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool = make_pool(concurrency, *client);
  const bundle::Session session{.pool = pool,
                                .stop = context.stop,
                                .reading = read_options(context),
                                .streams = concurrency.streams};
  const TemporaryDirectory temporary(context.temporary);
  const bundle::ImageSearch search =
      options.lock.inputs.read(context, *client, session, temporary.path());
  const oci::Reference name = name_of(options, search);
  const LockedSearch locked = search_and_lock(options.lock, search, {}, *client, pool, context);
  const fs::path files = temporary.path() / "bundle";
  fs::create_directories(files / ".imgpkg");
  write_bundle_files(files / ".imgpkg", locked);
  write_charts(search, files);
  Progress progress(options.progress, context,
                    {fmt::format("packaging {} to {}", name.name(), options.to_tar), "packaged"});
  const oci::Digest digest = push(options, name, files, *client, session, progress.observer());
  progress.finish();
  show(name, digest, locked.lock.images.size(), options.to_tar, context.ui);
}

}  // namespace

Command package_command() {
  Command command;
  command.name = "package";
  command.summary = "Lock, bundle and archive what charts and manifests need, in one go";
  command.examples =
      "  # A chart with everything that it needs with these values, in one file\n"
      "  tote package --chart ./app -f prod.yml --to-tar app.tar";
  command.is_own = true;
  command.is_unlisted = true;
  command.json = "--json";
  auto options = std::make_shared<PackageOptions>();
  FlagSet& flags = command.flags;
  options->lock.add_to(flags);
  flags.add_string("bundle", 'b', options->bundle,
                   "Name of the bundle, instead of the first chart's NAME:VERSION");
  flags.add_path("to-tar", 0, options->to_tar,
                 "File to write to, as copy --to-tar does; compressed if it ends in .tar.zst");
  options->progress.add_to(flags);
  options->concurrency.add_to(flags);
  options->registry.add_to(flags);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
