#include "base/json.h"
#include "cmd/build_info.h"
#include "cmd/command.h"
#include "oci/platform.h"
#include "registry/curl_transport.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace tote::cmd {
namespace {

std::string features() {
  std::vector<std::string> features = registry::curl_features();
  if (kIsStatic) features.emplace_back("static");
  return json_array(features);
}

std::string as_data() {
  std::map<std::string, std::string> libraries;
  for (const LinkedLibrary& library : kLibraries) libraries.emplace(library.name, library.version);
  return fmt::format(
      R"({{"version":{},"commit":{},"built":{},"platform":{},"features":{},"libraries":{}}})",
      json_quote(TOTE_VERSION), json_quote(kCommit), json_quote(kBuildDate),
      json_quote(oci::host_platform().name()), features(), json_object(libraries));
}

}  // namespace

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "Print client version";
  command.run = [](CommandContext& context) {
    context.ui.block(fmt::format("{} version {}\n", context.ui.program(), TOTE_VERSION));
    context.ui.data(as_data());
  };
  return command;
}

}  // namespace tote::cmd
