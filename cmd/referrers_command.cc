#include "base/json_writer.h"
#include "bundle/attached_tree.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/progress/quantities.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

using Nodes = std::vector<bundle::AttachedNode>;

struct ReferrersOptions {
  std::string artifact_type;
  RegistryFlags registry;
};

std::uint64_t bytes_of(const oci::Manifest& manifest) {
  std::uint64_t bytes = manifest.bytes().size();
  for (const oci::Descriptor& blob : manifest.blobs()) bytes += blob.size;
  return bytes;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as attachments may be nested
void add_lines(const Nodes& nodes, const std::string& indent, std::string& text) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bundle::AttachedNode& node = nodes[i];
    const bool is_last = i + 1 == nodes.size();
    text += fmt::format("{}{}{} {} {}{}\n", indent, is_last ? "└── " : "├── ",
                        node.manifest->digest().str(), node.type.empty() ? "-" : node.type,
                        bytes_text(bytes_of(*node.manifest)),
                        node.tag.empty() ? "" : fmt::format(" (tag {})", node.tag));
    add_lines(node.attached, indent + (is_last ? "    " : "│   "), text);
  }
}

// NOLINTNEXTLINE(misc-no-recursion)
void write(JsonWriter& json, const Nodes& nodes) {
  json.key("referrers").begin_array();
  for (const bundle::AttachedNode& node : nodes) {
    const oci::Manifest& manifest = *node.manifest;
    json.begin_object()
        .member("digest", manifest.digest().str())
        .member("media_type", manifest.media_type())
        .member("artifact_type", node.type)
        .member("bytes", bytes_of(manifest))
        .member_unless_empty("tag", node.tag)
        .member_unless_empty("annotations", manifest.annotations());
    write(json, node.attached);
    json.end_object();
  }
  json.end_array();
}

void run(const ReferrersOptions& options, CommandContext& context) {
  NamedImage image(context.arguments.front(), options.registry, context);
  const oci::Digest digest = image.manifest()->digest();
  const Nodes nodes = bundle::find_attached_tree(
      image.reference().repository, digest, options.artifact_type, image.cache(), image.session());
  std::string text = image.name_of(digest) + "\n";
  add_lines(nodes, {}, text);
  context.ui.block(text);
  JsonWriter json;
  json.begin_object().member("image", image.name_of(digest)).member("digest", digest.str());
  write(json, nodes);
  context.ui.data(json.end_object().take());
}

}  // namespace

Command referrers_command() {
  Command command;
  command.name = "referrers";
  command.summary = "Show what is attached to an image, as a tree: signatures, SBOMs, attestations";
  command.examples =
      "  tote referrers registry.example/app:v1\n\n"
      "  # SBOMs alone\n"
      "  tote referrers registry.example/app:v1 --artifact-type application/spdx+json";
  command.arguments = {{.name = "IMAGE", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<ReferrersOptions>();
  command.flags.add_string("artifact-type", 0, options->artifact_type,
                           "Of what is attached to the image itself only what is of this type");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
