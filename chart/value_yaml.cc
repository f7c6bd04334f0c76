// Values out of YAML.
#include "base/error.h"
#include "base/yaml_reader.h"
#include "chart/value.h"

#include <fmt/format.h>

namespace tote::chart {
namespace {

class ValueReader {
 public:
  ValueReader(const std::string& name, ValueBudget& budget)
      : file_(std::make_shared<const std::string>(name)), budget_(budget) {}

  ValuePtr read(const Yaml& node) {
    budget_.take(1);
    switch (node.kind()) {
      case Yaml::Kind::kNull:
        return Value::null(origin(node));
      case Yaml::Kind::kScalar:
        return Value::scalar(node.text(), node.type(), origin(node));
      case Yaml::Kind::kList:
        return read_list(node);
      case Yaml::Kind::kMap:
        return read_map(node);
    }
    return Value::null(origin(node));
  }

  ValueOrigin origin(const Yaml& node) const {
    return {file_, static_cast<std::uint32_t>(node.line())};
  }

 private:
  ValuePtr read_list(const Yaml& node) {
    std::vector<ValuePtr> items;
    for (const Yaml& item : node.items()) items.push_back(read(item));
    return Value::list(std::move(items), origin(node));
  }

  ValuePtr read_map(const Yaml& node) {
    Value::Members members;
    for (auto& [key, value] : node.members()) members.emplace_back(key, read(value));
    return Value::map(std::move(members), origin(node));
  }

  std::shared_ptr<const std::string> file_;
  ValueBudget& budget_;
};

}  // namespace

ValuePtr read_values(std::string_view text, const std::string& name, ValueBudget& budget) {
  const Yaml root = Yaml::parse(text, name);
  ValueReader reader(name, budget);
  if (root.kind() == Yaml::Kind::kNull) return Value::map({}, reader.origin(root));
  if (root.kind() != Yaml::Kind::kMap)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: values of a chart are a mapping", root.where()));
  return reader.read(root);
}

}  // namespace tote::chart
