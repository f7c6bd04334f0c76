#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/attach.h"
#include "cmd/annotation_flag.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tote::cmd {
namespace {

struct AttachOptions {
  std::string type;
  std::string media_type;
  std::vector<std::string> files;
  std::map<std::string, std::string> annotations;
  RegistryFlags registry;
};

// RFC 6838, 4.2: what registries and other tools take for one.
void check_media_type(const std::string& flag, const std::string& text) {
  constexpr std::string_view kOthers = "!#$&-^_.+";
  const auto is_name = [&](std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
      return (c < 0x80 && std::isalnum(c) != 0) ||
             kOthers.find(static_cast<char>(c)) != std::string_view::npos;
    });
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos || !is_name(std::string_view(text).substr(0, slash)) ||
      !is_name(std::string_view(text).substr(slash + 1)))
    throw Error(ErrorKind::kUsage, fmt::format("--{}: '{}' is no media type", flag, text))
        .with_hint("one is 'application/spdx+json'");
}

void check(const AttachOptions& options) {
  check_media_type("type", options.type);
  if (!options.media_type.empty()) check_media_type("media-type", options.media_type);
  if (options.files.empty() && options.annotations.empty())
    throw Error(ErrorKind::kUsage, "Expected --file (-f) or --annotation: what is to be attached");
}

void run(const AttachOptions& options, CommandContext& context) {
  check(options);
  NamedImage image(context.arguments.front(), options.registry, context);
  const oci::ManifestPtr subject = image.manifest();
  const std::unique_ptr<oci::Artifact> artifact =
      bundle::build_attachment({.type = options.type,
                                .files = {options.files.begin(), options.files.end()},
                                .media_type = options.media_type,
                                .annotations = options.annotations,
                                .temporary = context.temporary},
                               subject->descriptor());
  bundle::attach(*artifact, image.repository(), image.session());
  const std::string name = image.name_of(artifact->digest());
  context.ui.own_result(
      fmt::format("Attached '{}' to '{}'", name, image.name_of(subject->digest())));
  context.ui.data(
      as_json(std::map<std::string, std::string>{{"image", name},
                                                 {"digest", artifact->digest().str()},
                                                 {"subject", image.name_of(subject->digest())}}));
}

}  // namespace

Command attach_command() {
  Command command;
  command.name = "attach";
  command.summary = "Attach files to an image: an SBOM, a report, a signature";
  command.examples =
      "  tote attach registry.example/app:v1 -f sbom.json --type application/spdx+json\n\n"
      "  # Words alone\n"
      "  tote attach registry.example/app:v1 --type application/vnd.example.note "
      "--annotation checked-by=me";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<AttachOptions>();
  FlagSet& flags = command.flags;
  flags.add_array("file", 'f', options->files, "File to attach (can be specified multiple times)")
      .dash_is_a_stream()
      .is_path = true;
  flags
      .add_string("type", 0, options->type,
                  "What it is: a media type, such as application/spdx+json")
      .required = true;
  flags.add_string("media-type", 0, options->media_type,
                   "Media type of the files, if it is another one than --type");
  add_annotations(flags, options->annotations,
                  "Annotation of what is attached (format: KEY=VALUE) (can be specified multiple "
                  "times)");
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
