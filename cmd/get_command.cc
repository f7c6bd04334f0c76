#include "base/json_writer.h"
#include "bundle/working_copy/get.h"
#include "cmd/commands.h"
#include "cmd/left_out.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/strategy_flag.h"
#include "cmd/verify_flags.h"

#include <fmt/format.h>

#include <map>
#include <memory>

namespace tote::cmd {
namespace {

namespace working_copy = bundle::working_copy;

struct GetOptions {
  working_copy::Strategy strategy = working_copy::Strategy::kMerge;
  VerifyFlags verify;
  ConcurrencyFlag concurrency;
  ProgressFlags progress;
  RegistryFlags registry;
};

void tell_what_is_left_out(const working_copy::Got& got, const std::string& directory, Ui& ui) {
  if (got.left_out.any())
    ui.notice(fmt::format("left out of '{}': {}", directory, describe(got.left_out)));
  if (got.left_out_of_git > 0)
    ui.notice(fmt::format("left out of '{}': what git would obey, in {} '.git'", directory,
                          got.left_out_of_git));
}

void show(const working_copy::GetRequest& request, const working_copy::Got& got, Ui& ui) {
  const std::string output = request.directory.string();
  const std::string name = oci::digest_reference(request.place.repository, got.digest);
  ui.result(fmt::format("Got '{}' from '{}' ({})", output, bundle::to_text(request.place),
                        got.digest.str()));
  std::map<std::string, std::string> data = {
      {"image", name}, {"digest", got.digest.str()}, {"output", output}};
  if (!request.place.sub_path.empty()) data["directory"] = request.place.sub_path;
  ui.data(as_json(data));
}

void run(const GetOptions& options, CommandContext& context) {
  working_copy::GetRequest request{.place = working_copy::parse_upstream(context.arguments[0]),
                                   .directory = {},
                                   .home = context.environment.get("HOME"),
                                   .strategy = options.strategy,
                                   .policy = options.verify.policy()};
  request.directory = context.arguments.size() > 1 ? context.arguments[1]
                                                   : working_copy::directory_name(request.place);
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool(concurrency.threads);
  Progress progress(options.progress, context,
                    {fmt::format("getting {}", context.arguments[0]), "got"});
  request.observer = progress.observer();
  const working_copy::Got got =
      working_copy::get(request, *client, {.pool = pool, .stop = context.stop});
  progress.finish();
  tell_what_is_left_out(got, request.directory.string(), context.ui);
  show(request, got, context.ui);
}

}  // namespace

Command get_command() {
  Command command;
  command.name = "get";
  command.summary = "Make a new package of an upstream image, or of a directory in one";
  command.examples =
      "  # A package of one's own, in greetings/, that can be updated\n"
      "  tote get oci://r.example/blueprints/hello:v1 greetings\n\n"
      "  # Of a directory of an image, inside another package\n"
      "  tote get oci://r.example/blueprints//databases/small:v1 greetings/database";
  command.arguments = {{.name = "PLACE", .kind = ArgumentKind::kPlace},
                       {.name = "DIR", .kind = ArgumentKind::kDirectory, .is_optional = true}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<GetOptions>();
  FlagSet& flags = command.flags;
  add_strategy(flags,
               "How updates bring together what has changed here and upstream: merge, which is the "
               "default, fast-forward or replace",
               [options](working_copy::Strategy strategy) { options->strategy = strategy; });
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
