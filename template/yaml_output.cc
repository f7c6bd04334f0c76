#include "template/yaml_output.h"

#include "base/error.h"
#include "base/yaml_type.h"
#include "base/yaml_writer.h"
#include "template/json_input.h"
#include "template/json_output.h"
#include "template/number_text.h"
#include "template/unicode.h"
#include "template/yaml_scalar_style.h"

#include <algorithm>
#include <utility>

namespace tote::go_template {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMaxSimpleKey = 128;  // in bytes; longer ones stand behind a "?"

class Emitter {
 public:
  // What a node stands in decides how far a list is indented.
  struct Place {
    std::size_t indent = 0;
    bool is_root = true;
    bool is_member = false;
  };

  void add(const Value& value, Place place) {
    check_nesting(depth_);
    ++depth_;
    if (value.kind() == Kind::kSlice && value.size() > 0)
      add_list(value, place);
    else if (value.kind() == Kind::kMap && value.size() > 0)
      add_map(value, place);
    else
      add_scalar(value, place);
    --depth_;
  }

  std::string take() { return std::move(out_) + '\n'; }

 private:
  std::size_t inner_indent(Place place) const { return place.is_root ? 0 : place.indent + kIndent; }

  // Where the line has only "- " so far, it goes on.
  void begin_line(std::size_t indent) {
    if (!is_indentation_) out_ += '\n';
    if (!is_indentation_) column_ = 0;
    for (; column_ < indent; ++column_) out_ += ' ';
    is_indentation_ = true;
  }

  void indicate(char c) {
    if (c != ':' && !out_.empty() && out_.back() != ' ' && out_.back() != '\n') {
      out_ += ' ';
      ++column_;
    }
    out_ += c;
    ++column_;
  }

  void part() {
    if (!out_.empty() && out_.back() != ' ' && out_.back() != '\n') out_ += ' ';
    is_indentation_ = false;
  }

  void put(std::string_view text) {
    part();
    out_ += text;
  }

  void add_list(const Value& value, Place place) {
    const std::size_t indent = place.is_member ? place.indent : inner_indent(place);
    for (const Value& item : value.items()) {
      begin_line(indent);
      indicate('-');
      add(item, {.indent = indent, .is_root = false, .is_member = false});
    }
  }

  void add_map(const Value& value, Place place) {
    const std::size_t indent = inner_indent(place);
    std::vector<std::pair<std::string_view, const Value*>> members;
    for (const auto& [name, member] : value.members()) members.emplace_back(name, &member);
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return yaml_key_less(a.first, b.first); });
    for (const auto& [name, member] : members) {
      begin_line(indent);
      add_key(name, indent);
      add(*member, {.indent = indent, .is_root = false, .is_member = true});
    }
  }

  void add_key(std::string_view name, std::size_t indent) {
    const bool is_simple = name.size() <= kMaxSimpleKey && !has_yaml_break(name);
    if (!is_simple) {
      indicate('?');
      put_text(name, indent, false);
      begin_line(indent);
      out_ += ':';
      ++column_;
      return;
    }
    put_text(name, indent, true);
    out_ += ':';
  }

  void add_scalar(const Value& value, Place place) {
    if (value.kind() == Kind::kString)
      put_text(value.text(), place.indent, false);
    else if (value.kind() == Kind::kSlice)
      put("[]");
    else if (value.kind() == Kind::kMap)
      put("{}");
    else
      put(plain(value));
  }

  static std::string plain(const Value& value) {
    if (value.is_nil()) return "null";
    if (value.kind() == Kind::kBool) return value.boolean() ? "true" : "false";
    if (value.kind() == Kind::kInt64) return std::to_string(value.integer());
    const std::string json = json_number(value.floating());
    // What JSON has without a fraction, YAML reads as a whole number.
    if (json == "-0") return "0";
    if (plain_yaml_type(json) == YamlType::kInteger) return json;
    return format_float(value.floating(), 'g');
  }

  void put_text(std::string_view text, std::size_t indent, bool is_key) {
    part();
    const std::size_t line = out_.rfind('\n') + 1;
    const YamlSpace space{.column = count_symbols(std::string_view(out_).substr(line)),
                          .indent = indent + kIndent,
                          .may_fold = !is_key};
    switch (yaml_style_of(text, is_key)) {
      case YamlStyle::kPlain:
        out_ += yaml_plain(text, space);
        break;
      case YamlStyle::kSingleQuoted:
        out_ += yaml_single_quoted(text, space);
        break;
      case YamlStyle::kDoubleQuoted:
        out_ += yaml_double_quoted(text, space);
        break;
      case YamlStyle::kLiteral:
        out_ += yaml_literal(text, space.indent);
    }
  }

  std::string out_;
  std::size_t column_ = 0;
  std::size_t depth_ = 0;
  bool is_indentation_ = true;
};

}  // namespace

std::string yaml_text(const Value& value) {
  const std::string json = json_text(value);
  if (!is_readable_yaml(json))
    throw Error(ErrorKind::kParse, "yaml: control characters are not allowed");
  Emitter emitter;
  emitter.add(read_json(json, JsonNumbers::kWhole), {});
  return emitter.take();
}

}  // namespace tote::go_template
