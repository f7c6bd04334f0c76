#include "base/error.h"
#include "base/json_writer.h"
#include "base/temporary_file.h"
#include "bundle/discover/values_overlay.h"
#include "cmd/commands.h"
#include "cmd/values_output.h"
#include "cmd/values_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
namespace discover = bundle::discover;

constexpr std::array<std::string_view, 6> kKinds{"helm",      "containerd", "registries.conf",
                                                 "openshift", "kustomize",  "kbld"};

struct ValuesCommandOptions {
  ValuesSource source;
  discover::OverlayOptions overlay;
  std::string kind = {};  // empty: helm
  std::string output;
  std::string rewrite;
  bool print_helm = false;
};

discover::ChartFile chart_of(const KnownBundle& bundle) {
  if (!bundle.chart)
    throw Error(ErrorKind::kUsage, fmt::format("'{}' has no .imgpkg/chart.yml, so nobody knows "
                                               "which values its images come from",
                                               bundle.name))
        .with_hint("'tote lock --chart CHART -o DIR/.imgpkg/images.yml' writes it");
  return while_doing([&] { return fmt::format("Reading the chart.yml of '{}'", bundle.name); },
                     [&] { return discover::ChartFile::parse(*bundle.chart, "chart.yml"); });
}

void say_what_is_left(const discover::Overlay& overlay, const ValuesCommandOptions& options,
                      Ui& ui) {
  for (const std::string& image : overlay.elsewhere)
    ui.notice(
        fmt::format("Image '{}' does not stand among the values: the chart's templates name "
                    "it, and no value moves it",
                    image));
  for (const discover::UnresolvedPlace& place : overlay.unresolved)
    ui.notice(fmt::format("'{}' was not told when the bundle was made: {}",
                          discover::path_text(place.path), place.reason));
  if (!options.overlay.pull_secrets.empty() && !overlay.takes_secrets)
    ui.notice("The chart has no place for names of secrets among its values");
}

std::string as_data(const KnownBundle& bundle, const std::string& output, const std::string& text) {
  JsonWriter json;
  json.begin_object().member_unless_empty("output", output);
  if (output.empty()) json.member("text", text);
  json.key("images").begin_array();
  for (const bundle::MovedImage& image : bundle.images.all())
    json.begin_object().member("image", image.id).member("name", image.to.str()).end_object();
  return json.end_array().end_object().take();
}

void show(const KnownBundle& bundle, const std::string& output, const std::string& text,
          const std::string& sentence, Ui& ui) {
  if (ui.shows_data()) return ui.data(as_data(bundle, output, text));
  if (output.empty()) return ui.document(text);
  ui.result(sentence);
}

void write_overlay(const ValuesCommandOptions& options, const KnownBundle& bundle, Ui& ui) {
  const discover::ChartFile chart = chart_of(bundle);
  const discover::Overlay overlay = discover::values_overlay(
      chart, [&](const std::string& id) { return bundle.images.place_of(id); }, options.overlay);
  say_what_is_left(overlay, options, ui);
  if (!options.output.empty()) replace_file(options.output, overlay.yaml);
  show(bundle, options.output, overlay.yaml,
       fmt::format("Wrote values for {} {} of chart '{}' to '{}'", overlay.images.size(),
                   overlay.images.size() == 1 ? "image" : "images", overlay.chart, options.output),
       ui);
  if (!options.print_helm || ui.shows_data()) return;
  const auto name = std::find_if(chart.charts.begin(), chart.charts.end(),
                                 [&](const auto& one) { return one.name == overlay.chart; });
  const std::string registry =
      bundle.images.all().empty() ? "REGISTRY" : bundle.images.all().front().to.registry;
  ui.document(helm_lines(*name, options.output, registry, options.overlay.pull_secrets));
}

