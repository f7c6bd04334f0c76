#include "base/error.h"
#include "base/json_writer.h"
#include "base/task_group.h"
#include "bundle/place.h"
#include "chart/chart_package.h"
#include "chart/repository_index.h"
#include "cmd/archive_flags.h"
#include "cmd/archive_tags.h"
#include "cmd/commands.h"
#include "cmd/image_flag.h"
#include "cmd/named_image.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace tote::cmd {
namespace {

constexpr std::string_view kInternalSuffix = ".imgpkg";

struct ListOptions {
  std::string image;
  ArchiveFlags archive;
  bool digests = false;
  bool internal_tags = false;
  RegistryFlags registry;
};

struct ResolveOptions {
  std::string image;
  ArchiveFlags archive;
  std::string semver;
  RegistryFlags registry;
};

// An argument may have a scheme in front.
oci::Reference parse_image(const std::string& text, const CommandContext& context) {
  return context.arguments.empty() ? bundle::parse_reference(text) : parse_image_argument(text);
}

std::vector<std::vector<std::string>> add_digests(const std::vector<std::string>& tags,
                                                  registry::RemoteRepository& repository,
                                                  registry::Client& client,
                                                  const CommandContext& context) {
  std::vector<std::vector<std::string>> rows(tags.size());
  ThreadPool pool = make_pool(ConcurrencyFlag{}.of(context.ui.is_imgpkg()), client);
  TaskGroup group(pool, context.stop);
  for (std::size_t i = 0; i < tags.size(); ++i)
    group.run([&, i](std::stop_token token) {
      const auto descriptor = repository.resolve(tags[i], token);
      // Nothing: removed since the list was made.
      rows[i] = {tags[i], descriptor ? descriptor->digest.str() : ""};
    });
  group.wait();
  return rows;
}

void run_list(const ListOptions& options, CommandContext& context) {
  if (options.archive.is_given())
    return context.ui.table(
        tags_of_archive(options.archive.path(), options.internal_tags, context));
  const oci::Reference reference = parse_image(image_of(options.image, context), context);
  const auto client =
      options.registry.make_client(context, ConcurrencyFlag{}.of(context.ui.is_imgpkg()));
  registry::RemoteRepository& repository = client->repository(reference.repository);
  std::vector<std::string> tags = repository.tags(context.stop);
  if (!options.internal_tags)
    std::erase_if(tags, [](const std::string& tag) { return tag.ends_with(kInternalSuffix); });
  std::sort(tags.begin(), tags.end());
  Table table{"Tags", {{"Name"}, {"Digest", !options.digests}}, {}};
  if (options.digests)
    table.rows = add_digests(tags, repository, *client, context);
  else
    for (const std::string& tag : tags) table.rows.push_back({tag, ""});
  context.ui.table(std::move(table));
}

void run_resolve_in_archive(const ResolveOptions& options, CommandContext& context) {
  const std::string digest = resolve_in_archive(options.archive.path(), options.image, context);
  context.ui.block(digest + "\n");
  context.ui.data(as_json(std::map<std::string, std::string>{{"digest", digest}}));
}

// The tag of the highest version in a range, by Helm's rules.
std::string tag_in_range(const std::string& range, registry::RemoteRepository& repository,
                         const std::stop_token& stop) {
  const std::vector<std::string> versions = chart::versions_among(repository.tags(stop));
  const std::ptrdiff_t chosen = chart::choose_version(versions, range);
  if (chosen < 0)
    throw Error(
        ErrorKind::kNotFound,
        fmt::format("could not locate a version matching provided version string {}", range))
        .with_hint(
            fmt::format("{} tags of '{}' are versions", versions.size(), repository.name().name()));
  return chart::tag_of_version(versions[static_cast<std::size_t>(chosen)]);
}

void run_resolve(const ResolveOptions& options, CommandContext& context) {
  if (options.archive.is_given()) return run_resolve_in_archive(options, context);
  const oci::Reference reference = parse_image(image_of(options.image, context), context);
  const auto client =
      options.registry.make_client(context, ConcurrencyFlag{}.of(context.ui.is_imgpkg()));
  registry::RemoteRepository& repository = client->repository(reference.repository);
  const std::string wanted = options.semver.empty()
                                 ? reference.identifier()
                                 : tag_in_range(options.semver, repository, context.stop);
  std::optional<oci::Descriptor> found = repository.resolve(wanted, context.stop);
  // The registry's own words for why not.
  if (!found) found = repository.fetch_manifest(wanted, context.stop)->descriptor();
  const std::string name = oci::digest_reference(reference.repository, found->digest);
  context.ui.block(context.ui.is_imgpkg() ? name : name + "\n");
  context.ui.data(as_json(
      std::map<std::string, std::string>{{"image", name}, {"digest", found->digest.str()}}));
}

}  // namespace

Command tag_list_command() {
  Command command;
  command.name = "list";
  command.aliases = {"ls"};
  command.summary = "List tags for image";
  command.arguments = {image_argument()};
  command.json = "--json";
  auto options = std::make_shared<ListOptions>();
  command.flags.add_string("image", 'i', options->image, "Set image reference");
  options->archive.add_to(command.flags);
  command.flags.add_bool("digests", 0, options->digests, "Include digests");
  command.flags.add_bool("imgpkg-internal-tags", 0, options->internal_tags,
                         "Include internal .imgpkg tags");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run_list(*options, context); });
  };
  return command;
}

Command tag_resolve_command() {
  Command command;
  command.name = "resolve";
  command.summary = "Resolve tag to image digest for image";
  command.arguments = {image_argument()};
  command.json = "--json";
  auto options = std::make_shared<ResolveOptions>();
  command.flags.add_string("image", 'i', options->image, "Set image reference");
  options->archive.add_to(command.flags);
  command.flags
      .add_string("semver", 0, options->semver,
                  "Take the tag of the highest version in a range such as '>=1.2 <2'; a tag in the "
                  "reference does not count")
      .own();
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run_resolve(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
