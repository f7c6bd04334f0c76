#include "base/json_writer.h"
#include "cmd/commands.h"
#include "cmd/progress/progress.h"
#include "testregistry/registry.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

struct GcOptions {
  std::string directory;
  std::string layout;
  tr::CollectOptions collect;
  ProgressFlags progress;

  const std::string& place() const { return layout.empty() ? directory : layout; }
};

tr::Collected collect(const GcOptions& options, CommandContext& context) {
  Progress progress(options.progress, context,
                    {fmt::format("collecting garbage of {}", options.place()), {}});
  tr::CollectOptions collect = options.collect;
  collect.on_repository = [tell = progress.observer()](std::size_t done, std::size_t total) {
    tell(bundle::Counted{"repositories", done, total});
  };
  const auto log = [&](std::string_view text) { context.ui.notice(text); };
  const tr::Collected done =
      options.layout.empty()
          ? tr::collect_garbage(options.directory, collect, log, context.stop)
          : tr::collect_layout_garbage(options.layout, collect, log, context.stop);
  progress.finish();
  return done;
}

void run_collection(const GcOptions& options, CommandContext& context) {
  const tr::Collected done = collect(options, context);
  context.ui.block(
      fmt::format("{} {} manifests, {} blobs, {} uploads and {} empty repositories: {} bytes\n",
                  options.collect.dry_run ? "Would remove" : "Removed", done.manifests, done.blobs,
                  done.uploads, done.repositories, done.bytes));
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("dry_run", options.collect.dry_run)
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
      "Remove what nothing keeps from a directory or an OCI image layout that no registry is "
      "serving "
      "(one that is serves itself: --gc-interval)";
  command.examples =
      "  # What would go\n"
      "  tote registry gc --dir /var/lib/tote --dry-run\n\n"
      "  # Manifests too that no tag reaches, if they are a week old\n"
      "  tote registry gc --dir /var/lib/tote --untagged --grace 168h\n\n"
      "  # What no image of a layout needs any more\n"
      "  tote registry gc --layout layout --grace 0";
  command.is_own = true;
  command.json = "--json";
  auto options = std::make_shared<GcOptions>();
  tr::CollectOptions& collect = options->collect;
  FlagSet& flags = command.flags;
  flags.add_path("dir", 0, options->directory, "Directory that a registry keeps things in")
      .never_empty();
  flags
      .add_path("layout", 0, options->layout,
                "OCI image layout: blobs go that nothing in its index.json leads to")
      .never_empty();
  flags.one_of({"dir", "layout"}, "Expected either --dir or --layout",
               [] { return std::string(); });
  flags.add_duration("grace", collect.grace, "What was used within this time stays",
                     rounded_up(collect.grace));
  flags.add_duration("upload-expiry", collect.upload_expiry,
                     "Uploads go that nobody went on with for so long",
                     rounded_up(collect.upload_expiry));
  flags.add_bool("untagged", 0, collect.untagged,
                 "Remove manifests too that no tag reaches: by name, as a child of an index, or as "
                 "a referrer of something that stays");
  flags.add_bool("dry-run", 0, collect.dry_run, "Only say what would go");
  options->progress.add_to(flags);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) { run_collection(*options, context); };
  return command;
}

}  // namespace tote::cmd
