#include "template/json_output.h"

#include "base/error.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "template/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace tote::go_template {
namespace {

class Output {
 public:
  explicit Output(JsonForm form)
      : escapes_html_(form.escapes_html), writer_({.indent = form.indent}) {}

  void add(const Value& value, std::size_t depth);
  std::string take() { return writer_.take(); }

 private:
  void add_text(const std::string& text) { writer_.value(RawJson{quoted(text)}); }
  void add_list(const Value& value, std::size_t depth);
  void add_map(const Value& value, std::size_t depth);
  void add_object(const Value& value, std::size_t depth);
  std::string quoted(std::string_view text) const;

  bool escapes_html_;
  JsonWriter writer_;
};

// Without HTML's characters escaped, Go still escapes the separators U+2028 and U+2029.
std::string Output::quoted(std::string_view text) const {
  std::string out = json_quote(text);
  if (escapes_html_) return out;
  for (const auto& [escape, character] :
       {std::pair("\\u003c", '<'), std::pair("\\u003e", '>'), std::pair("\\u0026", '&')})
    for (std::size_t at = out.find(escape); at != std::string::npos;
         at = out.find(escape, at + 1)) {
      // A backslash in front makes it a text of its own, not an escape.
      std::size_t slashes = 0;
      while (slashes < at && out[at - 1 - slashes] == '\\') ++slashes;
      if (slashes % 2 == 0) out.replace(at, 6, 1, character);
    }
  return out;
}

void Output::add_list(const Value& value, std::size_t depth) {
  if (value.is_nil_of_its_type()) {
    writer_.value(nullptr);
    return;
  }
  if (value.type().element == &kUint8Type) {
    std::string bytes;
    for (const Value& item : value.items()) bytes += static_cast<char>(item.unsigned_integer());
    writer_.value(base64_encode(bytes));
    return;
  }
  writer_.begin_array();
  for (const Value& item : value.items()) add(item, depth + 1);
  writer_.end_array();
}

void Output::add_map(const Value& value, std::size_t depth) {
  if (value.is_nil_of_its_type()) {
    writer_.value(nullptr);
    return;
  }
  writer_.begin_object();
  for (const auto& [name, member] : value.members()) {
    // Keys are escaped by the writer, which has Go's default.
    writer_.key(name);
    add(member, depth + 1);
  }
  writer_.end_object();
}

void Output::add_object(const Value& value, std::size_t depth) {
  if (value.is_nil_of_its_type()) {
    writer_.value(nullptr);
    return;
  }
  if (const std::optional<std::string> json = value.object()->json()) {
    writer_.value(RawJson{*json});
    return;
  }
  writer_.begin_object();
  for (const auto& [name, field] : value.object()->fields()) {
    writer_.key(name);
    add(field, depth + 1);
  }
  writer_.end_object();
}

void Output::add(const Value& value, std::size_t depth) {
  check_nesting(depth);
  switch (value.kind()) {
    case Kind::kInvalid:
      writer_.value(nullptr);
      return;
    case Kind::kBool:
      writer_.value(value.boolean());
      return;
    case Kind::kInt:
    case Kind::kInt64:
      writer_.value(value.integer());
      return;
    case Kind::kUint8:
    case Kind::kUint64:
      writer_.value(value.unsigned_integer());
      return;
    case Kind::kFloat64:
      writer_.value(RawJson{json_number(value.floating())});
      return;
    case Kind::kString:
      return add_text(value.text());
    case Kind::kSlice:
      return add_list(value, depth);
    case Kind::kMap:
      return add_map(value, depth);
    case Kind::kStruct:
    case Kind::kPointer:
      return add_object(value, depth);
    case Kind::kComplex128:
    case Kind::kFunction:
    case Kind::kInterface:
      throw Error(ErrorKind::kParse, fmt::format("json: unsupported type: {}", value.type().name));
  }
}

}  // namespace

std::string json_number(double value) {
  if (!std::isfinite(value))
    throw Error(ErrorKind::kParse,
                fmt::format("json: unsupported value: {}", format_float(value, 'g')));
  const double size = std::abs(value);
  const bool has_exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  std::string out = format_float(value, has_exponent ? 'e' : 'f');
  // "e-09" loses its zero.
  if (has_exponent && out.size() >= 4 && out[out.size() - 4] == 'e' && out[out.size() - 3] == '-' &&
      out[out.size() - 2] == '0')
    out.erase(out.size() - 2, 1);
  return out;
}

std::string json_text(const Value& value, JsonForm form) {
  Output output(form);
  output.add(value, 0);
  return output.take();
}

}  // namespace tote::go_template
