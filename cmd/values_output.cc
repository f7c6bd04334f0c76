#include "cmd/values_output.h"

#include "base/error.h"
#include "base/temporary_file.h"
#include "bundle/discover/kbld_config.h"
#include "bundle/discover/rewrite.h"
#include "bundle/image_search.h"
#include "bundle/mirror_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;
namespace discover = bundle::discover;

// For a shell.
std::string word(const std::string& text) {
  const bool is_plain = !text.empty() && text.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-./:@=+,") == std::string::npos;
  if (is_plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

class Rewriter {
 public:
  Rewriter(const bundle::MovedImages& images, bool digests) : images_(images), digests_(digests) {}

  void read(const fs::path& directory) {
    const std::vector<bundle::SearchedText> texts = bundle::read_manifests(directory);
    discover::KbldConfig kbld;
    for (const bundle::SearchedText& text : texts)
      for (const Yaml& document : Yaml::parse_all(text.text, text.origin)) kbld.add(document);
    for (const bundle::SearchedText& text : texts)
      if (!fs::is_symlink(text.origin)) rewrite(text, kbld);
  }

  RewrittenFiles write() {
    for (const auto& [file, text] : changed_) replace_file(file, text);
    result_.files = changed_.size();
    result_.unknown.assign(unknown_.begin(), unknown_.end());
    return std::move(result_);
  }

 private:
  void rewrite(const bundle::SearchedText& text, const discover::KbldConfig& kbld) {
    const discover::ManifestScan scan = discover::scan_manifests(text.text, text.origin, kbld);
    discover::Rewritten rewritten = discover::rewrite_manifests(
        text.text, text.origin, scan,
        [&](const discover::FoundImage& found) { return new_name(found, text.origin); });
    if (rewritten.changed == 0) return;
    result_.references += rewritten.changed;
    changed_.emplace_back(text.origin, std::move(rewritten.text));
  }

  std::optional<discover::ImageName> new_name(const discover::FoundImage& found,
                                              const std::string& file) {
    const discover::ImageName& name = found.candidates.front();
    const bundle::MovedImage* moved = images_.find(name);
    if (moved == nullptr) {
      // Those that were moved before are where they should be.
      if (found.optional.empty() && !is_new_place(name))
        unknown_.insert(fmt::format("{} ({})", name.str(), file));
      return std::nullopt;
    }
    discover::ImageName to = moved->to;
    if (!digests_ && !to.tag.empty()) to.digest.clear();
    return to;
  }

  bool is_new_place(const discover::ImageName& name) const {
    return std::any_of(images_.all().begin(), images_.all().end(), [&](const auto& image) {
      return image.to.repository_name() == name.repository_name();
    });
  }

  const bundle::MovedImages& images_;
  const bool digests_;
  std::vector<std::pair<std::string, std::string>> changed_ = {};
  std::set<std::string> unknown_ = {};
  RewrittenFiles result_ = {};
};

}  // namespace

OutputFiles mirror_files(const std::string& kind, const bundle::MovedImages& images, bool digests) {
  if (kind == "containerd") return bundle::containerd_hosts(images);
  if (kind == "registries.conf") return {{"", bundle::registries_conf(images)}};
  if (kind == "openshift") return {{"", bundle::openshift_mirrors(images)}};
  if (kind == "kustomize") return {{"", bundle::kustomize_images(images, digests)}};
  return {{"", bundle::kbld_config(images)}};
}

std::string helm_lines(const discover::ChartName& chart, const std::string& overlay,
                       const std::string& registry, const std::vector<std::string>& pull_secrets) {
  std::string lines;
  for (const std::string& secret : pull_secrets)
    lines += fmt::format(
        "kubectl create secret docker-registry {} --namespace NAMESPACE --docker-server {} "
        "--docker-username USER --docker-password PASSWORD\n",
        word(secret), word(registry));
  const std::string version =
      chart.version.empty() ? "" : fmt::format(" --version {}", word(chart.version));
  // Values of one's own stand before it: what is behind counts.
  lines += fmt::format("helm upgrade --install {} CHART{} --namespace NAMESPACE --values {}\n",
                       word(chart.name), version, word(overlay));
  return lines;
}

RewrittenFiles rewrite_directory(const fs::path& directory, const bundle::MovedImages& images,
                                 bool digests) {
  Rewriter rewriter(images, digests);
  rewriter.read(directory);
  return rewriter.write();
}

}  // namespace tote::cmd
