#include "base/error.h"
#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "bundle/bundle_file.h"
#include "bundle/discover/report_codes.h"
#include "bundle/lock_images.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/found_images.h"
#include "cmd/image_inputs.h"
#include "cmd/platform_flags.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <set>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
using bundle::discover::Combined;
using bundle::discover::Severity;

struct LockCommandOptions {
  ImageInputs inputs;
  bool list = false;
  std::string output;
  std::string report;
  bundle::discover::Policy policy;
  bundle::LockOptions lock;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

void write_report(const std::string& path, const bundle::discover::Report& report) {
  if (path.empty()) return;
  replace_file(path, path.ends_with(".json") ? bundle::discover::report_json(report)
                                             : bundle::discover::report_text(report));
}

void say_what_is_wrong(const bundle::discover::Report& report, Ui& ui) {
  for (const bundle::discover::ReportItem& item : report)
    if (item.severity != Severity::kNote)
      for (std::string line = bundle::discover::report_text({item}); !line.empty(); line.clear())
        ui.notice(line.substr(0, line.size() - 1));
}

// What stands beside a lock in the directory of a bundle.
void write_neighbours(const fs::path& lock, const Combined& found,
                      const std::vector<chart::ChartMetadata>& charts) {
  if (lock.filename() != "images.yml" || lock.parent_path().filename() != ".imgpkg") return;
  if (charts.empty()) return;
  std::vector<bundle::discover::ChartName> names;
  for (const chart::ChartMetadata& chart : charts)
    names.push_back({chart.name, chart.version, chart.app_version});
  replace_file(lock.parent_path() / "chart.yml",
               bundle::discover::chart_file(found, std::move(names)).encode());
  replace_file(lock.parent_path() / "bundle.yml", bundle::encode_bundle_file(charts));
}

bundle::ImagesLock lock_before(const std::string& path) {
  if (path.empty() || !fs::exists(path)) return {};
  return bundle::ImagesLock::load(path);
}

bundle::LockedNames lock(const LockCommandOptions& options, const Combined& found,
                         const CommandContext& context) {
  const Concurrency concurrency = options.concurrency.of(false);
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool = make_pool(concurrency, *client);
  bundle::LockOptions how = options.lock;
  how.before = lock_before(options.output);
  return bundle::lock_images(found.chosen, *client, how, {pool, context.stop});
}

std::string as_data(const bundle::LockedNames& locked, const std::string& output) {
  JsonWriter json;
  json.begin_object().member_unless_empty("output", output).key("images").begin_array();
  for (const bundle::LockedImage& image : locked.lock.images)
    json.begin_object()
        .member("image", image.reference.name())
        .member("name", image.annotations.at(bundle::kNameAnnotation))
        .end_object();
  return json.end_array().end_object().take();
}

void show(const bundle::LockedNames& locked, const std::string& output, Ui& ui) {
  if (ui.shows_data()) return ui.data(as_data(locked, output));
  if (output.empty()) return ui.document(locked.lock.encode());
  ui.result(fmt::format("Locked {} {} in '{}'", locked.lock.images.size(),
                        locked.lock.images.size() == 1 ? "image" : "images", output));
}

void run(const LockCommandOptions& options, CommandContext& context) {
  bundle::SearchResult result =
      bundle::search_images(options.inputs.read(context), context.environment, context.stop);
  if (options.list) {
    write_report(options.report, result.images.report);
    show_found_images(result.images, context.ui);
    say_what_is_wrong(result.images.report, context.ui);
    return bundle::discover::enforce(result.images, options.policy);
  }
  try {
    enforce(result.images, options.policy);
  } catch (...) {
    write_report(options.report, result.images.report);
    throw;
  }
  const bundle::LockedNames locked = lock(options, result.images, context);
  result.images.chosen = locked.images;
  bundle::discover::Report& report = result.images.report;
  report.insert(report.end(), locked.report.begin(), locked.report.end());
  write_report(options.report, report);
  bundle::refuse_errors(locked.report);
  say_what_is_wrong(report, context.ui);
  enforce(result.images, options.policy);
  if (!options.output.empty()) {
    if (const fs::path parent = fs::path(options.output).parent_path(); !parent.empty())
      fs::create_directories(parent);
    write_neighbours(options.output, result.images, result.charts);
    replace_file(options.output, locked.lock.encode());
  }
  show(locked, options.output, context.ui);
}

}  // namespace

Command lock_command() {
  Command command;
  command.name = "lock";
  command.summary = "Find the images of charts and manifests, and lock them by digest";
  command.examples =
      "  # What a chart needs, and by which rules it was found; nothing is asked of a registry\n"
      "  tote lock --chart ./app --list\n\n"
      "  # A bundle of a chart's images with these values\n"
      "  tote lock --chart ./app -f prod.yml -o bundle/.imgpkg/images.yml\n\n"
      "  # Of manifests that another program has made\n"
      "  kustomize build . | tote lock --manifests - -o bundle/.imgpkg/images.yml";
  command.is_own = true;
  command.is_unlisted = true;
  command.json = "--json";
  auto options = std::make_shared<LockCommandOptions>();
  FlagSet& flags = command.flags;
  options->inputs.add_to(flags);
  flags.add_bool("list", 0, options->list,
                 "Show what was found, where and how, and stop: no registry is asked");
  flags
      .add_path("output", 'o', options->output,
                "File to write the lock to, instead of stdout; in a directory .imgpkg, chart.yml "
                "and bundle.yml of charts beside it")
      .excludes({"list"});
  flags.add_path("report", 0, options->report,
                 "File to write to what there is to say about the images: as JSON if it ends in "
                 ".json, else as text");
  flags.add_list("fail-on", 0, options->policy.fail_on,
                 "Fail if the report has one of these codes");
  flags.add_bool("allow-unresolved", 0, options->policy.allow_unresolved,
                 "Go on without the images of which can not be told which they are");
  flags.add_list("tag-fallback", 0, options->lock.tag_fallback,
                 "Tags to try, in this order, where an image does not have its own");
  flags.add_bool("allow-missing", 0, options->lock.allow_missing,
                 "Leave out images that no registry has");
  flags.add_bool("allow-digest-mismatch", 0, options->lock.allow_digest_mismatch,
                 "Lock the digest that is declared where its tag leads to another one");
  add_platforms(flags, options->lock.platform,
                "Lock of each index the image for this platform (format: OS/ARCHITECTURE)");
  options->concurrency.add_to(flags);
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
