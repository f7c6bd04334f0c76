#include "base/error.h"
#include "base/json_writer.h"
#include "base/paths.h"
#include "base/temporary_file.h"
#include "bundle/bundle_image.h"
#include "bundle/bundle_lock.h"
#include "bundle/place.h"
#include "bundle/push.h"
#include "bundle/push_chart.h"
#include "bundle/push_index.h"
#include "cmd/annotation_flag.h"
#include "cmd/archive_flags.h"
#include "cmd/chart_flags.h"
#include "cmd/commands.h"
#include "cmd/progress/progress.h"
#include "cmd/push_origin.h"
#include "cmd/registry_flags.h"
#include "cmd/run_flags.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace tote::cmd {
namespace {

struct PushOptions {
  std::string bundle;
  std::string image;
  std::string chart;
  std::vector<std::string> files;
  std::vector<std::string> index;
  std::vector<std::string> exclusions = {".git"};
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::string lock_output;
  std::vector<std::string> to_layout;  // of these and the next the last one counts
  std::vector<std::string> to_tar;
  bool preserve_permissions = false;
  std::string compression;
  std::string origin;
  bool increment = false;
  RunFlags run;
  ProgressFlags progress;
  RegistryFlags registry;

  // Empty: it goes to a registry.
  std::string file() const { return to_layout.empty() ? archive() : to_layout.back(); }
  std::string archive() const { return to_tar.empty() ? "" : to_tar.back(); }
  // A working copy, which knows where it goes to.
  bool names_nothing() const {
    return bundle.empty() && image.empty() && chart.empty() && files.empty() && index.empty() &&
           file().empty();
  }
};

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text));
}

// In imgpkg's words and order.
void check_target(const PushOptions& options) {
  if (options.labels.contains(bundle::kBundleLabel))
    refuse(fmt::format("label '{}' is reserved and cannot be overriden. Please use a different key",
                       bundle::kBundleLabel));
  if (!options.bundle.empty() && !options.image.empty())
    refuse("Expected only one of image or bundle");
  if (options.bundle.empty() && options.image.empty()) refuse("Expected either image or bundle");
  if (!options.image.empty() && !options.lock_output.empty())
    refuse("Lock output is not compatible with image, use bundle for lock output");
}

void check_index(const std::vector<std::string>& index) {
  for (const std::string& name : split_each(index))
    if (name.empty()) refuse("--index: expected an image, got ''");
}

oci::Reference parse_target(const std::string& text) {
  return while_doing([&] { return fmt::format("Parsing '{}'", text); },
                     [&] { return bundle::parse_tag_reference(text); });
}

bundle::LayerCompression parse_compression(const std::string& text) {
  if (text.empty() || text == "gzip") return bundle::LayerCompression::kGzip;
  if (text == "zstd") return bundle::LayerCompression::kZstd;
  refuse("--compression can only have the following values [gzip, zstd]");
}

void write_lock(const std::string& path, const bundle::BundleLock& lock) {
  replace_file(path, lock.encode());
}

bundle::PushRequest make_request(const PushOptions& options, const bundle::PushTarget& target,
                                 const CommandContext& context) {
  bundle::PushRequest request{.target = target};
  request.temporary = context.temporary;
  request.as_bundle = !options.bundle.empty();
  request.files = options.files;
  request.exclusions = options.exclusions;
  request.labels = options.labels;
  request.annotations = options.annotations;
  request.compression = parse_compression(options.compression);
  if (options.preserve_permissions) request.permissions = bundle::Permissions::kPreserve;
  if (options.run.any) {
    request.permissions = bundle::Permissions::kAsTheyAre;
    request.settings = options.run.settings;
    request.owners = options.run.owners;
  }
  return request;
}

std::string result_as_data(const PushOptions& options, const oci::Reference& target,
                           const oci::Digest& digest) {
  std::map<std::string, std::string> data = {{options.bundle.empty() ? "image" : "bundle",
                                              oci::digest_reference(target.repository, digest)},
                                             {"digest", digest.str()},
                                             {"tag", target.tag}};
  if (!options.file().empty()) data["to"] = options.file();
  return as_json(data);
}

void show_result(const PushOptions& options, const oci::Reference& target,
                 const oci::Digest& digest, Ui& ui) {
  const std::string name = oci::digest_reference(target.repository, digest);
  if (!options.file().empty())
    ui.result(fmt::format("Pushed '{}' to '{}'", name, options.file()));
  else
    ui.result(fmt::format("Pushed '{}'", name));
  ui.data(result_as_data(options, target, digest));
}

