// Values of charts: a tree that keeps what was written, in its order, and where.
#pragma once

#include "base/yaml_type.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::chart {

// Where a value was written.
struct ValueOrigin {
  std::shared_ptr<const std::string> file;  // "values.yaml", "--set"; nullptr: nowhere
  std::uint32_t line = 0;                   // from 1 on; 0: there are no lines

  // "values.yaml, line 3"; "" for nowhere.
  std::string str() const;
};

class Value;
// Never nullptr where it is not said. Trees share what they have in common.
using ValuePtr = std::shared_ptr<const Value>;

// Immutable, so it may be read by several threads.
class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  using Member = std::pair<std::string, ValuePtr>;
  using Members = std::vector<Member>;  // each name once, in order

  static ValuePtr null(ValueOrigin origin = {});
  // `text` without quotes, escapes resolved, but for them as it is written ("1.10"). `type`: what
  // it is for Helm.
  static ValuePtr scalar(std::string text, YamlType type, ValueOrigin origin = {});
  static ValuePtr list(std::vector<ValuePtr> items, ValueOrigin origin = {});
  static ValuePtr map(Members members, ValueOrigin origin = {});

  Kind kind() const noexcept { return kind_; }
  bool is_null() const noexcept { return kind_ == Kind::kNull; }
  bool is_scalar() const noexcept { return kind_ == Kind::kScalar; }
  bool is_list() const noexcept { return kind_ == Kind::kList; }
  bool is_map() const noexcept { return kind_ == Kind::kMap; }
  // A scalar that is a boolean with this value.
  bool is(bool value) const noexcept;

  YamlType type() const noexcept { return type_; }
  const std::string& text() const noexcept { return text_; }  // of others: empty
  const std::vector<ValuePtr>& items() const noexcept { return items_; }
  const Members& members() const noexcept { return members_; }
  const ValueOrigin& origin() const noexcept { return origin_; }

  // Of a map; nullptr: there is none of that name, or this is no map.
  const Value* find(std::string_view name) const noexcept;
  ValuePtr find_shared(std::string_view name) const noexcept;
  // Through maps, by names with "." between them, as conditions of charts are written.
  const Value* find_path(std::string_view path) const;

 private:
  Value(Kind kind, ValueOrigin origin) : kind_(kind), origin_(std::move(origin)) {}
  const ValuePtr* member(std::string_view name) const noexcept;
  void sort_names();

  Kind kind_;
  YamlType type_ = YamlType::kNull;
  std::string text_;
  std::vector<ValuePtr> items_;
  Members members_;
  std::vector<std::uint32_t> by_name_;  // positions of members, if there are many
  ValueOrigin origin_;
};

// How many values there may be in what is read for one chart with its subcharts, and be made by
// merging. Error{kParse} if it is more.
class ValueBudget {
 public:
  void take(std::size_t count);

 private:
  std::size_t left_ = 4'000'000;
};

// A file of values: a mapping, or nothing at all, which is an empty one. `name` is what it is
// called in origins and complaints. Error{kParse} with the line: also for keys that occur twice.
ValuePtr read_values(std::string_view text, const std::string& name, ValueBudget& budget);

}  // namespace tote::chart