void write_mirrors(const ValuesCommandOptions& options, const KnownBundle& bundle, Ui& ui) {
  const OutputFiles files = mirror_files(options.kind, bundle.images, options.overlay.digests);
  std::string all;
  for (const auto& [name, text] : files) {
    all += name.empty() ? text : fmt::format("{}# {}\n{}", all.empty() ? "" : "\n", name, text);
    if (options.output.empty()) continue;
    const fs::path path = name.empty() ? fs::path(options.output) : options.output / fs::path(name);
    if (!name.empty()) fs::create_directories(path.parent_path());
    // Other programs read them, as other users.
    replace_file(path, text, 0644);
  }
  show(bundle, options.output, all,
       fmt::format("Wrote {} for {} {} to '{}'", options.kind, bundle.images.all().size(),
                   bundle.images.all().size() == 1 ? "image" : "images", options.output),
       ui);
}

void rewrite(const ValuesCommandOptions& options, const KnownBundle& bundle, Ui& ui) {
  const RewrittenFiles rewritten =
      rewrite_directory(options.rewrite, bundle.images, options.overlay.digests);
  for (const std::string& image : rewritten.unknown)
    ui.notice(fmt::format("Image {} is not in the bundle, and left as it is", image));
  if (ui.shows_data())
    return ui.data(JsonWriter()
                       .begin_object()
                       .member("files", rewritten.files)
                       .member("references", rewritten.references)
                       .end_object()
                       .take());
  ui.result(fmt::format("Replaced {} {} in {} {} below '{}'", rewritten.references,
                        rewritten.references == 1 ? "reference" : "references", rewritten.files,
                        rewritten.files == 1 ? "file" : "files", options.rewrite));
}

void run(const ValuesCommandOptions& options, CommandContext& context) {
  const KnownBundle bundle = options.source.find(context);
  if (!options.rewrite.empty()) return rewrite(options, bundle, context.ui);
  if (options.kind.empty() || options.kind == "helm")
    return write_overlay(options, bundle, context.ui);
  write_mirrors(options, bundle, context.ui);
}

void add_flags(ValuesCommandOptions& options, FlagSet& flags) {
  options.source.add_to(flags);
  flags.add_array("pull-secret", 0, options.overlay.pull_secrets,
                  "Name of a Kubernetes secret for pulling, wherever the chart takes one");
  flags.add_string("chart", 0, options.overlay.chart,
                   "Name of the chart, if the bundle is of several");
  flags.add_bool("digests", 0, options.overlay.digests,
                 "Write digests, where there is a place for them");
  flags
      .add_string("as", 0, options.kind,
                  "What to write: helm (the default), containerd, registries.conf, openshift, "
                  "kustomize, kbld")
      .checked_by([&options] {
        if (!options.kind.empty() &&
            std::find(kKinds.begin(), kKinds.end(), options.kind) == kKinds.end())
          throw Error(ErrorKind::kUsage, fmt::format("--as can only have the following values [{}]",
                                                     fmt::join(kKinds, ", ")));
      });
  flags.add_path("output", 'o', options.output,
                 "File to write to, instead of stdout; of containerd a directory");
  flags
      .add_path("rewrite", 0, options.rewrite,
                "Replace references in the YAML and JSON files below this directory instead")
      .excludes({"output", "as", "pull-secret", "chart"});
  flags
      .add_bool("print-helm", 0, options.print_helm,
                "Print the commands to type behind the file of values")
      .needs({"output"});
}

}  // namespace

Command values_command() {
  Command command;
  command.name = "values";
  command.summary = "Write values that point a Helm chart at copied images";
  command.examples =
      "  # Values for the chart of a bundle that was copied here\n"
      "  tote values -b registry.internal/app -o app-values.yml --print-helm\n\n"
      "  # Before it is copied there\n"
      "  tote values --tar app.tar --to-prefix registry.internal/mirror\n\n"
      "  # Mirrors for containerd\n"
      "  tote values -b registry.internal/app --as containerd -o /etc/containerd/certs.d\n\n"
      "  # References in manifests, in place\n"
      "  tote values -b registry.internal/app --rewrite ./manifests";
  command.is_own = true;
  command.is_unlisted = true;
  command.json = "--json";
  auto options = std::make_shared<ValuesCommandOptions>();
  add_flags(*options, command.flags);
  options->source.registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->source.registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
