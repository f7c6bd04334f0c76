#include "base/json_edit.h"

#include "base/error.h"
#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace tote {
namespace {

// ---- where things are, in a text that is known to be valid -------------------------------------

constexpr std::string_view kBlanks = " \t\r\n";

// Offsets in the text, in bytes; each end is behind the last byte.
struct Member {
  std::size_t key_begin;  // at its quote
  std::size_t key_end;
  std::size_t begin;  // of the value
  std::size_t end;
};

struct Object {
  std::size_t begin;  // at its brace
  std::size_t end;
  std::vector<Member> members;
};

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return skip_string(text, at);
  if (text[at] != '{' && text[at] != '[')
    return std::min(text.find_first_of(" \t\r\n,]}", at), text.size());
  std::size_t depth = 0;
  do {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  } while (depth > 0);
  return at;
}

Object read_object(std::string_view text, std::size_t begin) {
  Object object{begin, 0, {}};
  std::size_t at = skip_blanks(text, begin + 1);
  while (text[at] != '}') {
    Member member{at, skip_string(text, at), 0, 0};
    const std::size_t colon = skip_blanks(text, member.key_end);
    member.begin = skip_blanks(text, colon + 1);
    member.end = skip_value(text, member.begin);
    object.members.push_back(member);
    at = skip_blanks(text, member.end);
    if (text[at] == ',') at = skip_blanks(text, at + 1);
  }
  object.end = at + 1;
  return object;
}

