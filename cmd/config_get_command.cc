#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/platforms.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/platform_flags.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct ConfigOptions {
  oci::PlatformChoice platforms;
  RegistryFlags registry;
};

// As describe has it, if nothing is said.
oci::Platform platform_of(const ConfigOptions& options, CommandContext& context) {
  if (!options.platforms.is_all()) return options.platforms.wanted().front();
  context.ui.notice("it is an index: this is the config of its image for linux/amd64");
  return {"linux", "amd64"};
}

// An artifact's config may be anything.
std::string as_value(const std::string& config) {
  try {
    return Json::parse(config, "config").text();
  } catch (const Error&) {
    return "null";
  }
}

void run(const ConfigOptions& options, CommandContext& context) {
  NamedImage image(context.arguments.front(), options.registry, context);
  const oci::Repository& repository = image.reference().repository;
  oci::ManifestPtr manifest = image.manifest();
  if (manifest->is_index())
    manifest = bundle::image_for(std::move(manifest), platform_of(options, context), repository,
                                 image.cache(), context.stop);
  const oci::Descriptor& config = manifest->config();
  const std::string bytes = image.cache().config(repository, config, context.stop);
  context.ui.document(bytes);
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("image", image.name_of(manifest->digest()))
                      .member("digest", config.digest.str())
                      .member("media_type", config.media_type)
                      .member("bytes", config.size)
                      .member("config", RawJson{as_value(bytes)})
                      .end_object()
                      .take());
}

}  // namespace

Command config_get_command() {
  Command command;
  command.name = "get";
  command.summary = "Print the config of an image, byte for byte: how it is run, and its labels";
  command.examples =
      "  # What the image for a platform runs\n"
      "  tote config get registry.example/app:v1 --platform linux/arm64";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.json = "--json";
  auto options = std::make_shared<ConfigOptions>();
  add_platforms(command.flags, options->platforms,
                "Of an index the config of the image for this platform (default linux/amd64)");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
