#include "chart/set_values.h"

#include "base/error.h"
#include "base/printable.h"
#include "base/text.h"
#include "chart/merge_values.h"

#include <fmt/format.h>

#include <charconv>
#include <variant>

namespace tote::chart {
namespace {

constexpr std::size_t kMaxIndex = 65'536;
constexpr std::size_t kMaxNesting = 30;

using Step = std::variant<std::string, std::size_t>;  // a name, or a place in a list

struct Assignment {
  std::vector<Step> path = {};
  ValuePtr value = Value::null();
};

bool is_int64(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

class SetParser {
 public:
  SetParser(std::string_view text, SetAs as)
      : text_(text),
        as_(as),
        origin_{
            std::make_shared<const std::string>(as == SetAs::kTyped ? "--set" : "--set-string")} {}

  bool is_at_end() const { return at_ == text_.size(); }

  Assignment next() {
    Assignment assignment;
    read_path(assignment.path);
    assignment.value = text_.substr(at_).starts_with('{') ? read_list() : read_scalar();
    return assignment;
  }

  [[noreturn]] void refuse(std::string_view what) const {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} '{}': {}", *origin_.file, printable(text_), what));
  }

 private:
  struct Piece {
    std::string text;
    char end;  // what it ends with; 0: with everything
  };

  Piece read_until(std::string_view stops) {
    Piece piece{"", 0};
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (stops.find(c) != std::string_view::npos) {
        piece.end = c;
        return piece;
      }
      if (c == '\\' && at_ == text_.size()) return piece;
      piece.text += c == '\\' ? text_[at_++] : c;
    }
    return piece;
  }

  void read_path(std::vector<Step>& path) {
    for (std::size_t nesting = 0;;) {
      Piece name = read_until("=[,.");
      if (name.text.empty()) refuse("a name is empty");
      const std::string shown = printable(name.text);
      path.emplace_back(std::move(name.text));
      char end = name.end;
      if (end == '[') end = read_indexes(path);
      if (end == '=') return;
      if (end != '.') refuse(fmt::format("'{}' has no value", shown));
      if (++nesting > kMaxNesting)
        refuse(fmt::format("names are nested more than {} deep", kMaxNesting));
    }
  }

  // Behind "[": all indexes that follow one another. Returns what follows them.
  char read_indexes(std::vector<Step>& path) {
    for (;;) {
      const Piece digits = read_until("]");
      const std::optional<std::uint64_t> index = parse_number(digits.text);
      if (digits.end != ']' || !index)
        refuse(fmt::format("'{}' is no place in a list", printable(digits.text)));
      if (*index > kMaxIndex)
        refuse(fmt::format("got the place {} in a list, may be at most {}", *index, kMaxIndex));
      path.emplace_back(static_cast<std::size_t>(*index));
      if (path.size() > 2 * kMaxNesting) refuse("lists are nested too deep");
      const Piece behind = read_until("[.=");
      if (!behind.text.empty() || behind.end == 0)
        refuse("what follows ']' is to be '=', '.' or '['");
      if (behind.end != '[') return behind.end;
    }
  }

  ValuePtr read_scalar() { return typed(read_until(",").text); }

  ValuePtr read_list() {
    ++at_;
    std::vector<ValuePtr> items;
    for (;;) {
      Piece item = read_until(",}");
      if (item.end == 0) refuse("a list ends with '}'");
      items.push_back(typed(std::move(item.text)));
      if (item.end == '}') break;
    }
    if (text_.substr(at_).starts_with(',')) ++at_;
    return Value::list(std::move(items), origin_);
  }

  ValuePtr typed(std::string text) const {
    if (as_ == SetAs::kString) return Value::scalar(std::move(text), YamlType::kText, origin_);
    if (equal_ignoring_case(text, "null")) return Value::null(origin_);
    if (equal_ignoring_case(text, "true") || equal_ignoring_case(text, "false"))
      return Value::scalar(to_lower(text), YamlType::kBool, origin_);
    const bool is_number = text == "0" || (!text.starts_with('0') && is_int64(text));
    return Value::scalar(std::move(text), is_number ? YamlType::kInteger : YamlType::kText,
                         origin_);
  }

  std::string_view text_;
  SetAs as_;
  ValueOrigin origin_;
  std::size_t at_ = 0;
};

class Assigner {
 public:
  Assigner(const SetParser& parser, const Assignment& assignment, ValueBudget& budget)
      : parser_(parser), assignment_(assignment), budget_(budget) {}

  // What stands at `depth` of the path, `old` before; nullptr: nothing.
  ValuePtr assign(const ValuePtr& old, std::size_t depth) {
    if (depth == assignment_.path.size()) return assignment_.value;
    const Step& step = assignment_.path[depth];
    if (const std::string* name = std::get_if<std::string>(&step)) return in_map(old, *name, depth);
    return in_list(old, std::get<std::size_t>(step), depth);
  }

 private:
  ValuePtr in_map(const ValuePtr& old, const std::string& name, std::size_t depth) {
    // In a list Helm replaces what is no mapping, elsewhere it refuses that.
    const bool is_item =
        depth > 0 && std::holds_alternative<std::size_t>(assignment_.path[depth - 1]);
    if (old && !old->is_map() && !is_item)
      parser_.refuse(
          fmt::format("there is something else than a mapping with '{}'", printable(name)));
    const ValuePtr map = old && old->is_map() ? old : Value::map({}, assignment_.value->origin());
    return with_member(map, name, assign(map->find_shared(name), depth + 1), budget_);
  }

  ValuePtr in_list(const ValuePtr& old, std::size_t index, std::size_t depth) {
    const bool is_item =
        depth > 0 && std::holds_alternative<std::size_t>(assignment_.path[depth - 1]);
    if (old && !old->is_list() && !(is_item && old->is_null()))
      parser_.refuse(fmt::format("there is something else than a list with a place {}", index));
    std::vector<ValuePtr> items = old ? old->items() : std::vector<ValuePtr>{};
    budget_.take(std::max(items.size(), index + 1));
    const ValuePtr before = index < items.size() ? items[index] : nullptr;
    if (items.size() <= index) items.resize(index + 1, Value::null(assignment_.value->origin()));
    items[index] = assign(before, depth + 1);
    return Value::list(std::move(items), old ? old->origin() : assignment_.value->origin());
  }

  const SetParser& parser_;
  const Assignment& assignment_;
  ValueBudget& budget_;
};

}  // namespace

ValuePtr set_values(const ValuePtr& values, std::string_view text, SetAs as, ValueBudget& budget) {
  SetParser parser(text, as);
  if (parser.is_at_end()) parser.refuse("there is nothing to set");
  ValuePtr result = values;
  while (!parser.is_at_end()) {
    const Assignment assignment = parser.next();
    result = Assigner(parser, assignment, budget).assign(result, 0);
  }
  return result;
}

}  // namespace tote::chart
