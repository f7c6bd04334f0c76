#include "base/json_writer.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "testregistry/registry.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

void run_collection(const std::string& directory, const tr::CollectOptions& options,
                    CommandContext& context) {
  Log log({.when_full = WhenFull::kWait});
  const tr::Collected done = tr::collect_garbage(directory, options, log, context.stop);
  context.ui.block(
      fmt::format("{} {} manifests, {} blobs, {} uploads and {} empty repositories: {} bytes\n",
                  options.dry_run ? "Would remove" : "Removed", done.manifests, done.blobs,
                  done.uploads, done.repositories, done.bytes));
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("dry_run", options.dry_run)
                      .member("manifests", done.manifests)
                      .member("blobs", done.blobs)
                      .member("uploads", done.uploads)
                      .member("repositories", done.repositories)
                      .member("bytes", done.bytes)
                      .end_object()
                      .take());
}

}  // namespace

Command registry_gc_command() {
  Command command;
  command.name = "gc";
  command.summary =
      "Remove what nothing keeps from a directory that no registry is serving (one that is serves "
      "itself: --gc-interval)";
  command.examples =
      "  # What would go\n"
      "  tote registry gc --dir /var/lib/tote --dry-run\n\n"
      "  # Manifests too that no tag reaches, if they are a week old\n"
      "  tote registry gc --dir /var/lib/tote --untagged --grace 168h";
  command.is_own = true;
  command.json = "--json";
  struct Options {
    std::string directory;
    tr::CollectOptions collect;
  };
  auto options = std::make_shared<Options>();
  tr::CollectOptions& collect = options->collect;
  FlagSet& flags = command.flags;
  flags.add_path("dir", 0, options->directory, "Directory that a registry keeps things in")
      .required = true;
  flags.add_duration("grace", collect.grace, "What was used within this time stays",
                     rounded_up(collect.grace));
  flags.add_duration("upload-expiry", collect.upload_expiry,
                     "Uploads go that nobody went on with for so long",
                     rounded_up(collect.upload_expiry));
  flags.add_bool("untagged", 0, collect.untagged,
                 "Remove manifests too that no tag reaches: by name, as a child of an index, or as "
                 "a referrer of something that stays");
  flags.add_bool("dry-run", 0, collect.dry_run, "Only say what would go");
  command.run = [options](CommandContext& context) {
    run_collection(options->directory, options->collect, context);
  };
  return command;
}

}  // namespace tote::cmd
