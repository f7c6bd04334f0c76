#include "registry/credential_helper.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

#include <fmt/format.h>

#include <vector>

namespace tote::registry {
namespace {

constexpr std::chrono::milliseconds kHelperDelay{2000};
constexpr std::string_view kNotFound = "credentials not found in native keychain";

// nullopt: the helper has none.
std::optional<Credentials> parse_helper_output(const std::string& output) {
  const Json json = Json::parse(output, "credential helper");
  const std::string username = json.string_or("Username", "");
  const std::string secret = json.string_or("Secret", "");
  if (username == "<token>") return Credentials{.identity_token = secret};
  return Credentials{.username = username, .password = secret};
}

bool is_final_refusal(const std::string& output) {
  return output.find("no credentials server URL") != std::string::npos ||
         output.find("no credentials username") != std::string::npos;
}

}  // namespace

std::optional<Credentials> ask_helper(const std::string& helper, const std::string& key, int tries,
                                      const std::stop_token& stop) {
  // A name with a slash would run any program; docker looks helpers up in PATH only.
  if (helper.empty() || helper.find('/') != std::string::npos)
    throw Error(ErrorKind::kParse, fmt::format("'{}' can not be a credential helper", helper));
  const std::vector<std::string> command = {"docker-credential-" + helper, "get"};
  for (int attempt = 1;; ++attempt) {
    const ProcessResult result = run_process(command, key);
    if (result.exit_status == 0) return parse_helper_output(result.output);
    if (result.output.find(kNotFound) != std::string::npos) return std::nullopt;
    const std::string text = fmt::format("error getting credentials - err: exit status {}, out: {}",
                                         result.exit_status, trim(result.output));
    if (is_final_refusal(result.output)) throw Error(ErrorKind::kUnauthorized, text);
    if (attempt == tries)
      throw Error(ErrorKind::kUnauthorized, fmt::format("Retried {} times: {}", attempt, text));
    system_clock().sleep(kHelperDelay, stop);
  }
}

}  // namespace tote::registry
