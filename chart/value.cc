#include "chart/value.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace tote::chart {
namespace {

constexpr std::size_t kManyMembers = 16;

}  // namespace

std::string ValueOrigin::str() const {
  if (!file) return "";
  return line == 0 ? *file : fmt::format("{}, line {}", *file, line);
}

ValuePtr Value::null(ValueOrigin origin) {
  return ValuePtr(new Value(Kind::kNull, std::move(origin)));
}

ValuePtr Value::scalar(std::string text, YamlType type, ValueOrigin origin) {
  const std::shared_ptr<Value> value(new Value(Kind::kScalar, std::move(origin)));
  value->text_ = std::move(text);
  value->type_ = type;
  return value;
}

ValuePtr Value::list(std::vector<ValuePtr> items, ValueOrigin origin) {
  const std::shared_ptr<Value> value(new Value(Kind::kList, std::move(origin)));
  value->items_ = std::move(items);
  return value;
}

ValuePtr Value::map(Members members, ValueOrigin origin) {
  const std::shared_ptr<Value> value(new Value(Kind::kMap, std::move(origin)));
  value->members_ = std::move(members);
  value->sort_names();
  return value;
}

bool Value::is(bool value) const noexcept {
  if (kind_ != Kind::kScalar || type_ != YamlType::kBool || text_.empty()) return false;
  // "true", "yes", "y" and "on" in every way of writing them; "off" and "on" begin alike.
  const bool is_true = text_[0] == 't' || text_[0] == 'T' || text_[0] == 'y' || text_[0] == 'Y' ||
                       equal_ignoring_case(text_, "on");
  return is_true == value;
}

void Value::sort_names() {
  if (members_.size() <= kManyMembers) return;
  by_name_.resize(members_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::sort(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return members_[a].first < members_[b].first;
  });
}

const ValuePtr* Value::member(std::string_view name) const noexcept {
  if (by_name_.empty()) {
    for (const Member& member : members_)
      if (member.first == name) return &member.second;
    return nullptr;
  }
  const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [this](std::uint32_t position, std::string_view wanted) {
                                        return members_[position].first < wanted;
                                      });
  if (found == by_name_.end() || members_[*found].first != name) return nullptr;
  return &members_[*found].second;
}

const Value* Value::find(std::string_view name) const noexcept {
  const ValuePtr* found = member(name);
  return found == nullptr ? nullptr : found->get();
}

ValuePtr Value::find_shared(std::string_view name) const noexcept {
  const ValuePtr* found = member(name);
  return found == nullptr ? nullptr : *found;
}

const Value* Value::find_path(std::string_view path) const {
  const Value* value = this;
  while (value != nullptr) {
    const std::size_t dot = path.find('.');
    value = value->find(path.substr(0, dot));
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  return value;
}

void ValueBudget::take(std::size_t count) {
  if (count > left_)
    throw Error(ErrorKind::kParse, "the values of the chart are too many: more than 4,000,000");
  left_ -= count;
}

}  // namespace tote::chart
