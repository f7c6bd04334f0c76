#include "base/error.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/standard_input.h"
#include "bundle/place.h"
#include "bundle/platforms.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/platform_flags.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct GetOptions {
  oci::PlatformChoice platforms;
  RegistryFlags registry;
};

struct PutOptions {
  std::string file;
  std::string media_type;
  RegistryFlags registry;
};

void run_get(const GetOptions& options, CommandContext& context) {
  NamedImage image(context.arguments.front(), options.registry, context);
  oci::ManifestPtr manifest = image.manifest();
  if (!options.platforms.is_all())
    manifest = bundle::image_for(std::move(manifest), options.platforms.wanted().front(),
                                 image.reference().repository, image.cache(), context.stop);
  context.ui.document(manifest->bytes());
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("image", image.name_of(manifest->digest()))
                      .member("digest", manifest->digest().str())
                      .member("media_type", manifest->media_type())
                      .member("bytes", manifest->bytes().size())
                      .member("manifest", RawJson{manifest->json().text()})
                      .end_object()
                      .take());
}

std::string read_manifest(const std::string& file) {
  if (file != "-") return read_file(file, oci::kMaxManifestSize);
  StandardInput input;
  return read_all(input, oci::kMaxManifestSize, "standard input");
}

// With its own media type, or else the one that was given; nobody guesses.
oci::ManifestPtr parse_manifest(std::string bytes, const PutOptions& options,
                                const std::optional<oci::Digest>& wanted) {
  const std::string own = Json::parse(bytes, options.file).string_or("mediaType", "");
  if (own.empty() && options.media_type.empty())
    throw Error(ErrorKind::kUsage, fmt::format("'{}' has no mediaType", options.file))
        .with_hint("say what it is with --media-type");
  const std::string& type = options.media_type.empty() ? own : options.media_type;
  oci::ManifestPtr manifest = oci::Manifest::parse(
      std::move(bytes), type, wanted ? wanted->algorithm() : HashAlgorithm::kSha256);
  oci::check_acceptable(*manifest);
  if (manifest->media_type() != type)
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is a '{}', not a '{}'", options.file,
                                               manifest->media_type(), type));
  if (wanted && *wanted != manifest->digest())
    throw Error(ErrorKind::kUsage, fmt::format("'{}' has the digest '{}', not '{}'", options.file,
                                               manifest->digest().str(), wanted->str()));
  return manifest;
}

void run_put(const PutOptions& options, CommandContext& context) {
  const oci::Reference target = parse_image_argument(context.arguments.front());
  const oci::ManifestPtr manifest =
      parse_manifest(read_manifest(options.file), options, target.digest);
  NamedImage image(target, options.registry, context);
  image.repository().push_manifest(*manifest, target.identifier(), context.stop);
  const std::string name = image.name_of(manifest->digest());
  context.ui.block(name + "\n");
  context.ui.data(as_json(std::map<std::string, std::string>{
      {"image", name}, {"digest", manifest->digest().str()}, {"tag", target.tag}}));
}

}  // namespace

Command manifest_get_command() {
  Command command;
  command.name = "get";
  command.summary = "Print the manifest of an image or an index, byte for byte";
  command.examples =
      "  # Which images an index has\n"
      "  tote manifest get registry.example/app:v1\n\n"
      "  # The manifest of the one for a platform\n"
      "  tote manifest get registry.example/app:v1 --platform linux/arm64";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.json = "--json";
  auto options = std::make_shared<GetOptions>();
  add_platforms(command.flags, options->platforms,
                "Of an index the manifest of the image for this platform, instead of its own");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run_get(*options, context); });
  };
  return command;
}

Command manifest_put_command() {
  Command command;
  command.name = "put";
  command.summary = "Put a manifest into a repository, byte for byte, and print its name";
  command.examples =
      "  # What another tool has changed\n"
      "  tote manifest put registry.example/app:edited -f manifest.json";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.json = "--json";
  auto options = std::make_shared<PutOptions>();
  Flag& file = command.flags.add_path("file", 'f', options->file,
                                      "The manifest; what it names has to be in the repository");
  file.required = true;
  file.dash_is_a_stream();
  command.flags.add_string("media-type", 0, options->media_type,
                           "Its media type, if it has no mediaType");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run_put(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
