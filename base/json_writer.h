// Writing JSON (RFC 8259): the members in the order in which they are written, the bytes those that
// Go's encoding/json gives.
#pragma once

#include "base/json_quote.h"

#include <concepts>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

class Json;

struct JsonStyle {
  // Blanks per level, each value on a line of its own, as Go's MarshalIndent has it; 0: all on one
  // line without blanks.
  std::size_t indent = 0;
  JsonEscape escape = JsonEscape::kLikeGo;  // of keys and strings
};

// JSON text that is written as it is. It has to be one valid value.
struct RawJson {
  std::string_view text;
};

// Writes one document, from its beginning to its end. For one thread. A call that JSON has no place
// for (a value where a key is due, an end without its beginning) is a bug of the caller:
// Error{kInternal}, so that what comes out is valid whenever raw values are.
class JsonWriter {
 public:
  explicit JsonWriter(JsonStyle style = {}) : style_(style) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(RawJson json);
  JsonWriter& value(bool is_true) { return value(RawJson{is_true ? "true" : "false"}); }
  JsonWriter& value(std::nullptr_t) { return value(RawJson{"null"}); }
  template <std::integral Number>
  JsonWriter& value(Number number) {
    return value(RawJson{std::to_string(number)});
  }
  template <class Item>
  JsonWriter& value(const std::vector<Item>& items);
  // Sorted by key, as in Go.
  template <class Value>
  JsonWriter& value(const std::map<std::string, Value>& members);

  // Of an object.
  template <class Value>
  JsonWriter& member(std::string_view name, const Value& value) {
    return key(name).value(value);
  }
  // Nothing for an empty text, list or map: Go's "omitempty".
  template <class Value>
  JsonWriter& member_unless_empty(std::string_view name, const Value& value) {
    return value.empty() ? *this : member(name, value);
  }
  // Those of another object, sorted by key, but for some.
  JsonWriter& members_of(const Json& object, const std::set<std::string_view>& left_out);

  // The document, which has to be whole; the writer can not be used again.
  std::string take();

 private:
  struct Level {
    bool is_object;
    bool is_empty = true;
  };

  static void require(bool has_place);
  void begin_value();
  void begin_item(Level& level);
  void begin_line();
  JsonWriter& begin(bool is_object);
  JsonWriter& end(bool is_object);

  JsonStyle style_;
  std::vector<Level> open_;  // outermost first
  bool has_key_ = false;     // and its value is due
  bool is_done_ = false;
  std::string out_;
};

template <class Item>
JsonWriter& JsonWriter::value(const std::vector<Item>& items) {
  begin_array();
  for (const Item& item : items) value(item);
  return end_array();
}

template <class Value>
JsonWriter& JsonWriter::value(const std::map<std::string, Value>& members) {
  begin_object();
  for (const auto& [name, inner] : members) member(name, inner);
  return end_object();
}

// One value as a compact document.
template <class Value>
std::string as_json(const Value& value) {
  return JsonWriter().value(value).take();
}

}  // namespace tote
