// The registry's handlers: method, path, query and body from one input; never an exception.
#include "base/text.h"
#include "testregistry/memory_storage.h"
#include "testregistry/registry_handler.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  namespace tr = testregistry;
  tr::MemoryStorage storage;
  tr::RegistryHandler handler(storage);
  // Each line is a request: METHOD PATH NAME=VALUE... ; what follows a '|' is its body.
  for (const std::string& line : split(fuzz::as_view(data, size), '\n')) {
    const std::size_t bar = line.find('|');
    const std::vector<std::string> words = split(line.substr(0, bar), ' ');
    if (words.size() < 2) continue;
    tr::RequestHead head;
    head.method = words[0];
    head.path = words[1];
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t equals = words[i].find('=');
      if (equals == std::string::npos) continue;
      head.query.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
      head.headers.push_back(head.query.back());
    }
    if (handler.answer_now(head)) continue;
    tr::Begun begun = handler.begin(head);
    auto* exchange = std::get_if<std::unique_ptr<tr::Exchange>>(&begun);
    if (exchange == nullptr) continue;
    if (bar != std::string::npos)
      (*exchange)->on_body(as_bytes(std::string_view(line).substr(bar + 1)));
    const tr::Response response = (*exchange)->finish();
    fuzz::require(response.status >= 200 && response.status < 600, "a status");
  }
  return 0;
}
