// What the text of a chart's templates says about the way images are put together. They are not
// rendered: lines are looked at.
#pragma once

#include "chart/chart.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

class TemplateFacts {
 public:
  // Of the files below templates/.
  explicit TemplateFacts(const chart::Chart& chart);

  // The version of the app gets a "v" in front: `printf "v%s" .Chart.AppVersion`.
  bool has_v_prefix() const noexcept { return has_v_prefix_; }
  // Somewhere a repository, a "/" and a name follow one another.
  bool joins_repository_and_name() const noexcept { return joins_repository_and_name_; }

  // Of a path below .Values, with "." between its keys: whether a line uses it that is about an
  // image, that has the version of the app in it, or the version of Kubernetes.
  bool image_uses(std::string_view path) const { return image_paths_.contains(path); }
  bool app_version_for(std::string_view path) const { return app_version_paths_.contains(path); }
  bool kube_version_for(std::string_view path) const { return kube_version_paths_.contains(path); }
  // What stands behind the ":" of `{{ .Values.PATH }}:{{ .Values.A | default .Values.B }}`, in
  // order.
  const std::vector<std::string>& tags_of(std::string_view path) const;
  // And in front of the "/" of `{{ .Values.A }}/{{ .Values.PATH }}`.
  const std::vector<std::string>& registries_of(std::string_view path) const;
  // Whether a "/" and a name follow it: `{{ .Values.PATH }}/api`.
  bool goes_on_with_path(std::string_view path) const { return prefixes_.contains(path); }
  // Whether a key is taken out of the values once they are read: `unset .Values "KEY"`.
  bool unsets(std::string_view key) const { return unset_keys_.contains(key); }
  // Whether the items of a list are written as names: `name: {{ . }}`.
  bool takes_texts(std::string_view path) const { return text_lists_.contains(path); }

 private:
  using Paths = std::set<std::string, std::less<>>;

  void add_file(std::string_view text);
  void add_line(std::string_view line);
  void add_list(std::string_view line);
  void add_neighbours(std::string_view line);

  Paths image_paths_;
  Paths app_version_paths_;
  Paths kube_version_paths_;
  using Neighbours = std::map<std::string, std::vector<std::string>, std::less<>>;
  static const std::vector<std::string>& neighbours(const Neighbours& all, std::string_view path);

  Neighbours tags_;
  Neighbours registries_;
  Paths prefixes_;
  Paths unset_keys_;
  Paths text_lists_;
  Paths open_lists_;  // of the last "range"
  std::size_t lines_after_range_ = 0;
  bool has_v_prefix_ = false;
  bool joins_repository_and_name_ = false;
};

}  // namespace tote::bundle::discover
