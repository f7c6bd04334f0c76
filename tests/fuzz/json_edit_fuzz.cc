// Edits of JSON text: the result reads as the same edit of the tree, and no other byte has changed.
// The input: keys between slashes, a line break, a value, a line break, the document.
#include "base/json.h"
#include "base/json_edit.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <optional>
#include <span>

namespace {

using namespace tote;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The tree with `value` at `path`, without what is there if that is empty.
std::string edit_tree(const std::optional<Json>& tree, std::span<const std::string> path,
                      std::string_view value) {
  if (path.empty()) return std::string(value);
  if (tree && !tree->is_object()) return tree->text();  // only where something is removed
  JsonWriter json;
  json.begin_object();
  if (tree) json.members_of(*tree, {path.front()});
  const std::optional<Json> inner = tree ? tree->find(path.front()) : std::nullopt;
  const bool is_removed = value.empty() && path.size() == 1;
  if (inner || !value.empty()) {
    if (!is_removed) json.member(path.front(), RawJson{edit_tree(inner, path.subspan(1), value)});
  } else if (tree && !is_removed) {
    for (const auto& [key, null] : tree->members())
      if (key == path.front()) json.member(key, nullptr);
  }
  return json.end_object().take();
}

std::string text_of(std::string_view json) {
  return Json::parse(json, "text").text();
}

// What is added to an object with members comes out again.
void check_that_it_can_be_taken_back(std::string_view text, const JsonPath& path,
                                     const std::string& with) {
  Json object = Json::parse(text, "text");
  for (const std::string& key : std::span(path).first(path.size() - 1)) {
    const std::optional<Json> inner = object.find(key);
    if (!inner) return;
    object = *inner;
  }
  const auto members = object.members();
  const bool is_new = !members.empty() &&
                      std::none_of(members.begin(), members.end(),
                                   [&](const auto& member) { return member.first == path.back(); });
  if (is_new)
    fuzz::require(json_without(with, path, "again") == text, "an addition can be taken back");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::as_view(data, size);
  const std::string_view keys = take_line(text);
  const std::string_view value = take_line(text);
  if (!is_utf8(keys)) return 0;  // such a key can not be written as it is
  const JsonPath path = split(keys, '/');
  fuzz::allow_errors([&] {
    const std::string without = json_without(text, path, "text");
    fuzz::require(text_of(without) == text_of(edit_tree(Json::parse(text, "text"), path, "")),
                  "it is gone, and nothing else");
  });
  fuzz::allow_errors([&] {
    const std::string with = json_with(text, path, RawJson{value}, "text");
    fuzz::require(text_of(with) == text_of(edit_tree(Json::parse(text, "text"), path, value)),
                  "it is there, and all else as it was");
    check_that_it_can_be_taken_back(text, path, with);
  });
  return 0;
}
