// Rendering a chart by Helm itself, if it is there.
#pragma once

#include "base/environment.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle::discover {

struct HelmCall {
  std::filesystem::path chart;                           // a directory or an archive
  std::vector<std::filesystem::path> values_files = {};  // later ones win
  std::vector<std::string> sets = {};                    // "a.b=c", as Helm's --set
  std::vector<std::string> set_texts = {};               // as its --set-string
  std::string release = "release-name";
  std::string name_space = {};
  std::string kube_version = {};               // "1.31"; empty: Helm's own
  std::vector<std::string> api_versions = {};  // "monitoring.coreos.com/v1"
  std::chrono::seconds timeout = std::chrono::minutes(2);
  std::stop_token stop = {};
};

struct Rendering {
  std::optional<std::string> manifests = {};  // nothing: it failed
  std::string failure = {};                   // why: what Helm wrote to stderr
};

// Whether `helm` is on the environment's PATH.
bool has_helm(const Environment& environment);

// `helm template`, which asks no network for a chart whose dependencies are there. A chart that
// does not render, Helm that takes too long or is not there, and manifests of more than 256 MiB are
// a failure, not an Error, since images may be found otherwise; it goes into the report as
// render-failed.
Rendering render_with_helm(const HelmCall& call, const Environment& environment);

}  // namespace tote::bundle::discover
