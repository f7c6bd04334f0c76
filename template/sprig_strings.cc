// Sprig's functions of texts.
#include "template/print.h"
#include "template/quote.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"
#include "template/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::go_template {
namespace {

std::string repeated(Context& context, std::int64_t count, std::string_view text) {
  if (count < 0) fail_call("strings: negative Repeat count");
  if (text.empty()) return {};
  context.take_bytes(static_cast<std::size_t>(count));
  context.take_bytes(static_cast<std::size_t>(count) * text.size());
  std::string out;
  out.reserve(static_cast<std::size_t>(count) * text.size());
  for (std::int64_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string replaced(Context& context, std::string_view old, std::string_view with,
                     std::string_view text) {
  std::string out;
  const auto add_new = [&] {
    context.take_bytes(with.size());
    out += with;
  };
  if (old.empty()) {  // before each symbol and at the end
    while (!text.empty()) {
      const std::size_t length = first_symbol(text).length;
      add_new();
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
    add_new();
    return out;
  }
  for (std::size_t at = text.find(old); at != std::string_view::npos; at = text.find(old)) {
    out += text.substr(0, at);
    add_new();
    text.remove_prefix(at + old.size());
  }
  return out.append(text);
}

std::string indented(Context& context, std::int64_t spaces, std::string_view text) {
  const std::string pad = repeated(context, spaces, " ");
  return pad + replaced(context, "\n", "\n" + pad, text);
}

std::string next_line_indented(Context& context, std::int64_t spaces, std::string_view text) {
  return "\n" + indented(context, spaces, text);
}

std::string truncated(std::int64_t count, std::string_view text) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (count < 0 && size + count > 0)
    text.remove_prefix(static_cast<std::size_t>(size + count));
  else if (count >= 0 && size > count)
    text = text.substr(0, static_cast<std::size_t>(count));
  return std::string(text);
}

std::string part_of(std::int64_t begin, std::int64_t end, std::string_view text) {
  if (begin < 0)
    begin = 0;
  else if (end < 0 || std::cmp_greater(end, text.size()))
    end = static_cast<std::int64_t>(text.size());
  check_slice(begin, end, text.size());
  return std::string(
      text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

std::string trimmed(std::string_view text, std::string_view symbols) {
  const auto is_cut = [&](const Symbol& symbol) {
    for (std::string_view rest = symbols; !rest.empty();
         rest.remove_prefix(first_symbol(rest).length))
      if (first_symbol(rest).code == symbol.code) return true;
    return false;
  };
  while (!text.empty() && is_cut(first_symbol(text))) text.remove_prefix(first_symbol(text).length);
  while (!text.empty() && is_cut(last_symbol(text))) text.remove_suffix(last_symbol(text).length);
  return std::string(text);
}

// Quotes each that is there, blanks between them.
template <class Quote>
std::string each_quoted(const Rest<Value>& values, Quote quote) {
  std::string out;
  for (const Value& value : values.items) {
    if (value.is_nil()) continue;
    if (!out.empty()) out += ' ';
    out += quote(value);
  }
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string concatenated(const Rest<Value>& values) {
  std::vector<std::string> parts;
  for (const Value& value : values.items)
    if (!value.is_nil()) parts.push_back(print(value));
  return joined(parts, " ");
}

// At most `most` parts; negative: all.
std::vector<std::string> parts_of(std::string_view text, std::string_view separator,
                                  std::int64_t most) {
  std::vector<std::string> parts;
  if (most == 0) return parts;
  if (separator.empty() && text.empty()) return parts;
  while (most < 0 || std::cmp_less(parts.size() + 1, most)) {
    const std::size_t length = separator.empty() ? first_symbol(text).length : text.find(separator);
    if (length == std::string_view::npos || (separator.empty() && length >= text.size())) break;
    parts.emplace_back(text.substr(0, length));
    text.remove_prefix(length + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

// {"_0": ..., "_1": ...}
Typed<kStringMapType> numbered(const std::vector<std::string>& parts) {
  auto map = std::make_shared<Map>();
  for (std::size_t i = 0; i < parts.size(); ++i)
    map->members[fmt::format("_{}", i)] = Value::text(parts[i]);
  return {Value::map(std::move(map), kStringMapType)};
}

// A list of texts is sorted in place, as Go does it.
Typed<kStringsType> sorted(const Value& list) {
  if (list.kind() != Kind::kSlice) return {Value::strings({to_text(list)})};
  const bool is_texts = list.type().element == &kStringType;
  Value texts = is_texts && !list.is_nil_of_its_type() ? list : Value::strings(to_texts(list));
  auto& items = texts.list()->items;
  std::sort(items.begin(), items.end(),
            [](const Value& a, const Value& b) { return a.text() < b.text(); });
  return {texts};
}

Typed<kStringsType> texts_of(const Value& value) {
  const bool is_texts = value.kind() == Kind::kSlice && value.type().element == &kStringType;
  return {is_texts ? value : Value::strings(to_texts(value))};
}

void add_tests(FunctionMap& all) {
  all["contains"] = make_function([](std::string_view part, std::string_view text) {
    return text.find(part) != std::string_view::npos;
  });
  all["hasPrefix"] = make_function(
      [](std::string_view part, std::string_view text) { return text.starts_with(part); });
  all["hasSuffix"] = make_function(
      [](std::string_view part, std::string_view text) { return text.ends_with(part); });
}

void add_trimming(FunctionMap& all) {
  all["trim"] = make_function([](std::string_view text) { return std::string(trim_spaces(text)); });
  all["trimAll"] = make_function(
      [](std::string_view symbols, std::string_view text) { return trimmed(text, symbols); });
  all["trimall"] = all["trimAll"];
  all["trimPrefix"] = make_function([](std::string_view part, std::string_view text) {
    return std::string(text.starts_with(part) ? text.substr(part.size()) : text);
  });
  all["trimSuffix"] = make_function([](std::string_view part, std::string_view text) {
    return std::string(text.ends_with(part) ? text.substr(0, text.size() - part.size()) : text);
  });
}

}  // namespace

void add_string_functions(FunctionMap& all) {
  add_tests(all);
  add_trimming(all);
  all["hello"] = make_function([] { return std::string("Hello!"); });
  all["repeat"] = make_function(repeated);
  all["replace"] = make_function(replaced);
  all["indent"] = make_function(indented);
  all["nindent"] = make_function(next_line_indented);
  all["trunc"] = make_function(truncated);
  all["substr"] = make_function(part_of);
  all["quote"] = make_function([](const Rest<Value>& values) {
    return each_quoted(values, [](const Value& value) { return go_quote(to_text(value)); });
  });
  all["squote"] = make_function([](const Rest<Value>& values) {
    return each_quoted(values, [](const Value& value) { return "'" + print(value) + "'"; });
  });
  all["cat"] = make_function(concatenated);
  all["join"] = make_function([](std::string_view separator, const Value& list) {
    return joined(to_texts(list), separator);
  });
  all["split"] = make_function([](std::string_view separator, std::string_view text) {
    return numbered(parts_of(text, separator, -1));
  });
  all["splitn"] =
      make_function([](std::string_view separator, std::int64_t most, std::string_view text) {
        return numbered(parts_of(text, separator, most));
      });
  all["splitList"] = make_function([](std::string_view separator, std::string_view text) {
    return parts_of(text, separator, -1);
  });
  all["sortAlpha"] = make_function(sorted);
  all["toStrings"] = make_function(texts_of);
  all["toString"] = make_function([](const Value& value) { return to_text(value); });
  all["plural"] =
      make_function([](std::string_view one, std::string_view many, std::int64_t count) {
        return std::string(count == 1 ? one : many);
      });
}

}  // namespace tote::go_template
