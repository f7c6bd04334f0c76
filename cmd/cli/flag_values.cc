#include "cmd/cli/flag_values.h"

#include "base/json_quote.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tote::cmd {
namespace {

// One field of a CSV record (RFC 4180); `rest` is left at the comma behind it.
std::string take_csv_field(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    std::string field(rest.substr(0, rest.find(',')));
    if (field.find('"') != std::string::npos)
      throw std::string("parse error on line 1: bare \" in non-quoted-field");
    rest.remove_prefix(field.size());
    return field;
  }
  std::string field;
  rest.remove_prefix(1);
  for (;;) {
    if (rest.empty())
      throw std::string("parse error on line 1: extraneous or missing \" in quoted-field");
    if (rest.starts_with("\"\"")) {
      field += '"';
      rest.remove_prefix(2);
    } else if (rest.front() == '"') {
      rest.remove_prefix(1);
      if (!rest.empty() && rest.front() != ',')
        throw std::string("parse error on line 1: extraneous or missing \" in quoted-field");
      return field;
    } else {
      field += rest.front();
      rest.remove_prefix(1);
    }
  }
}

}  // namespace

bool parse_bool(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  throw fmt::format("strconv.ParseBool: parsing {}: invalid syntax", json_quote(text));
}

int parse_int(const std::string& text) {
  int value = 0;
  const bool plus = text.starts_with('+') && !text.starts_with("+-");
  const char* first = text.data() + (plus ? 1 : 0);
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(first, last, value);
  if (failure == std::errc::result_out_of_range)
    throw fmt::format("strconv.ParseInt: parsing {}: value out of range", json_quote(text));
  if (failure != std::errc{} || end != last)
    throw fmt::format("strconv.ParseInt: parsing {}: invalid syntax", json_quote(text));
  return value;
}

std::vector<std::string> parse_csv(const std::string& text) {
  std::vector<std::string> fields;
  if (text.empty()) return fields;
  std::string_view rest = text;
  for (;;) {
    fields.push_back(take_csv_field(rest));
    if (rest.empty()) return fields;
    rest.remove_prefix(1);  // the comma
  }
}

std::vector<std::pair<std::string, std::string>> parse_pairs(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const bool single = std::count(text.begin(), text.end(), '=') == 1;
  for (const std::string& pair : single ? std::vector<std::string>{text} : parse_csv(text)) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) throw fmt::format("{} must be formatted as key=value", pair);
    pairs.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return pairs;
}

}  // namespace tote::cmd
