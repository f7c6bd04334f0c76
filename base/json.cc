#include "base/json.h"

#include "base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace tote {
namespace {

using Node = nlohmann::json;

constexpr std::size_t kMaxValues = 2'000'000;  // some 100 bytes of memory each
constexpr std::size_t kMaxDepth = 256;

const Node& as_node(const void* node) {
  return *static_cast<const Node*>(node);
}

[[noreturn]] void complain(const std::string& path, std::string_view expected) {
  throw Error(ErrorKind::kParse, fmt::format("{}: expected {}", path, expected));
}

// Bounds of a text, found without building anything.
struct Bounds {
  std::size_t values = 1;  // at most so many
  std::size_t depth = 0;
};

Bounds bounds_of(std::string_view text) {
  Bounds bounds;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == ',' || c == '[' || c == '{'))
      ++bounds.values;
    if (in_string) continue;
    if (c == '[' || c == '{') bounds.depth = std::max(bounds.depth, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return bounds;
}

void check_bounds(std::string_view text, std::string_view what) {
  const Bounds bounds = bounds_of(text);
  if (bounds.values > kMaxValues)
    throw Error(ErrorKind::kParse, fmt::format("{}: more than {} values", what, kMaxValues));
  // Whoever walks through a document may do so by recursion.
  if (bounds.depth > kMaxDepth)
    throw Error(ErrorKind::kParse, fmt::format("{}: nested deeper than {}", what, kMaxDepth));
}

[[noreturn]] void complain_of_syntax(std::string_view what) {
  throw Error(ErrorKind::kParse, fmt::format("{}: not valid JSON", what));
}

std::shared_ptr<const Node> parse_node(std::string_view text, std::string_view what) {
  auto node = std::make_shared<Node>(Node::parse(text, nullptr, /*allow_exceptions=*/false));
  if (node->is_discarded()) complain_of_syntax(what);
  return node;
}

// Where the value ends that begins at `at`: before a comma or the end of what it is in.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\')
      ++at;
    else if (c == '"')
      in_string = !in_string;
    if (in_string) continue;
    if (depth == 0 && (c == ',' || c == ']' || c == '}')) return at;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
  }
  return text.size();
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

}  // namespace

void Json::visit_items(std::string_view text, std::string_view what,
                       const std::function<bool(const Json&)>& visit) {
  check_bounds(text, what);
  std::size_t at = skip_blanks(text, 0);
  if (at == text.size() || text[at] != '[') {  // no list, or one behind a mark of its encoding
    for (const Json& item : parse(text, what).items())
      if (!visit(item)) return;
    return;
  }
  const std::size_t first = skip_blanks(text, at + 1);
  bool goes_on = first == text.size() || text[first] != ']';
  if (!goes_on) at = first;
  for (std::size_t i = 0; goes_on; ++i) {
    const std::size_t end = end_of_value(text, at + 1);
    auto item = parse_node(text.substr(at + 1, end - at - 1), what);
    const void* root = item.get();
    if (!visit(Json(std::move(item), root, fmt::format("{}: $[{}]", what, i)))) return;
    at = end;
    goes_on = at < text.size() && text[at] == ',';
  }
  if (at == text.size() || text[at] != ']' || skip_blanks(text, at + 1) != text.size())
    complain_of_syntax(what);
}

Json Json::parse_unambiguous(std::string_view text, std::string_view what) {
  Json json = parse(text, what);
  std::vector<std::set<std::string>> objects;  // the keys of those that are open
  const Node::parser_callback_t look = [&](int, Node::parse_event_t event, Node& node) {
    if (event == Node::parse_event_t::object_start) objects.emplace_back();
    if (event == Node::parse_event_t::object_end) objects.pop_back();
    if (event == Node::parse_event_t::key && !objects.back().insert(node.get<std::string>()).second)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: the key '{}' occurs twice", what, node.get<std::string>()));
    return true;
  };
  [[maybe_unused]] const Node parsed = Node::parse(text, look, /*allow_exceptions=*/false);
  return json;
}

Json Json::parse(std::string_view text, std::string_view what) {
  check_bounds(text, what);
  auto document = parse_node(text, what);
  const void* root = document.get();
  return {std::move(document), root, fmt::format("{}: $", what)};
}

bool Json::is_null() const noexcept {
  return as_node(node_).is_null();
}
bool Json::is_object() const noexcept {
  return as_node(node_).is_object();
}
bool Json::is_array() const noexcept {
  return as_node(node_).is_array();
}
bool Json::is_string() const noexcept {
  return as_node(node_).is_string();
}

std::optional<Json> Json::find(std::string_view key) const {
  const Node& node = as_node(node_);
  if (!node.is_object()) complain(path_, "an object");
  const auto found = node.find(key);
  if (found == node.end() || found->is_null()) return std::nullopt;
  return Json(document_, &*found, fmt::format("{}.{}", path_, key));
}

Json Json::at(std::string_view key) const {
  std::optional<Json> found = find(key);
  if (!found) throw Error(ErrorKind::kParse, fmt::format("{}.{}: missing", path_, key));
  return *std::move(found);
}

const std::string& Json::string() const {
  if (!is_string()) complain(path_, "a string");
  return as_node(node_).get_ref<const std::string&>();
}

std::string Json::text() const {
  return as_node(node_).dump(-1, ' ', /*ensure_ascii=*/false, Node::error_handler_t::replace);
}

std::uint64_t Json::number() const {
  const Node& node = as_node(node_);
  if (!node.is_number_unsigned()) complain(path_, "a non-negative whole number");
  return node.get<std::uint64_t>();
}

std::vector<Json> Json::items() const {
  const Node& node = as_node(node_);
  if (!node.is_array()) complain(path_, "a list");
  std::vector<Json> items;
  items.reserve(node.size());
  for (const Node& item : node)
    items.push_back(Json(document_, &item, fmt::format("{}[{}]", path_, items.size())));
  return items;
}

std::vector<std::pair<std::string, Json>> Json::members() const {
  const Node& node = as_node(node_);
  if (!node.is_object()) complain(path_, "an object");
  std::vector<std::pair<std::string, Json>> members;
  for (const auto& [key, value] : node.items())
    members.emplace_back(key, Json(document_, &value, fmt::format("{}.{}", path_, key)));
  return members;
}

std::string Json::string_or(std::string_view key, std::string_view otherwise) const {
  const std::optional<Json> found = find(key);
  return found ? found->string() : std::string(otherwise);
}

std::map<std::string, std::string> Json::string_map(std::string_view key) const {
  std::map<std::string, std::string> map;
  if (const std::optional<Json> found = find(key))
    for (const auto& [name, value] : found->members())
      map.emplace(name, value.is_null() ? std::string() : value.string());
  return map;
}

std::vector<Json> Json::items_of(std::string_view key) const {
  const std::optional<Json> found = find(key);
  return found ? found->items() : std::vector<Json>{};
}

}  // namespace tote
