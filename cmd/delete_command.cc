#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/removal.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

namespace tote::cmd {
namespace {

struct DeleteOptions {
  bool referrers = false;
  RegistryFlags registry;
};

std::string as_text(const bundle::Removal& removal, bool is_done) {
  std::string text;
  for (const bundle::RemovedManifest& removed : removal.manifests) {
    text += fmt::format("{} '{}'", is_done ? "Removed" : "Would remove",
                        oci::digest_reference(removal.repository, removed.manifest->digest()));
    if (!removed.type.empty()) text += fmt::format(" ({})", removed.type);
    if (!removed.tags.empty())
      text += fmt::format(" with the tag{} {}", removed.tags.size() == 1 ? "" : "s",
                          fmt::join(removed.tags, ", "));
    text += '\n';
  }
  return text;
}

std::string as_data(const bundle::Removal& removal, bool is_done) {
  JsonWriter json;
  json.begin_object()
      .member("image", oci::digest_reference(removal.repository, removal.image))
      .member("digest", removal.image.str())
      .member("removed", is_done)
      .key("manifests")
      .begin_array();
  for (const bundle::RemovedManifest& removed : removal.manifests)
    json.begin_object()
        .member("digest", removed.manifest->digest().str())
        .member_unless_empty("type", removed.type)
        .member("tags", removed.tags)
        .end_object();
  return json.end_array().member("left", removal.left.attachments).end_object().take();
}

void show(const bundle::Removal& removal, bool is_done, CommandContext& context) {
  context.ui.block(as_text(removal, is_done));
  if (removal.left.attachments > 0)
    context.ui.notice(fmt::format("{} attached to it, and stay{}: --referrers removes that too",
                                  removal.left.attachments == 1
                                      ? "one thing is"
                                      : fmt::format("{} things are", removal.left.attachments),
                                  removal.left.attachments == 1 ? "s" : ""));
  context.ui.data(as_data(removal, is_done));
}

void run(const DeleteOptions& options, CommandContext& context) {
  NamedImage image(context.arguments.front(), options.registry, context);
  const bundle::Session session = image.session();
  const bundle::Removal removal =
      bundle::plan_removal(image.reference(), options.referrers, image.client(), session);
  if (context.says_yes) bundle::remove(removal, image.client(), session);
  show(removal, context.says_yes, context);
  if (!context.says_yes)
    throw Error(ErrorKind::kUsage, "Nothing was removed").with_hint("-y removes it");
}

}  // namespace

Command delete_command() {
  Command command;
  command.name = "delete";
  command.summary = "Delete an image with all tags that lead to it; without -y only say what goes";
  command.examples =
      "  # What would go\n"
      "  tote delete registry.example/app:v1\n\n"
      "  # It goes, with its signatures and whatever else is attached to it\n"
      "  tote delete registry.example/app:v1 --referrers -y";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<DeleteOptions>();
  command.flags.add_bool("referrers", 0, options->referrers,
                         "Delete what is attached to it too, and what is attached to that");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
