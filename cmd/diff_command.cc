#include "base/error.h"
#include "bundle/diff.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/diff_result.h"
#include "cmd/platform_flags.h"
#include "cmd/registry_flags.h"
#include "cmd/working_copy_diff.h"

#include <memory>

namespace tote::cmd {
namespace {

struct DiffOptions {
  bool patch = false;
  bool files = false;
  bool bytes = false;
  WorkingCopyDiff working_copy;
  oci::PlatformChoice platforms;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

void compare_with_upstream(const DiffOptions& options, CommandContext& context) {
  if (options.files || options.bytes || !options.platforms.is_all())
    throw Error(ErrorKind::kUsage, "Expected two places with --files, --bytes and --platform")
        .with_hint("one directory is compared with its upstream");
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  const auto client = options.registry.make_client(context, concurrency);
  options.working_copy.run(context.arguments.empty() ? "" : context.arguments[0], options.patch,
                           *client, concurrency, context);
}

void run(const DiffOptions& options, CommandContext& context) {
  if (context.arguments.size() < 2) return compare_with_upstream(options, context);
  options.working_copy.refuse_two_places();
  bundle::DiffRequest request{.before = context.arguments[0],
                              .after = context.arguments[1],
                              .files = options.files,
                              .patch = options.patch,
                              .reads_locked = options.bytes};
  if (!options.platforms.is_all()) request.platform = options.platforms.wanted().front();
  const auto client =
      options.registry.make_client(context, options.concurrency.of(context.ui.is_imgpkg()));
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, *client);
  const bundle::Difference difference = bundle::diff(request, *client,
                                                     {.pool = pool,
                                                      .stop = context.stop,
                                                      .reading = read_options(context),
                                                      .streams = concurrency.streams});
  if (context.ui.shows_data())
    context.ui.data(diff_as_data(difference, request.before, request.after));
  else if (options.patch)
    context.ui.document(difference.patch);
  else
    context.ui.block(diff_as_text(difference));
  if (!difference.is_none()) context.exit_code = ExitCode::kDifferent;
}

}  // namespace

Command diff_command() {
  Command command;
  command.name = "diff";
  command.summary =
      "Show in what two bundles, images, archives, layouts or locks differ, or a package and its "
      "upstream";
  command.examples =
      "  # What a new version brings, and how much of it has to be moved\n"
      "  tote diff internal-registry/app1-bundle:v1 app1-v2.tar\n\n"
      "  # The changes of a bundle's files, for patch -p1\n"
      "  tote diff app1-v1.tar app1-v2.tar --patch\n\n"
      "  # Which images of two locks differ, without asking a registry\n"
      "  tote diff old/.imgpkg/images.yml new/.imgpkg/images.yml\n\n"
      "  # What has changed in greetings/ since get or update, as diff -u shows it\n"
      "  tote diff greetings --patch";
  command.arguments = {
      {.name = "BEFORE|DIR[@VERSION]", .kind = ArgumentKind::kPlace, .is_optional = true},
      {.name = "AFTER", .kind = ArgumentKind::kPlace, .is_optional = true}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  command.exit_codes = {{ExitCode::kDifferent, "they differ"}};
  auto options = std::make_shared<DiffOptions>();
  FlagSet& flags = command.flags;
  flags.add_bool("patch", 'p', options->patch,
                 "Print how texts have changed, as diff -u does, for patch -p1: of bundles, of "
                 "images with --files");
  flags.add_bool("files", 0, options->files,
                 "Compare the files of images too, for which all of their layers are read; those "
                 "of bundles are always compared");
  flags.add_bool("bytes", 0, options->bytes,
                 "Read what images locks name, to say how much would have to be moved");
  add_platforms(flags, options->platforms, "Of which image in an index the files are compared");
  options->working_copy.add_to(flags);
  options->concurrency.add_to(flags);
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
