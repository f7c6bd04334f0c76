#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/image_list.h"
#include "bundle/listed_place.h"
#include "cmd/age_text.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/progress/quantities.h"
#include "cmd/registry_flags.h"
#include "registry/catalog.h"
#include "registry/registry_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <variant>

namespace tote::cmd {
namespace {

constexpr std::string_view kInternalSuffix = ".imgpkg";

struct LsOptions {
  bool internal_tags = false;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::vector<std::string> row_of(const bundle::ListedImage& image) {
  if (!image.digest) return {image.name, "", "", "", ""};
  return {image.name, image.digest->str(), bytes_text(image.bytes), age_text(image.created, now()),
          fmt::format("{}", fmt::join(image.platforms, ","))};
}

void write(JsonWriter& json, const bundle::ListedImage& image) {
  json.begin_object().member("name", image.name);
  if (image.digest)
    json.member("digest", image.digest->str())
        .member("media_type", image.media_type)
        .member("bytes", image.bytes)
        .member_unless_empty("created", image.created)
        .member("platforms", image.platforms);
  json.member_unless_empty("error", image.error).end_object();
}

std::string as_data(const char* kind, const std::string& place,
                    const std::vector<bundle::ListedImage>& images) {
  JsonWriter json;
  json.begin_object().member(kind, place).key("images").begin_array();
  for (const bundle::ListedImage& image : images) write(json, image);
  return json.end_array().end_object().take();
}

class Listing {
 public:
  Listing(const LsOptions& options, CommandContext& context)
      : options_(options),
        context_(context),
        client_(options.registry.make_client(context, concurrency())),
        pool_(make_pool(concurrency(), *client_)) {}

  void operator()(const bundle::ListedRegistry& place) {
    show(place.registry, place.prefix, repositories_of(place));
  }

  // A repository, or else the beginning of the names of some.
  void operator()(const bundle::RegistryPlace& place) {
    if (!place.sub_path.empty())
      throw Error(ErrorKind::kUsage, "Files in images can not be listed")
          .with_hint("tote pull puts them into a directory");
    if (place.digest || !place.tag.empty())
      return show(place.repository, {place.reference().identifier()});
    std::optional<std::vector<std::string>> tags;
    try {
      tags = tags_of(place.repository);
    } catch (registry::RegistryError& error) {
      if (error.kind() != ErrorKind::kNotFound && !error.has_code("NAME_INVALID")) throw;
      if (!show_below(place.repository))
        throw error.with_hint(fmt::format("nor does the registry list repositories below '{}'",
                                          place.repository.name()));
    }
    if (tags) show(place.repository, *tags);
  }

  void operator()(const bundle::FilePlace& place) {
    const archive::ArchiveReader archive(place.path, read_options(context_));
    show("place", place.path.string(), bundle::list_images(archive, session()));
  }

  void operator()(const bundle::StandardStream&) {
    const archive::ArchiveReader archive("-", read_options(context_));
    show("place", "-", bundle::list_images(archive, session()));
  }

 private:
  Concurrency concurrency() const { return options_.concurrency.of(context_.ui.is_imgpkg()); }
  bundle::Session session() { return {.pool = pool_, .stop = context_.stop}; }

  std::vector<std::string> repositories_of(const bundle::ListedRegistry& place) {
    std::vector<std::string> names =
        registry::list_repositories(client_->host(place.registry), context_.stop);
    std::erase_if(names, [&](const std::string& name) { return !name.starts_with(place.prefix); });
    std::sort(names.begin(), names.end());
    return names;
  }

  // False if there are none, as far as the registry says.
  bool show_below(const oci::Repository& repository) {
    const bundle::ListedRegistry place{repository.registry, repository.path + "/"};
    std::vector<std::string> names;
    try {
      names = repositories_of(place);
    } catch (const registry::RegistryError&) {
      return false;  // that there is no such repository is what whoever asked wants to know
    }
    if (names.empty()) return false;
    show(place.registry, place.prefix, names);
    return true;
  }

  std::vector<std::string> tags_of(const oci::Repository& repository) {
    std::vector<std::string> tags = client_->repository(repository).tags(context_.stop);
    if (!options_.internal_tags)
      std::erase_if(tags, [](const std::string& tag) { return tag.ends_with(kInternalSuffix); });
    std::sort(tags.begin(), tags.end());
    return tags;
  }

  void show(const std::string& registry, const std::string& prefix,
            const std::vector<std::string>& names) {
    Table table{"Repositories", {{"Name"}}, {}};
    for (const std::string& name : names) table.rows.push_back({registry + "/" + name});
    if (!context_.ui.shows_data()) return context_.ui.table(std::move(table));
    context_.ui.data(JsonWriter()
                         .begin_object()
                         .member("registry", registry)
                         .member_unless_empty("prefix", prefix)
                         .member("repositories", names)
                         .end_object()
                         .take());
  }

  void show(const oci::Repository& repository, const std::vector<std::string>& names) {
    copy::ManifestCache cache([this](const oci::Repository& name) -> oci::ImageReader& {
      return client_->repository(name);
    });
    show("repository", repository.name(), bundle::list_images(names, repository, cache, session()));
  }

  void show(const char* kind, const std::string& place,
            const std::vector<bundle::ListedImage>& images) {
    for (const bundle::ListedImage& image : images)
      if (!image.error.empty())
        context_.ui.notice(fmt::format("'{}' can not be looked at: {}", image.name, image.error));
    if (context_.ui.shows_data()) return context_.ui.data(as_data(kind, place, images));
    Table table{"Images", {{"Name"}, {"Digest"}, {"Size"}, {"Age"}, {"Platforms"}}, {}};
    for (const bundle::ListedImage& image : images) table.rows.push_back(row_of(image));
    context_.ui.table(std::move(table));
  }

  const LsOptions& options_;
  CommandContext& context_;
  const std::unique_ptr<registry::Client> client_;
  ThreadPool pool_;
};

void run(const LsOptions& options, CommandContext& context) {
  const bundle::ListedPlace place = bundle::parse_listed_place(context.arguments.front());
  std::visit(Listing(options, context), place);
}

}  // namespace

Command ls_command() {
  Command command;
  command.name = "ls";
  command.summary =
      "List the repositories of a registry, or the images of a repository, an archive or a layout";
  command.examples =
      "  # The repositories of a registry, or those below a path\n"
      "  tote ls registry.example\n"
      "  tote ls registry.example/team/\n\n"
      "  # The tags of a repository with digests, sizes, ages and platforms; a path that is no\n"
      "  # repository is the beginning of names\n"
      "  tote ls registry.example/team/app\n\n"
      "  # What an archive holds\n"
      "  tote ls app.tar";
  command.arguments = {{"PLACE", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<LsOptions>();
  command.flags.add_bool("imgpkg-internal-tags", 0, options->internal_tags,
                         "Include internal .imgpkg tags");
  options->concurrency.add_to(command.flags);
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
