#include "archive/checksums.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/temporary_file.h"
#include "bundle/place.h"
#include "bundle/since.h"
#include "bundle/transfer.h"
#include "bundle/transfer_to_each.h"
#include "cmd/archive_flags.h"
#include "cmd/archive_to_stdout.h"
#include "cmd/cli/command_line.h"
#include "cmd/commands.h"
#include "cmd/copy_options.h"
#include "cmd/copy_places.h"
#include "cmd/copy_plan.h"
#include "cmd/copy_recording.h"
#include "cmd/copy_result.h"
#include "cmd/copy_target.h"
#include "cmd/progress/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <variant>

namespace tote::cmd {
namespace {

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text));
}

archive::ArchiveFormat archive_format(const CopyOptions& options) {
  if (options.tar_format == "imgpkg") return archive::ArchiveFormat::kImgpkg;
  if (options.tar_format == "oci") return archive::ArchiveFormat::kOci;
  if (options.tar_format == "docker") return archive::ArchiveFormat::kDocker;
  refuse("--tar-format can only have the following values [imgpkg, oci, docker]");
}

// Under imgpkg's name no name of a file means more than it does there.
archive::Compression compression(const CopyOptions& options, const Ui& ui) {
  if (options.tar_compress == "zstd") return archive::Compression::kZstd;
  if (options.tar_compress == "none") return archive::Compression::kNone;
  if (!options.tar_compress.empty())
    refuse("--tar-compress can only have the following values [zstd, none]");
  return ui.is_imgpkg() ? archive::Compression::kNone : compression_of(options.to_tar);
}

bool goes_to_stdout(const CopyOptions& options, const Ui& ui) {
  return options.to_tar == "-" && !ui.is_imgpkg();
}

void check_stdout(const CopyOptions& options, const CommandContext& context) {
  if (!goes_to_stdout(options, context.ui)) return;
  for (const auto& [name, is_on] :
       {std::pair("--resume", options.resume), std::pair("--checksum", options.checksum),
        std::pair("--split", options.split.volume_size > 0), std::pair("--json", context.is_json)})
    if (is_on) refuse(fmt::format("Flag {} can not be used with '--to-tar -'", name));
}

void check_compression(const CopyOptions& options, const Ui& ui) {
  if (compression(options, ui) == archive::Compression::kZstd && options.split.volume_size > 0)
    throw Error(ErrorKind::kUsage, "Flag --split can not be used with a compressed archive")
        .with_hint("copy it to a file first, then cut that: tote split FILE --size SIZE");
}

void check_lock_output(const CopyOptions& options) {
  std::vector<std::string> places = options.tars;
  places.insert(places.end(), {options.layout, options.to_tar, options.to_layout});
  for (const std::string& place : places)
    if (!place.empty() && is_same_or_below(options.lock_output, place))
      refuse(fmt::format("Expected --lock-output to be outside of '{}'", place));
}

void check_destination(const CopyOptions& options, bool is_imgpkg) {
  if (!options.to_tar.empty() && !options.tars.empty())
    throw Error(ErrorKind::kUsage, "Cannot use tar source (--tar) with tar destination (--to-tar)")
        .with_hint(is_imgpkg ? ""
                             : "copy --to-layout DIRECTORY makes one of several archives, and "
                               "copy --layout DIRECTORY --to-tar FILE an archive of it");
  if (is_imgpkg && !options.to_tar.empty() && !options.lock_output.empty())
    refuse("Cannot output lock file with tar destination");
  if (!options.lock_output.empty()) check_lock_output(options);
  // Others always go on.
  if (options.to_tar.empty() && options.resume && is_imgpkg)
    refuse("Flag --resume can only be used when copying to tar");
  if (options.checksum && options.to_tar.empty())
    refuse("Flag --checksum can only be used when copying to tar");
  if (options.split.volume_size > 0 && options.to_tar.empty())
    refuse("Flag --split can only be used when copying to tar");
  if (options.split.parity > 0 && options.split.volume_size == 0)
    refuse("Flag --parity can only be used with --split");
  const archive::ArchiveFormat format = archive_format(options);
  if (format != archive::ArchiveFormat::kImgpkg && options.to_tar.empty())
    refuse("Flag --tar-format can only be used when copying to tar");
  if (format == archive::ArchiveFormat::kDocker && !options.since.empty())
    refuse(
        "Flag --since can not be used with '--tar-format docker': docker load needs every layer");
}

