// Rules, credentials and the token service: nobody gets in who has not logged in.
#include "base/text.h"
#include "testregistry/access/access.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/http/request_target.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;
namespace tr = testregistry;

// Everything but reading below public/ is behind a password that no input has.
tr::AccessOptions options(tr::AuthScheme scheme) {
  tr::AccessOptions made{tr::AccessRules::parse("anonymous public/** pull\nuser ** *\n", "rules")};
  made.scheme = scheme;
  made.token_key = "of the test";
  return made;
}

tr::Response answer(tr::Handler& handler, const tr::RequestHead& head, std::string_view body) {
  if (auto now = handler.answer_now(head)) return *std::move(now);
  tr::Begun begun = handler.begin(head);
  if (auto* response = std::get_if<tr::Response>(&begun)) return std::move(*response);
  const auto exchange = std::get<std::unique_ptr<tr::Exchange>>(std::move(begun));
  exchange->on_body(as_bytes(body));
  return exchange->finish();
}

void ask(tr::Handler& handler, const std::string& line) {
  const std::vector<std::string> words = split(line, ' ');
  if (words.size() < 2) return;
  tr::RequestHead head;
  head.method = words[0];
  if (!tr::parse_target(words[1], head)) return;
  const std::size_t credentials = words[0].size() + words[1].size() + 2;
  if (credentials < line.size())
    head.headers.emplace_back("Authorization", line.substr(credentials));
  const tr::Response response = answer(handler, head, line);
  fuzz::require(response.status >= 200 && response.status < 500, "a status");
  const bool is_token = head.path == "/token";
  const bool is_public =
      head.path.starts_with("/v2/public/") || head.path == "/v2/" || head.path == "/v2";
  fuzz::require(response.status >= 300 || is_token || is_public, "others see nothing");
  const bool reads = head.method == "GET" || head.method == "HEAD";
  fuzz::require(response.status >= 300 || is_token || reads, "others change nothing");
}

}  // namespace

// The first line is a rule and a repository that it may match; the others are requests:
// METHOD TARGET AUTHORIZATION.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::string> lines = split(fuzz::as_view(data, size), '\n');
  fuzz::allow_errors([&] {
    const auto rules = tr::AccessRules::parse(lines[0], "input");
    for (const std::string& repository : split(lines[0], ' ')) rules.allowed("user", repository);
  });
  tr::MemoryStorage storage;
  tr::RegistryHandler registry(storage);
  tr::Users users(tr::Htpasswd{});  // bcrypt would be all that is measured
  for (const auto scheme : {tr::AuthScheme::kBasic, tr::AuthScheme::kToken}) {
    tr::Access access(registry, users, options(scheme));
    for (std::size_t i = 1; i < lines.size(); ++i) ask(access, lines[i]);
  }
  return 0;
}
