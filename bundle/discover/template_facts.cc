#include "bundle/discover/template_facts.h"

#include <algorithm>

namespace tote::bundle::discover {
namespace {

bool has(std::string_view line, std::string_view text) {
  return line.find(text) != std::string_view::npos;
}

bool is_of_path(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// "a.b" of each ".Values.a.b".
std::vector<std::string> paths_in(std::string_view line) {
  constexpr std::string_view kValues = ".Values.";
  std::vector<std::string> paths;
  for (std::size_t at = 0; (at = line.find(kValues, at)) != std::string_view::npos;) {
    at += kValues.size();
    const auto end =
        std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_of_path);
    paths.emplace_back(line.begin() + static_cast<std::ptrdiff_t>(at), end);
  }
  return paths;
}

// Those of them with "}}/" and a letter behind them.
std::vector<std::string> prefixes_in(std::string_view line) {
  std::vector<std::string> found;
  for (std::size_t at = 0; (at = line.find("}}/", at)) != std::string_view::npos; at += 3) {
    const bool has_name = at + 3 < line.size() && line[at + 3] >= 'a' && line[at + 3] <= 'z';
    const std::size_t begin = line.rfind("{{", at);
    if (!has_name || begin == std::string_view::npos) continue;
    for (std::string& path : paths_in(line.substr(begin, at - begin)))
      found.push_back(std::move(path));
  }
  return found;
}

bool is_about_image(std::string_view line) {
  return has(line, "image") || has(line, "Image");
}

bool adds_v(std::string_view line) {
  return has(line, ".Chart.AppVersion") &&
         (has(line, "printf \"v%s\"") || has(line, "\"v{{") || has(line, ":v{{") ||
          has(line, "print \"v\"") || has(line, ":v%s"));
}

// ".repository }}/{{ .name", "%s/%s" with both behind it.
bool joins(std::string_view line) {
  const std::size_t repository = line.find(".repository");
  if (repository == std::string_view::npos) return false;
  const std::size_t name = line.find(".name", repository);
  if (name == std::string_view::npos) return false;
  return has(line, "%s/%s") || has(line.substr(repository, name - repository), "}}/{{");
}

// "KEY" of `unset .Values "KEY"`.
std::string_view unset_key(std::string_view line) {
  const std::size_t begin =
      line.find('"', std::min(line.find(".Values", line.find("unset ")), line.size()));
  if (!has(line, "unset ") || begin == std::string_view::npos) return {};
  const std::size_t end = line.find('"', begin + 1);
  return end == std::string_view::npos ? std::string_view()
                                       : line.substr(begin + 1, end - begin - 1);
}

}  // namespace

TemplateFacts::TemplateFacts(const chart::Chart& chart) {
  constexpr std::string_view kTemplates = "templates/";
  for (auto it = chart.files.lower_bound(kTemplates);
       it != chart.files.end() && it->first.starts_with(kTemplates); ++it)
    add_file(it->second);
}

void TemplateFacts::add_file(std::string_view text) {
  lines_after_range_ = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void TemplateFacts::add_line(std::string_view line) {
  has_v_prefix_ = has_v_prefix_ || adds_v(line);
  joins_repository_and_name_ = joins_repository_and_name_ || joins(line);
  add_list(line);
  if (!has(line, ".Values")) return;
  const std::vector<std::string> paths = paths_in(line);
  const auto add_to = [&](Paths& set) { set.insert(paths.begin(), paths.end()); };
  if (const std::string_view key = unset_key(line); !key.empty()) unset_keys_.emplace(key);
  if (has(line, ".Chart.AppVersion")) add_to(app_version_paths_);
  if (has(line, "KubeVersion") || has(line, "kubeVersion")) add_to(kube_version_paths_);
  add_neighbours(line);
  if (!is_about_image(line)) return;
  for (std::string& path : prefixes_in(line)) prefixes_.insert(std::move(path));
  add_to(image_paths_);
}

void TemplateFacts::add_neighbours(std::string_view line) {
  for (std::size_t at = 0; (at = line.find("}}", at)) != std::string_view::npos; ++at) {
    const std::string_view between = line.substr(at + 2, 3);
    const std::size_t begin = line.rfind("{{", at);
    if (begin == std::string_view::npos || (between != ":{{" && between != "/{{")) continue;
    std::vector<std::string> left = paths_in(line.substr(begin, at - begin));
    const std::size_t right_at = at + 5;
    std::vector<std::string> right = paths_in(
        line.substr(right_at, std::min(line.find("}}", right_at), line.size()) - right_at));
    if (left.empty() || right.empty()) continue;
    if (between == ":{{")
      tags_.try_emplace(left.back(), std::move(right));
    else
      registries_.try_emplace(right.front(), std::move(left));
  }
}

const std::vector<std::string>& TemplateFacts::neighbours(const Neighbours& all,
                                                          std::string_view path) {
  static const std::vector<std::string> kNone;
  const auto found = all.find(path);
  return found == all.end() ? kNone : found->second;
}

const std::vector<std::string>& TemplateFacts::tags_of(std::string_view path) const {
  return neighbours(tags_, path);
}

const std::vector<std::string>& TemplateFacts::registries_of(std::string_view path) const {
  return neighbours(registries_, path);
}

void TemplateFacts::add_list(std::string_view line) {
  if (has(line, "range ")) {
    const std::vector<std::string> paths = paths_in(line);
    open_lists_ = {paths.begin(), paths.end()};
    lines_after_range_ = 3;
  }
  if (lines_after_range_ == 0) return;
  --lines_after_range_;
  if (has(line, "name: {{ . }}")) text_lists_.merge(open_lists_);
}

}  // namespace tote::bundle::discover