// As they were given.
std::string source_of(const CopyOptions& options) {
  return fmt::format("{}{}{}{}{}{}", options.bundle, options.image, options.chart.chart,
                     options.lock, fmt::join(options.tars, ", "), options.layout);
}
std::string target_of(const CopyOptions& options) {
  return fmt::format("{}{}{}", fmt::join(options.to_repos, ", "), options.to_tar,
                     options.to_layout);
}

// A chart is looked for once.
bundle::TransferSource make_source(const CopyOptions& options, const Ui& ui) {
  if (options.found_chart) return *options.found_chart;
  if (!options.bundle.empty()) return bundle::FromBundle{bundle::parse_reference(options.bundle)};
  if (!options.image.empty()) return bundle::FromImage{bundle::parse_reference(options.image)};
  if (!options.lock.empty()) return bundle::read_any_lock(options.lock);
  return bundle::FromArchive{options.archives(ui.is_imgpkg())};
}

template <class Lock>
std::string encoded(const Lock& lock) {
  return lock.encode();
}
[[noreturn]] std::string encoded(const bundle::NoRootBundle&) {
  throw Error(ErrorKind::kParse,
              "Unable to determine correct root bundle to use for lock-output. hint: if copying "
              "from a tarball, try re-generating the tarball");
}

void write_lock(const std::string& path, const bundle::TransferResult& result) {
  replace_file(path, std::visit([](const auto& lock) { return encoded(lock); }, result));
}

bundle::TransferTarget make_target(const CopyOptions& options, const Ui& ui,
                                   const std::optional<ArchiveToStdout>& to_stdout) {
  if (!options.to_tar.empty())
    return bundle::ArchiveTarget{
        to_stdout ? to_stdout->path() : std::filesystem::path(options.to_tar),
        archive_format(options), options.resume, options.split, compression(options, ui)};
  if (!options.to_layout.empty()) return bundle::LayoutTarget{options.to_layout};
  return parse_destination(options.to_repo(), ui.is_imgpkg());
}

// What a user who has stopped it is told; `is_worth_it`: an archive keeps something.
std::string how_to_go_on(const CopyOptions& options, bool is_worth_it,
                         const CommandContext& context) {
  std::vector<std::string> words = context.command_line;
  if (!options.to_tar.empty() && !is_worth_it) return {};
  if (!options.to_tar.empty() && !options.resume) words.emplace_back("--resume");
  return fmt::format("this goes on with it: {}", shell_line(words));
}

bundle::TransferResult copy(const CopyOptions& options, const bundle::TransferTarget& target,
                            const bundle::TransferOptions& transfer, registry::Client& client,
                            const CommandContext& context) {
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, client);
  copy::Failures failures;
  return bundle::transfer(make_source(options, context.ui), target, transfer, client,
                          {.pool = pool,
                           .stop = context.stop,
                           .reading = read_options(context),
                           .failures = options.keep_going ? &failures : nullptr,
                           .streams = concurrency.streams});
}

bundle::TransferPlan look(const CopyOptions& options, const bundle::TransferOptions& transfer,
                          registry::Client& client, const CommandContext& context) {
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, client);
  copy::Failures failures;
  return bundle::plan_transfer(make_source(options, context.ui),
                               make_target(options, context.ui, {}), transfer, client,
                               {.pool = pool,
                                .stop = context.stop,
                                .reading = read_options(context),
                                .failures = options.keep_going ? &failures : nullptr,
                                .streams = concurrency.streams});
}

void show(const CopyOptions& options, const bundle::TransferPlan& plan, CommandContext& context) {
  const std::string json = encode_plan(plan, context);
  if (!options.plan_out.empty()) replace_file(options.plan_out, json + "\n");
  show_plan(plan, json, options.registry.bytes_per_second, context.ui);
  if (plan.would_fail()) context.exit_code = ExitCode::kDifferent;
}

