// The registry's handlers: requests and their bodies from one input; never an exception, and what
// was taken is given back.
#include "base/text.h"
#include "oci/digest.h"
#include "testregistry/api/registry_handler.h"
#include "testregistry/http/request_target.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;
namespace tr = testregistry;

std::string_view header(const tr::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

tr::Response answer(tr::Handler& handler, const tr::RequestHead& head, std::string_view body) {
  if (auto now = handler.answer_now(head)) return *std::move(now);
  tr::Begun begun = handler.begin(head);
  if (auto* response = std::get_if<tr::Response>(&begun)) return std::move(*response);
  const auto exchange = std::get<std::unique_ptr<tr::Exchange>>(std::move(begun));
  if (!body.empty()) exchange->on_body(as_bytes(body));
  return exchange->finish();
}

void check(const tr::RequestHead& head, const tr::Response& response, std::string_view body) {
  fuzz::require(response.status >= 200 && response.status < 500, "a status");
  const bool is_push = head.method == "PUT" || head.method == "POST";
  const std::string_view digest = header(response, "Docker-Content-Digest");
  if (is_push && response.status == 201 && head.path.find("/manifests/") != std::string::npos) {
    const auto named = oci::Digest::try_parse(digest);
    fuzz::require(named && oci::Digest::of(as_bytes(body), named->algorithm()) == *named,
                  "a manifest is stored under its digest");
  }
}

}  // namespace

// Each line is a request: METHOD TARGET NAME=VALUE... with headers; what follows a '|' is its body.
// A '$' at the beginning of a target is the Location that was answered last.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tr::MemoryStorage storage;
  tr::RegistryHandler handler(storage);
  std::string location;
  for (const std::string& line : split(fuzz::as_view(data, size), '\n')) {
    const std::size_t bar = line.find('|');
    const std::string body = bar == std::string::npos ? "" : line.substr(bar + 1);
    const std::vector<std::string> words = split(line.substr(0, bar), ' ');
    if (words.size() < 2) continue;
    tr::RequestHead head;
    head.method = words[0];
    const bool goes_on = !words[1].empty() && words[1][0] == '$';
    if (!tr::parse_target(goes_on ? location + words[1].substr(1) : words[1], head)) continue;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string::npos) continue;
      head.headers.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
    }
    const tr::Response response = answer(handler, head, body);
    check(head, response, body);
    if (const auto next = header(response, "Location"); !next.empty()) location = next;
  }
  return 0;
}
