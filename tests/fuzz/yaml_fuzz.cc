// YAML of any kind: every node stands inside the text, where its marks say.
#include "base/yaml_reader.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace tote;

void check(const Yaml& node, std::string_view text) {
  const std::size_t begin = node.begin_mark().offset;
  const std::size_t end = node.end_mark().offset;
  fuzz::require(begin <= end && end <= text.size(), "marks are inside of the text, in order");
  fuzz::require(text.substr(begin, end - begin) == node.raw(), "the raw text is what is there");
  node.tag();
  if (node.kind() == Yaml::Kind::kList)
    for (const Yaml& item : node.items()) check(item, text);
  if (node.kind() == Yaml::Kind::kMap)
    for (const auto& [key, value] : node.entries()) {
      check(key, text);
      check(value, text);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_view(data, size);
  fuzz::allow_errors([&] {
    const std::vector<Yaml> documents = Yaml::parse_all(text, "text");
    for (const Yaml& document : documents) fuzz::allow_errors([&] { check(document, text); });
    if (documents.empty()) return;
    std::size_t behind = 0;
    for (const auto& [begin, comment] : documents.front().comments()) {
      fuzz::require(begin.offset >= behind, "comments are in order");
      fuzz::require(text.substr(begin.offset, comment.size()) == comment,
                    "comments are where they are said to be");
      behind = begin.offset + comment.size();
    }
  });
  return 0;
}