oci::Digest push(const PushOptions& options, const bundle::PushTarget& target,
                 const bundle::Observer& observer, const CommandContext& context) {
  ThreadPool pool(ConcurrencyFlag{}.of(context.ui.is_imgpkg()).threads);
  if (!options.index.empty())
    return bundle::push_index({target, split_each(options.index), observer}, {pool, context.stop});
  bundle::PushRequest request = make_request(options, target, context);
  request.observer = observer;
  return bundle::push(request, {pool, context.stop});
}

void check_lock_output(const PushOptions& options) {
  if (!options.lock_output.empty() && !options.file().empty() &&
      is_same_or_below(options.lock_output, options.file()))
    refuse(fmt::format("Expected --lock-output to be outside of '{}'", options.file()));
}

void show_chart(const PushOptions& options, const oci::Reference& target, const oci::Digest& digest,
                Ui& ui) {
  const std::string name = oci::digest_reference(target.repository, digest);
  const std::string to = options.file().empty() ? "" : fmt::format(" to '{}'", options.file());
  std::map<std::string, std::string> data = {
      {"chart", name}, {"digest", digest.str()}, {"tag", target.tag}};
  if (!to.empty()) data["to"] = options.file();
  ui.result(fmt::format("Pushed '{}' as '{}'{}", name, target.tag, to));
  ui.data(as_json(data));
}

void push_chart(const PushOptions& options, registry::Client& client, CommandContext& context) {
  check_chart_files(options.files);
  if (options.exclusions != PushOptions{}.exclusions)
    throw Error(ErrorKind::kUsage, "Flag --file-exclusion can not be used with --chart (-c)")
        .with_hint("a file .helmignore in the chart says what is no part of it");
  const std::string& created = options.run.settings.created;
  const chart::ChartPackage package = chart::package_chart(options.files.front());
  const oci::Reference name =
      while_doing([&] { return fmt::format("Parsing '{}'", options.chart); },
                  [&] { return bundle::chart_reference(options.chart, package.chart->metadata); });
  const auto artifact = bundle::build_chart(package, created == bundle::kNoTime ? "" : created);
  Progress progress(options.progress, context, {fmt::format("pushing {}", name.name()), "pushed"});
  ThreadPool pool(ConcurrencyFlag{}.of(false).threads);
  const oci::Digest digest = bundle::push_chart(
      *artifact, {name, options.to_layout.empty() ? "" : options.to_layout.back(), &client},
      progress.observer(), {pool, context.stop});
  progress.finish();
  show_chart(options, name, digest, context.ui);
}

void push_to_origin(PushOptions options, CommandContext& context) {
  const OriginPush origin = plan_origin_push(context.arguments, options.origin, options.increment);
  (origin.is_bundle ? options.bundle : options.image) = origin.target.name();
  check_target(options);
  options.files = {origin.directory.string()};
  const auto client = options.registry.make_client(context, ConcurrencyFlag{}.of(false));
  const std::string name = origin.target.name();
  Progress progress(options.progress, context, {fmt::format("pushing {}", name), "pushed"});
  const oci::Digest digest =
      push(options, {origin.target, {}, client.get()}, progress.observer(), context);
  progress.finish();
  origin.remember(digest);
  if (!options.lock_output.empty())
    write_lock(options.lock_output, {{origin.target.repository, {}, digest}, origin.target.tag});
  context.ui.result(fmt::format("Pushing origin {}", name));
  context.ui.result(fmt::format("Pushed digest {}", digest.str()));
  context.ui.data(result_as_data(options, origin.target, digest));
}

void run(const PushOptions& options, CommandContext& context) {
  if (!context.ui.is_imgpkg() && options.names_nothing()) return push_to_origin(options, context);
  const auto client =
      options.registry.make_client(context, ConcurrencyFlag{}.of(context.ui.is_imgpkg()));
  if (!options.chart.empty()) return push_chart(options, *client, context);
  check_target(options);
  check_lock_output(options);
  const oci::Reference name = parse_target(options.bundle.empty() ? options.image : options.bundle);
  const bundle::PushTarget target{name, options.to_layout.empty() ? "" : options.to_layout.back(),
                                  client.get(), options.archive(),
                                  compression_of(options.archive())};
  Progress progress(options.progress, context, {fmt::format("pushing {}", name.name()), "pushed"});
  const oci::Digest digest = push(options, target, progress.observer(), context);
  progress.finish();
  if (!options.lock_output.empty())
    write_lock(options.lock_output, {{name.repository, {}, digest}, name.tag});
  show_result(options, name, digest, context.ui);
}