// A plan is carried out as it was made, or not at all.
void check_that_nothing_changed(const bundle::TransferPlan& then, const bundle::TransferPlan& now) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> changes = bundle::differences(then, now);
  if (changes.empty()) return;
  std::string text = fmt::format("The plan does not hold any more: {}", changes.front());
  for (std::size_t i = 1; i < std::min(kShown, changes.size()); ++i) text += "; " + changes[i];
  if (changes.size() > kShown) text += fmt::format("; and {} more", changes.size() - kShown);
  throw Error(ErrorKind::kUsage, text).with_hint("make another one with --dry-run --plan-out");
}

bundle::TransferOptions transfer_options(const CopyOptions& options, registry::Client& client,
                                         const CommandContext& context) {
  bundle::TransferOptions transfer;
  transfer.repository_based_tags = options.repository_based_tags;
  transfer.attached = options.attached.wanted(context.ui.is_imgpkg());
  transfer.platforms = options.platforms;
  transfer.rewrite_index = options.rewrite_index;
  transfer.signatures = options.verify.policy();
  transfer.also_as = options.relocation.name();
  transfer.like_imgpkg = context.ui.is_imgpkg();
  transfer.fetch_missing = options.fetch_missing;
  transfer.no_overwrite_tags = options.no_overwrite_tags;
  transfer.max_size = options.max_size;
  transfer.asks_for_all =
      options.dry_run || !options.plan_out.empty() || options.planned.has_value();
  if (options.include_non_distributable)
    transfer.non_distributable = copy::NonDistributable::kInclude;
  if (!options.since.empty()) {
    const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
    ThreadPool pool = make_pool(concurrency, client);
    transfer.since = std::make_shared<const bundle::FarSide>(bundle::look_at_far_side(
        options.since, bundle::repository_of(make_source(options, context.ui)), client,
        {.pool = pool,
         .stop = context.stop,
         .reading = read_options(context),
         .streams = concurrency.streams}));
  }
  return transfer;
}

bundle::TransferResult copy_or_say_how(const CopyOptions& options,
                                       const bundle::TransferTarget& target,
                                       const bundle::TransferOptions& transfer,
                                       registry::Client& client, const CommandContext& context) {
  try {
    return copy(options, target, transfer, client, context);
  } catch (Cancelled& cancelled) {
    cancelled.with_hint(how_to_go_on(options, !cancelled.hint().empty(), context));
    throw;
  }
}

void check_several_targets(const CopyOptions& options) {
  for (const auto& [name, is_on] :
       {std::pair("--lock-output", !options.lock_output.empty()),
        std::pair("--dry-run", options.dry_run), std::pair("--plan-out", !options.plan_out.empty()),
        std::pair("--plan", !options.plan.empty()), std::pair("--record", options.record),
        std::pair("--to-prefix", !options.relocation.prefix.empty()),
        std::pair("--to-template", !options.relocation.name_template.empty())})
    if (is_on) refuse(fmt::format("Flag {} can not be used with several --to-repo", name));
}

void copy_to_each(const CopyOptions& options, const bundle::TransferOptions& transfer,
                  registry::Client& client, Progress& progress, CommandContext& context) {
  std::vector<bundle::RepositoryTarget> targets;
  for (const std::string& target : options.to_repos)
    targets.push_back(parse_destination(target, false));
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, client);
  copy::Failures failures;
  const std::vector<bundle::Arrival> arrivals =
      bundle::transfer_to_each(make_source(options, context.ui), targets, transfer, client,
                               {.pool = pool,
                                .stop = context.stop,
                                .reading = read_options(context),
                                .failures = options.keep_going ? &failures : nullptr,
                                .streams = concurrency.streams});
  progress.finish();
  show_arrivals(arrivals, context.ui);
}

bundle::TransferSource find_chart(const CopyOptions& options, registry::Client& client,
                                  CommandContext& context) {
  ThreadPool pool = make_pool(options.concurrency.of(context.ui.is_imgpkg()), client);
  return options.chart.source(client, {.pool = pool, .stop = context.stop}, context.ui);
}

