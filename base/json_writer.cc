#include "base/json_writer.h"

#include "base/error.h"
#include "base/json.h"

#include <utility>

namespace tote {

void JsonWriter::require(bool has_place) {
  if (!has_place)
    throw Error(ErrorKind::kInternal, "JSON is written in an order that it can not have");
}

void JsonWriter::begin_line() {
  if (style_.indent > 0) out_ += "\n" + std::string(open_.size() * style_.indent, ' ');
}

// What stands in front of a key, or of an item of an array.
void JsonWriter::begin_item(Level& level) {
  if (!std::exchange(level.is_empty, false)) out_ += ',';
  begin_line();
}

JsonWriter& JsonWriter::key(std::string_view name) {
  require(!open_.empty() && open_.back().is_object && !has_key_);
  begin_item(open_.back());
  append_json_quoted(out_, name, style_.escape);
  out_ += style_.indent > 0 ? ": " : ":";
  has_key_ = true;
  return *this;
}

void JsonWriter::begin_value() {
  require(!is_done_);
  if (open_.empty())
    is_done_ = true;
  else if (open_.back().is_object)
    require(std::exchange(has_key_, false));
  else
    begin_item(open_.back());
}

JsonWriter& JsonWriter::begin(bool is_object) {
  begin_value();
  is_done_ = false;
  out_ += is_object ? '{' : '[';
  open_.push_back({is_object});
  return *this;
}

JsonWriter& JsonWriter::end(bool is_object) {
  require(!open_.empty() && open_.back().is_object == is_object && !has_key_);
  const bool is_empty = open_.back().is_empty;
  open_.pop_back();
  if (!is_empty) begin_line();
  out_ += is_object ? '}' : ']';
  is_done_ = open_.empty();
  return *this;
}

JsonWriter& JsonWriter::begin_object() {
  return begin(true);
}
JsonWriter& JsonWriter::end_object() {
  return end(true);
}
JsonWriter& JsonWriter::begin_array() {
  return begin(false);
}
JsonWriter& JsonWriter::end_array() {
  return end(false);
}

JsonWriter& JsonWriter::value(std::string_view text) {
  begin_value();
  append_json_quoted(out_, text, style_.escape);
  return *this;
}

JsonWriter& JsonWriter::value(RawJson json) {
  require(!json.text.empty());
  begin_value();
  out_ += json.text;
  return *this;
}

JsonWriter& JsonWriter::members_of(const Json& object, const std::set<std::string_view>& left_out) {
  for (const auto& [name, value] : object.members())
    if (!left_out.contains(name)) member(name, RawJson{value.text()});
  return *this;
}

std::string JsonWriter::take() {
  require(is_done_);
  return std::move(out_);
}

}  // namespace tote
