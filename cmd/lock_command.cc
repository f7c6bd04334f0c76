#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "bundle/redact_hosts.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/found_images.h"
#include "cmd/lock_flags.h"
#include "cmd/registry_flags.h"
#include "cmd/temporary_directory.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

struct LockCommandOptions {
  LockFlags lock;
  bool list = false;
  std::string output;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

void list(const LockFlags& flags, const bundle::ImageSearch& search, CommandContext& context) {
  bundle::SearchResult found = bundle::search_images(search, context.environment, context.stop);
  bundle::ImagesLock none;
  bundle::redact_hosts(flags.redacted, found.images, none);
  flags.write_report(found.images.report);
  show_found_images(found.images, context.ui);
  say_what_is_wrong(found.images.report, context.ui);
  enforce(found.images, flags.policy);
}

void write(const LockedSearch& locked, const fs::path& output) {
  const fs::path parent = output.parent_path();
  if (!parent.empty()) fs::create_directories(parent);
  if (output.filename() == "images.yml" && parent.filename() == ".imgpkg")
    write_bundle_files(parent, locked);
  else
    replace_file(output, locked.lock.encode());
}

std::string as_data(const bundle::ImagesLock& lock, const std::string& output) {
  JsonWriter json;
  json.begin_object().member_unless_empty("output", output).key("images").begin_array();
  for (const bundle::LockedImage& image : lock.images)
    json.begin_object()
        .member("image", image.reference.name())
        .member("name", image.annotations.at(std::string(bundle::kOriginalNameAnnotation)))
        .end_object();
  return json.end_array().end_object().take();
}

void show(const bundle::ImagesLock& lock, const std::string& output, Ui& ui) {
  if (ui.shows_data()) return ui.data(as_data(lock, output));
  if (output.empty()) return ui.document(lock.encode());
  ui.result(fmt::format("Locked {} {} in '{}'", lock.images.size(),
                        lock.images.size() == 1 ? "image" : "images", output));
}

bundle::ImagesLock lock_before(const std::string& output) {
  return !output.empty() && fs::exists(output) ? bundle::ImagesLock::load(output)
                                               : bundle::ImagesLock();
}

void run(const LockCommandOptions& options, CommandContext& context) {
  const Concurrency concurrency = options.concurrency.of(false);
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool = make_pool(concurrency, *client);
  const TemporaryDirectory temporary(context.temporary);
  const bundle::ImageSearch search =
      options.lock.inputs.read(context, *client, {pool, context.stop}, temporary.path());
  if (options.list) return list(options.lock, search, context);
  const LockedSearch locked =
      search_and_lock(options.lock, search, lock_before(options.output), *client, pool, context);
  if (!options.output.empty()) write(locked, options.output);
  show(locked.lock, options.output, context.ui);
}

}  // namespace

Command lock_command() {
  Command command;
  command.name = "lock";
  command.summary = "Find the images of charts and manifests, and lock them by digest";
  command.examples =
      "  # What a chart needs, and by which rules it was found; no registry is asked\n"
      "  tote lock --chart ./app --list\n\n"
      "  # A bundle of the images that a chart needs with these values\n"
      "  tote lock --chart ./app -f prod.yml -o bundle/.imgpkg/images.yml\n\n"
      "  # Of manifests that another program has made\n"
      "  kustomize build . | tote lock --manifests - -o bundle/.imgpkg/images.yml";
  command.is_own = true;
  command.is_unlisted = true;
  command.json = "--json";
  auto options = std::make_shared<LockCommandOptions>();
  FlagSet& flags = command.flags;
  options->lock.add_to(flags);
  flags.add_bool("list", 0, options->list,
                 "Show what was found, where and how, and stop: no registry is asked");
  flags
      .add_path(
          "output", 'o', options->output,
          "File to write the lock to, instead of stdout; in a directory .imgpkg with chart.yml "
          "and bundle.yml of charts beside it")
      .excludes({"list"});
  options->concurrency.add_to(flags);
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
