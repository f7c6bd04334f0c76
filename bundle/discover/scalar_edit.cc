#include "bundle/discover/scalar_edit.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/yaml_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace tote::bundle::discover {
namespace {

std::vector<std::size_t> places_of(const std::string& wanted, const std::string& text,
                                   std::size_t from) {
  std::vector<std::size_t> places;
  for (std::size_t at = text.find(wanted, from); at != std::string::npos;
       at = text.find(wanted, at + 1))
    places.push_back(at);
  return places;
}

bool is_block(const Yaml& scalar) {
  return scalar.style() == Yaml::Style::kLiteral || scalar.style() == Yaml::Style::kFolded;
}

// Behind the "|" or ">" of a block, and a comment there.
std::size_t begin_of_content(const Yaml& scalar, const std::string& raw) {
  if (!is_block(scalar)) return 0;
  const std::size_t end = raw.find_first_of("\r\n");
  return end == std::string::npos ? raw.size() : end;
}

// Where in `raw` an edited part of `value` stands: what occurs as often in both occurs in the same
// order.
std::optional<std::size_t> place_in_raw(const ScalarEdit& edit, const std::string& value,
                                        const std::string& raw, std::size_t from) {
  const std::string old = value.substr(edit.offset, edit.length);
  const std::vector<std::size_t> in_value = places_of(old, value, 0);
  const std::vector<std::size_t> in_raw = places_of(old, raw, from);
  if (in_value.size() != in_raw.size()) return std::nullopt;
  const auto place = std::find(in_value.begin(), in_value.end(), edit.offset);
  if (place == in_value.end()) return std::nullopt;
  return in_raw[static_cast<std::size_t>(place - in_value.begin())];
}

std::string replaced(std::string text, const std::vector<ScalarEdit>& edits) {
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
    text.replace(edit->offset, edit->length, edit->text);
  return text;
}

std::optional<std::string> edited_in_place(const Yaml& scalar,
                                           const std::vector<ScalarEdit>& edits) {
  const std::string value = scalar.text();
  const std::string raw = scalar.raw();
  const std::size_t from = begin_of_content(scalar, raw);
  std::vector<ScalarEdit> in_raw;
  for (const ScalarEdit& edit : edits) {
    const std::optional<std::size_t> place = place_in_raw(edit, value, raw, from);
    if (!place) return std::nullopt;
    in_raw.push_back({*place, edit.length, edit.text});
  }
  if (in_order(in_raw) != in_raw) return std::nullopt;
  return replaced(raw, in_raw);
}

bool needs_quotes(const Yaml& scalar, const std::string& value) {
  return scalar.style() == Yaml::Style::kPlain && scalar.tag().empty() &&
         plain_yaml_type(value) != YamlType::kText;
}

}  // namespace

std::vector<ScalarEdit> in_order(std::vector<ScalarEdit> edits) {
  std::sort(edits.begin(), edits.end());
  std::vector<ScalarEdit> ordered;
  for (ScalarEdit& edit : edits)
    if (ordered.empty() || edit.offset >= ordered.back().offset + ordered.back().length)
      ordered.push_back(std::move(edit));
  return ordered;
}

std::string edited_value(const Yaml& scalar, const std::vector<ScalarEdit>& edits) {
  return replaced(scalar.text(), edits);
}

std::string edited_raw(const Yaml& scalar, const std::vector<ScalarEdit>& edits) {
  const std::string value = edited_value(scalar, edits);
  if (!needs_quotes(scalar, value))
    if (std::optional<std::string> raw = edited_in_place(scalar, edits)) return std::move(*raw);
  if (is_block(scalar))
    throw Error(
        ErrorKind::kParse,
        fmt::format("{}: the reference can not be replaced in this block of text", scalar.where()));
  return as_json(value);  // is a double-quoted scalar of YAML too
}

}  // namespace tote::bundle::discover
