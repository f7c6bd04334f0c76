#include "base/error.h"
#include "base/json_writer.h"
#include "bundle/place.h"
#include "bundle/promote.h"
#include "cmd/attached_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/copy_result.h"
#include "cmd/progress/progress.h"
#include "cmd/registry_flags.h"
#include "cmd/size_limit_flag.h"
#include "cmd/verify_flags.h"

#include <fmt/format.h>

#include <memory>
#include <variant>

namespace tote::cmd {
namespace {

constexpr std::uint64_t kDefaultLimit = 1U << 30U;

struct PromoteOptions {
  bundle::AnnotationEdits annotations;
  bundle::SizeLimit max_size = kDefaultLimit;
  bool no_overwrite_tags = false;
  bool include_non_distributable = false;
  AttachedFlags attached;
  VerifyFlags verify;
  ConcurrencyFlag concurrency;
  ProgressFlags progress;
  RegistryFlags registry;
};

bundle::RegistryPlace parse_image(const std::string& text) {
  const bundle::Place place = bundle::parse_place(text);
  const auto* image = std::get_if<bundle::RegistryPlace>(&place);
  if (image == nullptr)
    throw Error(ErrorKind::kUsage, "expected an image in a registry")
        .with_hint("copy --tar FILE --to-repo REPOSITORY:TAG takes it out of a file");
  if (!image->sub_path.empty())
    throw Error(ErrorKind::kUsage, "expected a whole image, not a part of one");
  return *image;
}

oci::Reference parse_source(const std::string& text) {
  return while_doing([&] { return fmt::format("failed to parse source reference \"{}\"", text); },
                     [&] { return parse_image(text).reference(); });
}

oci::Reference parse_target(const std::string& text) {
  return while_doing(
      [&] { return fmt::format("failed to parse destination reference \"{}\"", text); },
      [&] {
        const bundle::RegistryPlace place = parse_image(text);
        if (place.tag.empty() || place.digest)
          throw Error(ErrorKind::kUsage, "expected a name with a tag, HOST/PATH:TAG")
              .with_hint("a digest follows from the content");
        return place.reference();
      });
}

// What stays with the source: it is about another image than the annotated one.
void tell(const bundle::AttachedLeftBehind& event, Ui& ui) {
  const std::size_t count = event.what.attachments;
  ui.notice(fmt::format("{} {} with the source: with annotations it is another image", count,
                        count == 1 ? "attachment stays" : "attachments stay"));
}

void tell_of(const bundle::Event& event, bool is_annotated, Ui& ui) {
  const auto* left = std::get_if<bundle::AttachedLeftBehind>(&event);
  if (left != nullptr && is_annotated) return tell(*left, ui);
  tell_of_what_stays(event, ui);
}

void show(const bundle::Promoted& promoted, const PromoteOptions& options,
          const oci::Reference& target, Ui& ui) {
  if (promoted.leaves_images_here)
    ui.notice(
        "it is a bundle: the images that it names stay where they are; copy -b takes them along");
  if (!promoted.has_index && !options.annotations.of_index.empty())
    ui.notice("it is no index: annotations for indexes are left out");
  ui.own_result(fmt::format("Promoted to '{}': '{}'", target.name(),
                            oci::digest_reference(target.repository, promoted.digest)));
  ui.data(as_json(std::map<std::string, std::string>{
      {"image", target.name()}, {"digest", promoted.digest.str()}, {"tag", target.tag}}));
}

bundle::TransferOptions transfer_options(const PromoteOptions& options) {
  bundle::TransferOptions transfer;
  transfer.annotations = options.annotations;
  transfer.max_size = options.max_size;
  transfer.no_overwrite_tags = options.no_overwrite_tags;
  transfer.attached = options.attached.wanted(false);
  transfer.signatures = options.verify.policy();
  if (options.include_non_distributable)
    transfer.non_distributable = copy::NonDistributable::kInclude;
  return transfer;
}

void run(const PromoteOptions& options, CommandContext& context) {
  bundle::Promotion promotion{parse_source(context.arguments.at(0)),
                              parse_target(context.arguments.at(1)), transfer_options(options)};
  const Concurrency concurrency = options.concurrency.of(false);
  const auto client = options.registry.make_client(context, concurrency);
  ThreadPool pool = make_pool(concurrency, *client);
  Progress progress(
      options.progress, context,
      {fmt::format("promoting {} to {}", promotion.source.name(), promotion.target.name()),
       "promoted"});
  promotion.options.observer = [&ui = context.ui, show = progress.observer(),
                                is_annotated = !options.annotations.empty()](const auto& event) {
    show(event);
    tell_of(event, is_annotated, ui);
  };
  const bundle::Promoted promoted = bundle::promote(
      promotion, *client, {.pool = pool, .stop = context.stop, .streams = concurrency.streams});
  progress.finish();
  show(promoted, options, promotion.target, context.ui);
}

void add_flags(FlagSet& flags, PromoteOptions& options) {
  flags
      .add_array("annotation",
                 "Give it an annotation, KEY=VALUE: manifest:KEY=VALUE or KEY=VALUE "
                 "each image, index:KEY=VALUE the index (can be specified multiple times). Digests "
                 "change",
                 [&options](const std::string& text) { options.annotations.add(text); })
      .excludes({"cosign-signatures", "include-referrers"}, {},
                "what is attached to an image is not attached to one with other annotations");
  add_size_limit(
      flags, options.max_size,
      "Refuse to copy more than this from one repository to another, 1GiB without it; by "
      "what manifests say of layers and configs. 0: nothing, -1: anything");
  flags.add_bool("no-overwrite-tags", 0, options.no_overwrite_tags,
                 "Refuse to move a tag that leads elsewhere at the destination");
  flags.add_bool("include-non-distributable-layers", 0, options.include_non_distributable,
                 "Include non-distributable layers");
  options.attached.add_to(flags);
  options.concurrency.add_to(flags);
  options.verify.add_to(flags);
  options.progress.add_to(flags);
  options.registry.add_to(flags);
}

}  // namespace

Command promote_command() {
  Command command;
  command.name = "promote";
  command.summary = "Give an image, index or chart another name, here or in another repository";
  command.examples =
      "  # Give what was tested its version, in the same repository\n"
      "  tote promote registry.example/app@sha256:... registry.example/app:v1.2.3\n\n"
      "  # Copy it to where it is used from, and say where it is from\n"
      "  tote promote dev.example/app:v1.2.3 prod.example/app:v1.2.3 --annotation "
      "org.opencontainers.image.source=https://example.org/app";
  command.arguments = {{"SOURCE", ArgumentKind::kPlace}, {"DESTINATION", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<PromoteOptions>();
  add_flags(command.flags, *options);
  command.prepare = [options](CommandContext& context) { options->progress.prepare(context); };
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
