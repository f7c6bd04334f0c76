#include "registry/auth/credential_helper.h"

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

Credentials parse_helper_output(const std::string& program, const std::string& output) {
  const Json json = Json::parse(output, program + "'s answer");
  const std::string username = json.string_or("Username", "");
  const std::string secret = json.string_or("Secret", "");
  if (username == "<token>") return {.identity_token = secret};
  return {.username = username, .password = secret};
}

// Helpers say what is wrong on stdout, as those in Go do, or on stderr.
bool says(const ProcessResult& result, std::string_view text) {
  return result.output.find(text) != std::string::npos ||
         result.errors.find(text) != std::string::npos;
}

bool has_nothing(const ProcessResult& result) {
  return says(result, "credentials not found in native keychain");
}

bool is_final_refusal(const ProcessResult& result) {
  return says(result, "no credentials server URL") || says(result, "no credentials username");
}

std::string describe(const ProcessResult& result) {
  std::string text = fmt::format("error getting credentials - err: exit status {}, out: {}",
                                 result.exit_status, trim(result.output));
  if (const std::string_view errors = trim(result.errors); !errors.empty())
    text += fmt::format("{}{}", trim(result.output).empty() ? "" : "; ", errors);
  return text;
}

}  // namespace

HelperAnswer CredentialHelpers::ask(const std::string& helper, const std::string& key, int tries,
                                    const std::stop_token& stop) {
  // A name with a slash would run any program; docker looks helpers up in PATH only.
  if (helper.empty() || helper.find('/') != std::string::npos)
    throw Error(ErrorKind::kParse, fmt::format("'{}' can not be a credential helper", helper));
  return answers_.get({helper, key}, stop, [&] { return run(helper, key, tries, stop); });
}

HelperAnswer CredentialHelpers::run(const std::string& helper, const std::string& key, int tries,
                                    const std::stop_token& stop) const {
  const std::string program = "docker-credential-" + helper;
  if (!find_program(program, environment_)) return {.is_missing = true};
  for (int attempt = 1;; ++attempt) {
    const ProcessResult result = run_process({program, "get"}, key, environment_);
    if (say_ && !trim(result.errors).empty())
      say_(fmt::format("{}: {}\n", program, trim(result.errors)));
    if (result.exit_status == 0)
      return {.credentials = parse_helper_output(program, result.output)};
    if (has_nothing(result)) return {};
    const std::string text = describe(result);
    if (is_final_refusal(result)) throw Error(ErrorKind::kUnauthorized, text);
    if (attempt == tries)
      throw Error(ErrorKind::kUnauthorized, text)
          .add_context(fmt::format("Retried {} times", attempt));
    system_clock().sleep(kHelperDelay, stop);
  }
}

}  // namespace tote::registry
