// The flags that say where images are looked for: charts with their values, manifests, lists,
// hints.
#pragma once

#include "bundle/image_search.h"
#include "bundle/session.h"
#include "cmd/cli/command.h"
#include "cmd/cli/flags.h"
#include "registry/client.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::cmd {

class ImageInputs {
 public:
  // `flags` must not outlive this.
  void add_to(FlagSet& flags);

  // Reads everything, and fetches charts that lie elsewhere into `temporary`, which must outlive
  // the search. Values, a repository and a version belong to the chart that is named before them;
  // those before the first chart are for all. Error{kUsage} if there is nothing to look into.
  bundle::ImageSearch read(const CommandContext& context, registry::Client& client,
                           const bundle::Session& session,
                           const std::filesystem::path& temporary) const;

 private:
  void add_charts(FlagSet& flags);
  void add_others(FlagSet& flags);
  void add_choices(FlagSet& flags);

  std::vector<std::string> ordered_;  // of those flags of which the order counts: see read()
  std::vector<std::string> manifests_;
  std::vector<std::string> lists_;
  std::vector<std::string> hints_;
  std::vector<std::string> ignore_;
  bool include_optional_ = false;
  bool include_embedded_ = false;
  bundle::Rendering rendering_;
};

}  // namespace tote::cmd