// A file instead of the registry. Of several the last one counts.
Flag& add_file(FlagSet& flags, const std::string& name, std::vector<std::string>& target,
               std::string help) {
  Flag& flag = flags.add_array(name, 0, target, std::move(help));
  flag.type = "string";
  flag.is_path = true;
  return flag.own().checked_by([name, &target] {
    if (!target.empty() && target.back().empty())
      refuse(fmt::format("--{}: expected a {}, got ''", name,
                         name == "to-layout" ? "directory" : "file"));
  });
}

}  // namespace

Command push_command() {
  Command command;
  command.name = "push";
  command.summary = "Push files as image";
  command.examples =
      "  # Push bundle repo/app1-config with contents of config/ directory\n"
      "  tote push -b repo/app1-config -f config/\n\n"
      "  # Push image repo/app1-config with contents from multiple locations\n"
      "  tote push -i repo/app1-config -f config/ -f additional-config.yml\n\n"
      "  # Push image repo/app that runs /app, which is root/app here, as user 65532\n"
      "  tote push -i repo/app:1-amd64 -f root/ --entrypoint /app --user 65532 --platform "
      "linux/amd64\n\n"
      "  # Push the Helm chart in web/ as repo/charts/web with its version as the tag\n"
      "  tote push -c repo/charts -f web/\n\n"
      "  # Push image index repo/app:1 of images that are there\n"
      "  tote push -i repo/app:1 --index repo/app:1-amd64 --index repo/app:1-arm64\n\n"
      "  # Push app/ back to where pull got it from, as the version behind the one that it was\n"
      "  tote push app --increment";
  command.arguments = {{.name = "DIR[@VERSION]",
                        .kind = ArgumentKind::kDirectory,
                        .is_optional = true,
                        .is_own = true}};
  command.flags_instead = {"bundle", "image", "chart", "file", "index", "to-layout", "to-tar"};
  command.json = "--json";
  auto options = std::make_shared<PushOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Set bundle reference");
  flags.add_string("image", 'i', options->image, "Set image reference");
  not_for_indexes(flags.add_list("file", 'f', options->files,
                                 "Set file (format: /tmp/foo) (can be specified multiple times)"))
      .is_path = true;
  flags.add_list("file-exclusion", 0, options->exclusions,
                 "Exclude file whose path, relative to the bundle root, matches (format: "
                 "nested/foo) (can be specified multiple times)");
  flags.add_list("file-exclude-defaults", 0, options->exclusions, "Excluded file paths by default")
      .deprecated = "use '--file-exclusion' instead";
  not_for_indexes(
      flags.add_map("labels", 'l', options->labels, "Set labels on image (format: key=value,...)"));
  not_for_indexes(add_annotations(flags, options->annotations,
                                  "Set annotations of the manifest, which is one of OCI's format "
                                  "then (format: KEY=VALUE) (can be specified multiple times)"));
  flags.add_path("lock-output", 0, options->lock_output,
                 "Location to output the generated lockfile");
  not_for_indexes(flags.add_bool("preserve-permissions", 0, options->preserve_permissions,
                                 "Preserve the group and all permissions of files"));
  not_for_indexes(
      flags.add_string("compression", 0, options->compression,
                       "Compress the layer with gzip, which gives imgpkg's digests and is the "
                       "default, or zstd, which is smaller, in an image of OCI's format"))
      .own();
  options->run.add_to(flags);
  for_images_only(
      flags.add_array("index", 0, options->index,
                      "Set an image that is there, to push an index of such images (can be "
                      "specified multiple times)"))
      .own()
      .checked_by([options] { check_index(options->index); });
  add_file(flags, "to-layout", options->to_layout,
           "Location to write an OCI image layout directory to, or to add to one, instead of the "
           "registry; of a bundle with the images that it names")
      .excludes({"to-tar"});
  not_for_indexes(
      add_file(flags, "to-tar", options->to_tar,
               "Location to write an archive to, as copy --to-tar does, instead of the registry; "
               "of a bundle with the images that it names"));
  flags
      .add_string(
          "chart", 'c', options->chart,
          "Set chart reference: a host with a path, to which the name and the version of the "
          "Helm chart are added, or all of it")
      .own()
      .excludes({"annotation", "bundle", "image", "index", "labels", "lock-output",
                 "preserve-permissions", "to-tar"});
  const std::vector<std::string> targets = command.flags_instead;
  flags
      .add_string(
          "origin", 0, options->origin,
          "Where a directory goes to, as oci://HOST/PATH:TAG, instead of where it came from "
          "(.imgpkg/upstream.yml)")
      .own()
      .excludes(targets);
  flags
      .add_bool("increment", 0, options->increment,
                "Push a directory as the version behind the one that it was: v1.2 -> v1.3")
      .own()
      .excludes(targets);
  options->progress.add_to(flags);
  options->registry.add_to(flags);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