void run(CopyOptions& options, CommandContext& context) {
  const auto client =
      options.registry.make_client(context, options.concurrency.of(context.ui.is_imgpkg()));
  check_destination(options, context.ui.is_imgpkg());
  find_out_what_is_copied(options, *client, context);
  if (options.chart.is_given()) options.found_chart = find_chart(options, *client, context);
  if (options.goes_by_prefix_alone())
    options.to_repos = {options.relocation.repository_of(make_source(options, context.ui))};
  check_compression(options, context.ui);
  check_stdout(options, context);
  if (options.has_several_targets(context.ui.is_imgpkg())) check_several_targets(options);
  CopyRecording recording(options);
  PlacedNames placed;
  Progress progress(
      options.progress, context,
      {fmt::format("copying {} to {}", source_of(options), target_of(options)), "copied"},
      "copy | ");
  bundle::TransferOptions transfer = transfer_options(options, *client, context);
  transfer.observer = [&ui = context.ui, &recording, &placed,
                       show = progress.observer()](const bundle::Event& event) {
    show(event);
    recording.add(event);
    placed.add(event);
    tell_of_what_stays(event, ui);
  };
  if (options.has_several_targets(context.ui.is_imgpkg()))
    return copy_to_each(options, transfer, *client, progress, context);
  if (options.dry_run || !options.plan_out.empty()) {
    progress.show_no_summary();
    const bundle::TransferPlan plan = look(options, transfer, *client, context);
    progress.finish();
    return show(options, plan, context);
  }
  if (options.planned)
    check_that_nothing_changed(*options.planned, look(options, transfer, *client, context));
  std::optional<ArchiveToStdout> to_stdout;
  if (goes_to_stdout(options, context.ui)) to_stdout.emplace(context);
  const bundle::TransferResult result = copy_or_say_how(
      options, make_target(options, context.ui, to_stdout), transfer, *client, context);
  progress.finish();
  if (options.checksum)
    archive::write_checksums(options.to_tar, options.split.volume_size > 0, context.stop);
  if (!options.lock_output.empty()) write_lock(options.lock_output, result);
  if (options.record) recording.finish(result, *client, context);
  if (to_stdout) return to_stdout->send();
  show_copy_result(result, target_of(options), placed, context.ui);
}

}  // namespace

Command copy_command() {
  Command command;
  command.name = "copy";
  command.summary = "Copy a bundle from one location to another";
  command.examples =
      "  # Copy bundle dkalinin/app1-bundle to local tarball at /Volumes/app1-bundle.tar\n"
      "  tote copy -b dkalinin/app1-bundle --to-tar /Volumes/app1-bundle.tar\n\n"
      "  # Copy bundle dkalinin/app1-bundle to another registry (or repository)\n"
      "  tote copy -b dkalinin/app1-bundle --to-repo internal-registry/app1-bundle\n\n"
      "  # Copy image dkalinin/app1-image to another registry (or repository)\n"
      "  tote copy -i dkalinin/app1-image --to-repo internal-registry/app1-image\n\n"
      "  # From and to places of all kinds, as skopeo spells them\n"
      "  tote copy docker://ubuntu oci:layout\n"
      "  tote copy oci-archive:app1.tar oci://internal-registry/app1:v1";
  command.arguments = {
      {.name = "SOURCE", .kind = ArgumentKind::kPlace, .is_optional = true, .is_own = true},
      {.name = "TARGET", .kind = ArgumentKind::kPlace, .is_optional = true, .is_own = true}};
  command.json = "--json";
  auto options = std::make_shared<CopyOptions>();
  options->add_to(command.flags);
  command.prepare = [options](CommandContext& context) {
    options->progress.prepare(context);
    take_places(*options, context);
    if (!options->plan.empty()) options->planned = take_plan(options->plan, context);
  };
  command.exit_codes = {{ExitCode::kDifferent,
                         "with --dry-run: something that would be moved is missing, or a tag would "
                         "move that may not"}};
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