std::string_view slice(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

// Begin and end of each item of the array that begins there, at its bracket.
std::vector<std::pair<std::size_t, std::size_t>> read_items(std::string_view text,
                                                            std::size_t begin) {
  std::vector<std::pair<std::size_t, std::size_t>> items;
  std::size_t at = skip_blanks(text, begin + 1);
  while (text[at] != ']') {
    items.emplace_back(at, skip_value(text, at));
    at = skip_blanks(text, items.back().second);
    if (text[at] == ',') at = skip_blanks(text, at + 1);
  }
  return items;
}

bool has_key(std::string_view text, const Member& member, std::string_view key) {
  const std::string_view quoted = slice(text, member.key_begin, member.key_end);
  if (quoted.find('\\') == std::string_view::npos)
    return quoted.substr(1, quoted.size() - 2) == key;
  return Json::parse(quoted, "key").string() == key;
}

// The one that counts.
const Member* find(std::string_view text, const Object& object, std::string_view key) {
  const auto found = std::find_if(object.members.rbegin(), object.members.rend(),
                                  [&](const Member& member) { return has_key(text, member, key); });
  return found == object.members.rend() ? nullptr : &*found;
}

std::size_t begin_of_document(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  return skip_blanks(text, text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
}

// Without what may stand around it: that would be taken for the blanks between members.
std::string_view value_in(std::string_view document) {
  const std::size_t begin = begin_of_document(document);
  return slice(document, begin, skip_value(document, begin));
}

// ---- how it is written -------------------------------------------------------------------------

// Of the members of an object.
struct Style {
  std::string newline = {};  // empty: all on one line
  std::string closing = {};  // blanks in front of the brace at the end
  std::string indent = {};   // blanks in front of each member
  std::string colon = ":";   // with the blanks around it

  // Of the objects that are its members.
  Style inner() const {
    const bool is_deeper = indent.size() > closing.size() && indent.starts_with(closing);
    const std::string step = is_deeper ? indent.substr(closing.size()) : "  ";
    return {newline, indent, newline.empty() ? "" : indent + step, colon};
  }
};

std::string newline_in(std::string_view blanks) {
  if (blanks.find('\n') == std::string_view::npos) return {};
  return blanks.find("\r\n") == std::string_view::npos ? "\n" : "\r\n";
}

std::string behind_last_newline(std::string_view blanks) {
  return std::string(blanks.substr(blanks.rfind('\n') + 1));
}

// Blanks in front of the key of the last member.
std::string_view lead_of(std::string_view text, const Object& object) {
  const std::size_t key = object.members.back().key_begin;
  const std::size_t before = text.find_last_not_of(kBlanks, key - 1);
  return slice(text, before + 1, key);
}

// As it is in `object`, or if that has no members what its place demands.
Style style_of(std::string_view text, const Object& object, const std::optional<Style>& outer) {
  if (object.members.empty()) {
    if (outer) return outer->inner();
    const std::string newline = newline_in(slice(text, object.begin, object.end));
    return newline.empty() ? Style{} : Style{newline, "", "  ", ": "};
  }
  const Member& last = object.members.back();
  const std::string_view lead = lead_of(text, object);
  Style style{newline_in(lead), "", "", std::string(slice(text, last.key_end, last.begin))};
  if (style.newline.empty()) return style;
  style.closing = behind_last_newline(slice(text, last.end, object.end - 1));
  style.indent = behind_last_newline(lead);
  return style;
}

// What stands between the last member and one more.
std::string separator(std::string_view text, const Object& object, const Style& style) {
  if (const auto& all = object.members; all.size() > 1)
    return std::string(slice(text, all[all.size() - 2].end, all.back().key_begin));
  const std::string_view lead = lead_of(text, object);
  if (lead.empty()) return style.colon.ends_with(' ') ? ", " : ",";
  return fmt::format(",{}", lead);
}

std::string member_text(std::span<const std::string> path, RawJson value, const Style& style);

// The object that has `value` at `path`.
std::string object_text(std::span<const std::string> path, RawJson value, const Style& style) {
  if (path.empty()) return std::string(value.text);
  return fmt::format("{{{}{}{}{}{}}}", style.newline, style.indent, member_text(path, value, style),
                     style.newline, style.closing);
}

std::string member_text(std::span<const std::string> path, RawJson value, const Style& style) {
  return json_quote(path.front()) + style.colon +
         object_text(path.subspan(1), value, style.inner());
}

// ---- editing -----------------------------------------------------------------------------------

std::string replaced(std::string_view text, std::size_t begin, std::size_t end,
                     std::string_view with) {
  return fmt::format("{}{}{}", text.substr(0, begin), with, text.substr(end));
}

std::string with_member(std::string_view text, const Object& object,
                        std::span<const std::string> path, RawJson value, const Style& style) {
  if (object.members.empty())
    return replaced(text, object.begin, object.end, object_text(path, value, style));
  const std::size_t end = object.members.back().end;
  return replaced(text, end, end, separator(text, object, style) + member_text(path, value, style));
}

[[noreturn]] void complain(std::string_view what, std::span<const std::string> path) {
  throw Error(ErrorKind::kParse, fmt::format("{}: ${}{}: expected an object", what,
                                             path.empty() ? "" : ".", fmt::join(path, ".")));
}

std::string edited(std::string_view text, const JsonPath& path, RawJson value,
                   std::string_view what) {
  std::size_t at = begin_of_document(text);
  std::optional<Style> outer;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto rest = std::span(path).subspan(i);
    if (text[at] != '{') complain(what, std::span(path).first(i));
    const Object object = read_object(text, at);
    const Style style = style_of(text, object, outer);
    const Member* member = find(text, object, path[i]);
    if (member == nullptr) return with_member(text, object, rest, value, style);
    const bool is_here = rest.size() == 1 || slice(text, member->begin, member->end) == "null";
    if (is_here)
      return replaced(text, member->begin, member->end,
                      object_text(rest.subspan(1), value, style.inner()));
    at = member->begin;
    outer = style;
  }
  return std::string(text);
}

// The object without the members of that key; what separates the others stays.
std::string object_without(std::string_view text, const Object& object, std::string_view key) {
  std::string kept;
  std::string_view in_front = slice(text, object.begin + 1, object.members.front().key_begin);
  std::size_t before = object.begin + 1;
  for (const Member& member : object.members) {
    if (!has_key(text, member, key)) {
      if (!kept.empty()) in_front = slice(text, before, member.key_begin);
      kept += in_front;
      kept += slice(text, member.key_begin, member.end);
    }
    before = member.end;
  }
  return kept.empty() ? "{}" : fmt::format("{{{}{}", kept, slice(text, before, object.end));
}

// Nothing if one of these is missing, or no object.
std::optional<Object> find_object(std::string_view text, std::span<const std::string> path) {
  std::size_t at = begin_of_document(text);
  for (const std::string& key : path) {
    if (text[at] != '{') return std::nullopt;
    const Object object = read_object(text, at);
    const Member* member = find(text, object, key);
    if (member == nullptr) return std::nullopt;
    at = member->begin;
  }
  if (text[at] != '{') return std::nullopt;
  return read_object(text, at);
}

void check_path(const JsonPath& path) {
  if (path.empty()) throw Error(ErrorKind::kInternal, "a change of JSON without a place");
}

}  // namespace

std::string json_with(std::string_view text, const JsonPath& path, RawJson value,
                      std::string_view what) {
  check_path(path);
  Json::parse(text, what);
  Json::parse(value.text, "value");
  std::string result = edited(text, path, RawJson{value_in(value.text)}, what);
  Json::parse(result, what);
  return result;
}

std::string json_without(std::string_view text, const JsonPath& path, std::string_view what) {
  check_path(path);
  Json::parse(text, what);
  const auto object = find_object(text, std::span(path).first(path.size() - 1));
  if (!object || find(text, *object, path.back()) == nullptr) return std::string(text);
  return replaced(text, object->begin, object->end, object_without(text, *object, path.back()));
}

std::string json_with_items(std::string_view text, const JsonPath& path, const ChangeItem& change,
                            std::string_view what) {
  check_path(path);
  Json::parse(text, what);
  const auto object = find_object(text, std::span(path).first(path.size() - 1));
  const Member* member = object ? find(text, *object, path.back()) : nullptr;
  if (member == nullptr || text[member->begin] != '[') return std::string(text);
  std::string result;
  std::size_t before = 0;
  std::size_t place = 0;
  for (const auto& [begin, end] : read_items(text, member->begin)) {
    result += slice(text, before, begin);
    result += change(place++, slice(text, begin, end));
    before = end;
  }
  result += slice(text, before, text.size());
  Json::parse(result, what);
  return result;
}

}  // namespace tote
