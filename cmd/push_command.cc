#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bundle/bundle_image.h"
#include "bundle/bundle_lock.h"
#include "bundle/push.h"
#include "cmd/command.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

constexpr std::size_t kThreads = 4;

struct PushOptions {
  std::string bundle;
  std::string image;
  std::vector<std::string> files;
  std::vector<std::string> exclusions = {".git"};
  std::map<std::string, std::string> labels;
  std::string lock_output;
  bool preserve_permissions = false;
  RegistryFlags registry;
};

void check(const PushOptions& options) {
  const auto refuse = [](std::string text) { throw Error(ErrorKind::kUsage, std::move(text)); };
  if (options.labels.contains(bundle::kBundleLabel))
    refuse(fmt::format("label '{}' is reserved and cannot be overriden. Please use a different key",
                       bundle::kBundleLabel));
  if (!options.bundle.empty() && !options.image.empty())
    refuse("Expected only one of image or bundle");
  if (options.bundle.empty() && options.image.empty()) refuse("Expected either image or bundle");
  if (!options.image.empty() && !options.lock_output.empty())
    refuse("Lock output is not compatible with image, use bundle for lock output");
}

oci::Reference parse_target(const std::string& text) {
  return while_doing([&] { return fmt::format("Parsing '{}'", text); },
                     [&] { return oci::Reference::parse_tag(text); });
}

void write_lock(const std::string& path, const bundle::BundleLock& lock) {
  AtomicFile file(path);
  file.write(as_bytes(lock.encode()));
  file.finish();
}

void run(const PushOptions& options, CommandContext& context) {
  const auto client = options.registry.make_client(context);
  check(options);
  bundle::PushRequest request;
  request.as_bundle = !options.bundle.empty();
  request.target = parse_target(request.as_bundle ? options.bundle : options.image);
  request.files = options.files;
  request.exclusions = options.exclusions;
  request.labels = options.labels;
  if (options.preserve_permissions) request.permissions = bundle::Permissions::kPreserve;
  request.on_file = [&](const bundle::PushFile& file) {
    context.ui.log(fmt::format("{}: {}\n", file.is_directory ? "dir" : "file", file.name));
  };
  ThreadPool pool(kThreads);
  const oci::Digest digest = bundle::push(request, *client, pool, context.stop);
  if (!options.lock_output.empty())
    write_lock(options.lock_output, {{request.target.repository, {}, digest}, request.target.tag});
  const std::string name = oci::digest_reference(request.target.repository, digest);
  context.ui.result(fmt::format("Pushed '{}'", name));
  context.ui.data(json_object({{request.as_bundle ? "bundle" : "image", name},
                               {"digest", digest.str()},
                               {"tag", request.target.tag}}));
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
      "  tote push -i repo/app1-config -f config/ -f additional-config.yml";
  auto options = std::make_shared<PushOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Set bundle reference");
  flags.add_string("image", 'i', options->image, "Set image reference");
  flags
      .add_list("file", 'f', options->files,
                "Set file (format: /tmp/foo) (can be specified multiple times)")
      .is_path = true;
  flags.add_list("file-exclusion", 0, options->exclusions,
                 "Exclude file whose path, relative to the bundle root, matches (format: "
                 "nested/foo) (can be specified multiple times)");
  flags.add_list("file-exclude-defaults", 0, options->exclusions, "Excluded file paths by default")
      .deprecated = "use '--file-exclusion' instead";
  flags.add_map("labels", 'l', options->labels, "Set labels on image (format: key=value,...)");
  flags.add_path("lock-output", 0, options->lock_output,
                 "Location to output the generated lockfile");
  flags.add_bool("preserve-permissions", 0, options->preserve_permissions,
                 "Preserve the group and all permissions of files");
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) { run(*options, context); };
  return command;
}

}  // namespace tote::cmd
