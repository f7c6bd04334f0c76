#include "cmd/image_inputs.h"

#include "base/error.h"
#include "base/file.h"
#include "base/standard_input.h"
#include "base/temporary_file.h"
#include "bundle/chart_source.h"
#include "bundle/hints_source.h"
#include "cmd/chart_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxText = 256U << 20U;
constexpr const char* kStandardInput = "standard input";

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text));
}

bundle::SearchedText read_text(const std::string& path) {
  if (path != "-") return {read_file(path, kMaxText), path};
  StandardInput input;
  return {read_all(input, kMaxText, kStandardInput), kStandardInput};
}

std::vector<bundle::SearchedText> read_texts(const std::vector<std::string>& paths) {
  std::vector<bundle::SearchedText> texts;
  for (const std::string& path : paths) texts.push_back(read_text(path));
  return texts;
}

std::vector<bundle::SearchedText> read_all_manifests(const std::vector<std::string>& paths) {
  std::vector<bundle::SearchedText> texts;
  for (const std::string& path : paths) {
    std::vector<bundle::SearchedText> more =
        path == "-" ? read_texts({path}) : bundle::read_manifests(path);
    std::move(more.begin(), more.end(), std::back_inserter(texts));
  }
  return texts;
}

bundle::Render parse_render(const std::string& text) {
  if (text == "never") return bundle::Render::kNever;
  if (text == "auto") return bundle::Render::kIfPossible;
  if (text == "always") return bundle::Render::kAlways;
  refuse("--render can only have the following values [never, auto, always]");
}

struct NamedChart {
  std::string name = {};
  std::string repository = {};
  std::string version = {};
  bundle::SearchedChart values = {};  // without the chart itself
};

// The charts in the order of the command line, each with what stands behind it.
class ChartList {
 public:
  void take(const std::string& flag, const std::string& value) {
    if (flag == "chart") {
      charts_.push_back(for_all_);
      charts_.back().name = value;
      return;
    }
    NamedChart& chart = charts_.empty() ? for_all_ : charts_.back();
    if (flag == "repo") chart.repository = value;
    if (flag == "version") chart.version = value;
    if (flag == "values") chart.values.values.push_back(value);
    if (flag == "set") chart.values.sets.push_back(value);
    if (flag == "set-string") chart.values.set_texts.push_back(value);
  }

  const std::vector<NamedChart>& charts() const { return charts_; }

 private:
  NamedChart for_all_ = {};
  std::vector<NamedChart> charts_ = {};
};

bundle::FetchedChart fetch(const NamedChart& named, registry::Client& client,
                           const bundle::Session& session) {
  if (!named.repository.empty())
    return bundle::fetch_chart(bundle::WebChart{named.repository, named.name, named.version},
                               client, session);
  return bundle::fetch_chart(bundle::RegistryChart{named.name, named.version}, client, session);
}

// What can be read once only, such as a pipe, is kept, since Helm and a bundle want it too.
void keep_values(std::vector<std::string>& files, const fs::path& temporary) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!fs::exists(files[i]) || fs::is_regular_file(files[i]) || fs::is_directory(files[i]))
      continue;
    const fs::path kept = temporary / fmt::format("values-{}.yaml", i + 1);
    replace_file(kept, read_file(files[i], kMaxText));
    files[i] = kept.string();
  }
}

bundle::SearchedChart find(const NamedChart& named, registry::Client& client,
                           const bundle::Session& session, const fs::path& temporary, Ui& ui) {
  bundle::SearchedChart chart = named.values;
  if (named.repository.empty() && !named.name.starts_with("oci://")) {
    if (!named.version.empty())
      refuse("Expected --version only with a --chart that lies in a registry, or with --repo");
    chart.path = named.name;
    chart.chart = chart::load_chart(chart.path);
    return chart;
  }
  const bundle::FetchedChart fetched = fetch(named, client, session);
  tell_of(fetched, ui);
  chart.chart = fetched.package.chart;
  chart.locked = fetched.locked;
  chart.path = temporary / fetched.package.file_name();
  replace_file(chart.path, fetched.package.bytes);
  return chart;
}

}  // namespace

void ImageInputs::add_to(FlagSet& flags) {
  add_charts(flags);
  add_others(flags);
  add_choices(flags);
}

