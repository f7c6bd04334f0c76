#include "base/error.h"
#include "base/temporary_file.h"
#include "bundle/prune.h"
#include "bundle/repair.h"
#include "bundle/verify.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/verify_flags.h"
#include "cmd/verify_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tote::cmd {
namespace {

struct VerifyOptions {
  std::string lock;
  std::vector<std::string> tars;
  std::string junit;
  bool deep = false;
  bool repair = false;
  bool prune = false;
  VerifyFlags signatures;
  ConcurrencyFlag concurrency;
  ProgressFlags progress;
  RegistryFlags registry;
};

bundle::VerifyRequest make_request(const VerifyOptions& options, const std::string& place) {
  bundle::VerifyRequest request{.place = bundle::parse_place(place),
                                .deep = options.deep,
                                .signatures = options.signatures.policy()};
  if (!options.lock.empty()) request.expected = bundle::read_any_lock(options.lock);
  if (!options.tars.empty())
    request.expected = bundle::FromArchive{{options.tars.begin(), options.tars.end()}};
  return request;
}

// What -y would do.
std::string advice(const VerifyResult& result) {
  const auto extra = std::count_if(
      result.verified.findings.begin(), result.verified.findings.end(),
      [](const bundle::Finding& finding) { return finding.kind == bundle::FindingKind::kExtra; });
  return extra == 0 ? std::string()
                    : fmt::format("nothing was removed: -y removes what is extra ({})\n", extra);
}

VerifyResult look(const VerifyOptions& options, const CommandContext& context,
                  registry::Client& client, bundle::Observer observer,
                  const bundle::Session& session) {
  bundle::VerifyRequest request = make_request(options, context.arguments.front());
  request.observer = std::move(observer);
  if (options.prune) bundle::check_prunable(request.place);
  VerifyResult result;
  if (options.repair) {
    bundle::Repaired repaired = bundle::verify_and_repair(request, client, session);
    result = {std::move(repaired.verified), std::move(repaired.repaired), {}};
  } else {
    result.verified = bundle::verify(request, client, session);
  }
  if (options.prune && context.says_yes)
    result.removed = bundle::prune(request.place, result.verified.findings, client, session);
  return result;
}

void run(const VerifyOptions& options, CommandContext& context) {
  const std::string& place = context.arguments.front();
  const auto client =
      options.registry.make_client(context, options.concurrency.of(context.ui.is_imgpkg()));
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, *client);
  Progress progress(options.progress, context, {fmt::format("verifying {}", place), {}});
  const VerifyResult result = look(options, context, *client, progress.observer(),
                                   {.pool = pool,
                                    .stop = context.stop,
                                    .reading = read_options(context),
                                    .streams = concurrency.streams});
  progress.finish();
  if (!options.junit.empty()) replace_file(options.junit, result.as_junit(place));
  if (context.ui.shows_data())
    context.ui.data(result.as_data(place));
  else
    context.ui.block(result.as_text(place) +
                     (options.prune && !context.says_yes ? advice(result) : ""));
  if (!result.verified.findings.empty()) context.exit_code = ExitCode::kDifferent;
}

}  // namespace

Command verify_command() {
  Command command;
  command.name = "verify";
  command.summary = "Compare a repository, an archive or a layout with what should be there";
  command.examples =
      "  # Whether everything of a bundle is where it was copied to\n"
      "  tote verify internal-registry/app1-bundle:v1\n\n"
      "  # Whether a repository has what an archive holds, with the content of every blob\n"
      "  tote verify internal-registry/app1-bundle:v1 --tar app1.tar --deep\n\n"
      "  # An archive before it is carried away\n"
      "  tote verify app1.tar --deep\n\n"
      "  # Fetch what is missing or damaged from the archive\n"
      "  tote verify internal-registry/app1-bundle:v1 --tar app1.tar --deep --repair\n\n"
      "  # Remove what the archive does not hold\n"
      "  tote verify internal-registry/app1-bundle --tar app1.tar --prune -y";
  command.arguments = {{"PLACE", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  command.exit_codes = {{ExitCode::kDifferent, "not everything is as it should be"}};
  auto options = std::make_shared<VerifyOptions>();
  FlagSet& flags = command.flags;
  flags
      .add_path("lock", 0, options->lock,
                "Path to a BundleLock or ImagesLock that says what should be there")
      .excludes({"tar"});
  flags
      .add_array("tar", 0, options->tars,
                 "Path to an archive or layout that holds what should be there (can be specified "
                 "multiple times)")
      .is_path = true;
  flags.add_bool("deep", 0, options->deep,
                 "Read every blob, instead of asking whether it is there");
  flags
      .add_bool("repair", 0, options->repair,
                "Fetch what is missing or damaged from that archive, or from where the lock says "
                "that it is, set tags that are missing or lead elsewhere, and look again")
      .needs({"lock", "tar"});
  flags
      .add_bool(
          "prune", 0, options->prune,
          "Remove what is extra from a repository or a layout; without -y only say what that is")
      .needs({"lock", "tar"});
  flags.add_path("junit", 0, options->junit, "Location to write the findings to as JUnit XML");
  options->signatures.add_to(flags);
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
