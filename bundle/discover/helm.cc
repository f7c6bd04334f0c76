#include "bundle/discover/helm.h"

#include "base/error.h"
#include "base/process.h"
#include "base/text.h"

#include <fmt/format.h>

namespace tote::bundle::discover {
namespace {

constexpr const char* kHelm = "helm";
constexpr std::size_t kMaxManifests = std::size_t{256} << 20U;

// What begins with "-" would be a flag.
std::string as_argument(const std::filesystem::path& path) {
  const std::string text = path.string();
  return text.starts_with('-') ? "./" + text : text;
}

std::vector<std::string> arguments_of(const HelmCall& call) {
  std::vector<std::string> arguments{kHelm, "template", call.release, as_argument(call.chart)};
  for (const std::filesystem::path& file : call.values_files)
    arguments.push_back("--values=" + file.string());
  for (const std::string& set : call.sets) arguments.push_back("--set=" + set);
  for (const std::string& set : call.set_texts) arguments.push_back("--set-string=" + set);
  if (!call.name_space.empty()) arguments.push_back("--namespace=" + call.name_space);
  if (!call.kube_version.empty()) arguments.push_back("--kube-version=" + call.kube_version);
  for (const std::string& version : call.api_versions)
    arguments.push_back("--api-versions=" + version);
  return arguments;
}

std::string reason_of(const ProcessResult& result) {
  std::string errors(trim(result.errors));
  if (!errors.empty()) return errors;
  return fmt::format("helm ended with exit code {} and said nothing", result.exit_status);
}

}  // namespace

bool has_helm(const Environment& environment) {
  return find_program(kHelm, environment);
}

Rendering render_with_helm(const HelmCall& call, const Environment& environment) {
  try {
    ProcessResult result =
        run_process(arguments_of(call), "", environment,
                    {.timeout = call.timeout, .max_output = kMaxManifests, .stop = call.stop});
    if (result.exit_status != 0) return {.failure = reason_of(result)};
    if (result.is_cut) return {.failure = "helm wrote more than 256 MiB"};
    return {.manifests = std::move(result.output)};
  } catch (const Error& error) {
    return {.failure = error.message()};
  }
}

}  // namespace tote::bundle::discover