void ImageInputs::add_charts(FlagSet& flags) {
  // Their values are read in the order of the command line: see read().
  const auto add = [&](const char* name, char shorthand, const char* help) -> Flag& {
    Flag& flag = flags.add_array(name, help, [](const std::string&) {}).never_empty();
    flag.shorthand = shorthand;
    return std::string_view(name) == "chart" ? flag : flag.needs({"chart"});
  };
  add("chart", 0,
      "Look into this Helm chart: a directory, an archive, oci://REFERENCE, or with --repo a name "
      "(can be specified multiple times)")
      .is_path = true;
  add("repo", 0, "URL of a repository of charts on a web server, in which --chart is a name");
  add("version", 0,
      "Version of a chart in a registry or repository, or a range such as '^1.2', of which the "
      "highest is taken");
  add("values", 'f',
      "File of values for the --chart before it, or for all charts if there is none yet (can be "
      "specified multiple times)")
      .is_path = true;
  add("set", 0, "Values like a.b=c, likewise (can be specified multiple times)");
  add("set-string", 0, "The same, but every value is a text (can be specified multiple times)");
  flags.add_string("render", "auto",
                   "Render charts with helm, so that what their templates do is known: never, "
                   "always, or auto, if there is one",
                   [this](const std::string& text) { rendering_.render = parse_render(text); });
  flags.add_string("kube-version", 0, rendering_.kube_version,
                   "Version of Kubernetes to render for");
  flags.add_array(
      "api-versions", 0, rendering_.api_versions,
      "Kind of objects that the cluster has, to render for (can be specified multiple times)");
}

void ImageInputs::add_others(FlagSet& flags) {
  const auto add_files = [&](const char* name, std::vector<std::string>& target, const char* help) {
    Flag& flag = flags.add_array(name, 0, target, help).never_empty().dash_is_a_stream();
    flag.is_path = true;
  };
  add_files("manifests", manifests_,
            "Look into these Kubernetes manifests, a file, a directory or - (can be specified "
            "multiple times)");
  add_files("images", lists_,
            "Take the images of this file, a lock or a reference a line (can be specified multiple "
            "times)");
  add_files(
      "hints", hints_,
      "File of what can not be seen, also as https:// or oci:// (can be specified multiple times)");
}

void ImageInputs::add_choices(FlagSet& flags) {
  flags.add_array("ignore", 0, ignore_,
                  "Leave out images, or places among the values, that fit this pattern (can be "
                  "specified multiple times)");
  flags.add_bool("include-optional", 0, include_optional_,
                 "Take images too that the values switch off");
  flags.add_bool("include-embedded", 0, include_embedded_,
                 "Take images too that are named in texts for others, such as files in ConfigMaps");
}

bundle::ImageSearch ImageInputs::read(const CommandContext& context, registry::Client& client,
                                      const bundle::Session& session,
                                      const fs::path& temporary) const {
  ChartList list;
  for (const auto& [flag, value] : context.flag_values) list.take(flag, value);
  if (list.charts().empty() && manifests_.empty() && lists_.empty() && hints_.empty())
    refuse("Expected --chart, --manifests, --images or --hints");
  if (std::count(manifests_.begin(), manifests_.end(), "-") +
          std::count(lists_.begin(), lists_.end(), "-") +
          std::count(hints_.begin(), hints_.end(), "-") >
      1)
    refuse("Expected '-', the standard input, once");
  bundle::ImageSearch search;
  for (NamedChart named : list.charts()) {
    const fs::path own = temporary / std::to_string(search.charts.size());
    fs::create_directory(own);
    keep_values(named.values.values, own);
    search.charts.push_back(find(named, client, session, own, context.ui));
  }
  search.manifests = read_all_manifests(manifests_);
  search.lists = read_texts(lists_);
  for (const std::string& name : hints_)
    search.hints.push_back(bundle::is_elsewhere(name) ? bundle::fetch_hints(name, client, session)
                                                      : read_text(name));
  search.rendering = rendering_;
  search.combine.ignore = ignore_;
  search.combine.include_optional = include_optional_;
  search.combine.include_embedded = include_embedded_;
  return search;
}

}  // namespace tote::cmd
