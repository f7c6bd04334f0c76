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
std::set<std::string, std::less<>> paths_in(std::string_view line) {
  constexpr std::string_view kValues = ".Values.";
  std::set<std::string, std::less<>> paths;
  for (std::size_t at = 0; (at = line.find(kValues, at)) != std::string_view::npos;) {
    at += kValues.size();
    const auto end =
        std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_of_path);
    paths.emplace(line.begin() + static_cast<std::ptrdiff_t>(at), end);
  }
  return paths;
}

// Those of them with "}}/" and a letter behind them.
std::set<std::string, std::less<>> prefixes_in(std::string_view line) {
  std::set<std::string, std::less<>> found;
  for (std::size_t at = 0; (at = line.find("}}/", at)) != std::string_view::npos; at += 3) {
    const bool has_name = at + 3 < line.size() && line[at + 3] >= 'a' && line[at + 3] <= 'z';
    const std::size_t begin = line.rfind("{{", at);
    if (!has_name || begin == std::string_view::npos) continue;
    found.merge(paths_in(line.substr(begin, at - begin)));
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
  Paths paths = paths_in(line);
  if (const std::string_view key = unset_key(line); !key.empty()) unset_keys_.emplace(key);
  if (has(line, ".Chart.AppVersion")) app_version_paths_.insert(paths.begin(), paths.end());
  if (has(line, "KubeVersion") || has(line, "kubeVersion"))
    kube_version_paths_.insert(paths.begin(), paths.end());
  if (!is_about_image(line)) return;
  prefixes_.merge(prefixes_in(line));
  image_paths_.merge(paths);
}

void TemplateFacts::add_list(std::string_view line) {
  if (has(line, "range ")) {
    open_lists_ = paths_in(line);
    lines_after_range_ = 3;
  }
  if (lines_after_range_ == 0) return;
  --lines_after_range_;
  if (has(line, "name: {{ . }}")) text_lists_.merge(open_lists_);
}

}  // namespace tote::bundle::discover
