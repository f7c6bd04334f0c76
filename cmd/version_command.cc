#include "base/json_writer.h"
#include "cmd/build_info.h"
#include "cmd/commands.h"
#include "oci/platform.h"
#include "transport/curl_transport.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

namespace tote::cmd {
namespace {

std::vector<std::string> features() {
  std::vector<std::string> features = transport::curl_features();
  if (kIsStatic) features.emplace_back("static");
  return features;
}

std::string as_data() {
  std::map<std::string, std::string> libraries;
  for (const LinkedLibrary& library : kLibraries) libraries.emplace(library.name, library.version);
  return JsonWriter()
      .begin_object()
      .member("version", TOTE_VERSION)
      .member("commit", kCommit)
      .member("built", kBuildDate)
      .member("platform", oci::host_platform().name())
      .member("features", features())
      .member("libraries", libraries)
      .end_object()
      .take();
}

}  // namespace

Command version_command() {
  Command command;
  command.name = "version";
  command.summary = "Print client version";
  command.json = "--json";
  command.run = [](CommandContext& context) {
    context.ui.block(fmt::format("{} version {}\n", context.ui.program(), TOTE_VERSION));
    context.ui.data(as_data());
  };
  return command;
}

}  // namespace tote::cmd
