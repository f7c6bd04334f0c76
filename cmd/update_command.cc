#include "bundle/working_copy/update.h"
#include "cmd/commands.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/strategy_flag.h"
#include "cmd/update_result.h"
#include "cmd/verify_flags.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace tote::cmd {
namespace {

namespace working_copy = bundle::working_copy;

struct UpdateOptions {
  std::optional<working_copy::Strategy> strategy;
  bool dry_run = false;
  VerifyFlags verify;
  ConcurrencyFlag concurrency;
  ProgressFlags progress;
  RegistryFlags registry;
};

void run(const UpdateOptions& options, CommandContext& context) {
  const std::string argument = context.arguments.empty() ? "" : context.arguments[0];
  working_copy::UpdateRequest request{.what = working_copy::parse_directory_argument(argument),
                                      .strategy = options.strategy,
                                      .is_trial = options.dry_run,
                                      .policy = options.verify.policy()};
  const std::string directory = request.what.directory.string();
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool(concurrency.threads);
  Progress progress(options.progress, context, {fmt::format("updating {}", directory), "read"});
  request.observer = progress.observer();
  const working_copy::Updated updated =
      working_copy::update(request, *client, {.pool = pool, .stop = context.stop});
  progress.finish();
  if (updated.was_finished)
    context.ui.notice(
        fmt::format("an update of '{}' that had been broken off was finished first", directory));
  context.ui.block(update_as_text(updated, directory, options.dry_run));
  context.ui.data(update_as_data(updated, directory));
  if (updated.tree.conflicts() > 0 || !updated.tree.obstacles.empty())
    context.exit_code = ExitCode::kDifferent;
}

}  // namespace

Command update_command() {
  Command command;
  command.name = "update";
  command.summary = "Bring a package up to a version of its upstream, with what has changed here";
  command.examples =
      "  # To what the tag leads to by now\n"
      "  tote update greetings\n\n"
      "  # To another version; what that would do\n"
      "  tote update greetings@v2 --dry-run\n\n"
      "  # Only if nothing has changed here\n"
      "  tote update greetings@v2 --strategy fast-forward";
  command.arguments = {
      {.name = "DIR[@VERSION]", .kind = ArgumentKind::kDirectory, .is_optional = true}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  command.exit_codes = {{ExitCode::kDifferent,
                         "there are conflicts, marked in the files; with --dry-run also if "
                         "something is in the way"}};
  auto options = std::make_shared<UpdateOptions>();
  FlagSet& flags = command.flags;
  add_strategy(flags,
               "merge: what has changed on both sides; fast-forward: fail if anything has changed "
               "here; replace: without what has changed or come here, which is lost. Without it "
               "as the directory's .imgpkg/upstream.yml says",
               [options](working_copy::Strategy strategy) { options->strategy = strategy; });
  flags
      .add_bool("dry-run", 0, options->dry_run,
                "Show what would become of each file, and change nothing")
      .own();
  options->verify.add_to(flags);
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
