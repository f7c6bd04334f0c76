// What `values` makes of moved images, as texts and files.
#pragma once

#include "bundle/discover/values_overlay.h"
#include "bundle/moved_images.h"
#include "cmd/cli/ui.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tote::cmd {

// By name, relative to a directory; one without a name is the only one.
using OutputFiles = std::map<std::string, std::string>;

// --as but for "helm". Error{kUsage} for a kind that does not exist, with those that do.
OutputFiles mirror_files(const std::string& kind, const bundle::MovedImages& images, bool digests);

// The commands to type, one a line.
std::string helm_lines(const bundle::discover::ChartName& chart, const std::string& overlay,
                       const std::string& registry, const std::vector<std::string>& pull_secrets);

struct RewrittenFiles {
  std::size_t files = 0;
  std::size_t references = 0;
  std::vector<std::string> unknown = {};  // images that the bundle does not have, "NAME (FILE)"
};
// References in the YAML and JSON files below `directory`. All are read before the first is
// written, and each is replaced as a whole. Links are not followed. Error{kIo, kParse}.
RewrittenFiles rewrite_directory(const std::filesystem::path& directory,
                                 const bundle::MovedImages& images, bool digests);

}  // namespace tote::cmd
