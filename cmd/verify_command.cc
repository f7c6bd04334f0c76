#include "base/error.h"
#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "bundle/verify.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/junit.h"
#include "cmd/progress/progress.h"
#include "cmd/progress/quantities.h"
#include "cmd/registry_flags.h"
#include "cmd/verify_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct VerifyOptions {
  std::string lock;
  std::vector<std::string> tars;
  std::string junit;
  bool deep = false;
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

std::string as_data(const std::string& place, const bundle::Verified& verified) {
  JsonWriter json;
  json.begin_object().member("place", place).member("right", verified.findings.empty());
  json.key("findings").begin_array();
  for (const bundle::Finding& finding : verified.findings)
    json.begin_object()
        .member("kind", bundle::name_of(finding.kind))
        .member("what", finding.what)
        .member("why", finding.why)
        .end_object();
  return json.end_array()
      .member("images", verified.images)
      .member("blobs", verified.blobs)
      .member("bytes_read", verified.bytes)
      .end_object()
      .take();
}

std::string as_text(const std::string& place, const bundle::Verified& verified) {
  std::string text;
  for (const bundle::Finding& finding : verified.findings)
    text += fmt::format("{}: {}: {}\n", bundle::name_of(finding.kind), finding.what, finding.why);
  const std::string looked_at =
      fmt::format("{} images, {} blobs{}", verified.images, verified.blobs,
                  verified.bytes > 0 ? ", " + bytes_text(verified.bytes) + " read" : "");
  if (verified.findings.empty())
    return text + fmt::format("'{}' is as it should be: {}\n", place, looked_at);
  return text + fmt::format("'{}' is not as it should be: {} findings in {}\n", place,
                            verified.findings.size(), looked_at);
}

// A test case for each thing that is not as it should be, and one for the rest.
std::string as_junit(const std::string& place, const bundle::Verified& verified) {
  JunitReport report("tote verify " + place);
  for (const bundle::Finding& finding : verified.findings)
    report.add_failure(finding.what, std::string(bundle::name_of(finding.kind)), finding.why);
  report.add_success(fmt::format("{} images, {} blobs", verified.images, verified.blobs));
  return report.text();
}

void run(const VerifyOptions& options, CommandContext& context) {
  const std::string& place = context.arguments.front();
  const auto client = options.registry.make_client(context);
  ThreadPool pool(options.concurrency.threads());
  bundle::VerifyRequest request = make_request(options, place);
  Progress progress(options.progress, context, {fmt::format("verifying {}", place), {}});
  request.observer = progress.observer();
  const bundle::Verified verified =
      bundle::verify(request, *client, {pool, context.stop, read_options(context)});
  progress.finish();
  if (!options.junit.empty()) replace_file(options.junit, as_junit(place, verified));
  if (context.ui.shows_data())
    context.ui.data(as_data(place, verified));
  else
    context.ui.block(as_text(place, verified));
  if (!verified.findings.empty()) context.exit_code = ExitCode::kDifferent;
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
      "  tote verify app1.tar --deep";
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
