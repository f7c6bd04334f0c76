#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/remove_tag.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct RmOptions {
  RegistryFlags registry;
};

// "latest" goes only if somebody says so.
oci::Reference parse_tag_argument(const std::string& text) {
  oci::Reference reference = parse_image_argument(text);
  const std::string_view name = std::string_view(text).substr(text.rfind('/') + 1);
  if (reference.digest || name.find(':') == std::string_view::npos)
    throw Error(ErrorKind::kUsage, fmt::format("Expected a tag in '{}'", text))
        .with_hint("a tag is named REPOSITORY:TAG; tote delete removes an image by its digest");
  return reference;
}

void run(const RmOptions& options, CommandContext& context) {
  const oci::Reference tag = parse_tag_argument(context.arguments.front());
  NamedImage image(tag, options.registry, context);
  const oci::Digest digest = bundle::remove_tag(tag.tag, image.repository(), image.session());
  const std::string name = image.name_of(digest);
  context.ui.own_result(fmt::format("Removed the tag '{}' of '{}'", tag.tag, name));
  context.ui.data(as_json(std::map<std::string, std::string>{
      {"image", name}, {"digest", digest.str()}, {"tag", tag.tag}}));
}

}  // namespace

Command tag_rm_command() {
  Command command;
  command.name = "rm";
  command.summary = "Remove a tag; the image that it leads to stays";
  command.examples = "  tote tag rm registry.example/app:old";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<RmOptions>();
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
