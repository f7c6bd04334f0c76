#include "bundle/discover/overlay_tree.h"

#include "base/error.h"
#include "base/json_quote.h"
#include "base/text.h"
#include "base/yaml_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tote::bundle::discover {
namespace {

bool is_position(const std::string& part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
}

std::string key_text(const std::string& key) {
  const bool is_plain = std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
  });
  // What is long enough to be folded would be no key any more.
  return is_plain && key.size() < 64 ? yaml_scalar(key, 0, 0)
                                     : json_quote(key, JsonEscape::kMinimal);
}

}  // namespace

bool OverlayTree::KeyLess::operator()(const std::string& a, const std::string& b) const {
  if (yaml_key_less(a, b)) return true;
  return !yaml_key_less(b, a) && a < b;
}

OverlayTree::Node OverlayTree::node_of(const chart::Value& value) {
  Node node;
  if (value.is_map()) {
    node.kind = Node::Kind::kMap;
    for (const auto& [key, member] : value.members()) node.members.emplace(key, node_of(*member));
  } else if (value.is_list()) {
    node.kind = Node::Kind::kList;
    for (const chart::ValuePtr& item : value.items()) node.items.push_back(node_of(*item));
  } else {
    node.kind = Node::Kind::kScalar;
    node.text = value.is_null() ? "null" : value.text();
    node.style =
        value.is_scalar() && value.type() == YamlType::kText ? Style::kQuoted : Style::kRaw;
  }
  return node;
}

OverlayTree::Node& OverlayTree::at(const ValuePath& path) {
  Node* node = &root_;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto refuse = [&](std::string_view why) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' can not be written: {}", path_text(path), why));
    };
    if (node->kind == Node::Kind::kScalar) refuse("an image or a part of one stands above it");
    if (node->kind == Node::Kind::kList) {
      const auto position = parse_number(path[i]);
      if (!position || *position >= node->items.size()) refuse("the list has no such item");
      node = &node->items[static_cast<std::size_t>(*position)];
      continue;
    }
    // Helm replaces lists whole, so one item alone would take away the others.
    if (is_position(path[i])) refuse("it is in a list, and chart.yml does not have its items");
    node->kind = Node::Kind::kMap;
    node = &node->members[path[i]];
  }
  return *node;
}

void OverlayTree::put(const ValuePath& path, const std::string& text, Style style) {
  Node& node = at(path);
  if (node.kind == Node::Kind::kMap)
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' can not be written: parts of other images stand below it",
                            path_text(path)));
  node = {.kind = Node::Kind::kScalar, .text = text, .style = style};
}

void OverlayTree::put_list(const ValuePath& path, const chart::Value& list) {
  at(path) = node_of(list);
}

// What stands behind "key:" or "-", with the blank or line break in front.
std::string OverlayTree::behind_key(const Node& node, std::size_t column, std::size_t indent) {
  switch (node.kind) {
    case Node::Kind::kNothing:
      return " {}\n";
    case Node::Kind::kScalar:
      if (node.style == Style::kRaw) return " " + node.text + "\n";
      if (node.style == Style::kQuoted)
        return " " + json_quote(node.text, JsonEscape::kMinimal) + "\n";
      return " " + yaml_scalar(node.text, column + 1, indent) + "\n";
    case Node::Kind::kMap:
      return node.members.empty() ? " {}\n" : "\n" + lines(node, indent + 2);
    case Node::Kind::kList:
      return node.items.empty() ? " []\n" : "\n" + item_lines(node, indent);
  }
  return "\n";
}

std::string OverlayTree::lines(const Node& node, std::size_t indent) {
  std::string text;
  for (const auto& [key, member] : node.members) {
    const std::string shown = std::string(indent, ' ') + key_text(key) + ":";
    text += shown + behind_key(member, shown.size(), indent);
  }
  return text;
}

std::string OverlayTree::item_lines(const Node& list, std::size_t indent) {
  std::string text;
  for (const Node& item : list.items) {
    const bool is_map = item.kind == Node::Kind::kMap && !item.members.empty();
    const bool is_list = item.kind == Node::Kind::kList && !item.items.empty();
    if (!is_map && !is_list) {
      text += std::string(indent, ' ') + "-" + behind_key(item, indent + 1, indent);
      continue;
    }
    std::string block = is_map ? lines(item, indent + 2) : item_lines(item, indent + 2);
    block[indent] = '-';
    text += block;
  }
  return text;
}

std::string OverlayTree::yaml() const {
  return lines(root_, 0);
}

std::string values_text(const chart::Value& map) {
  return OverlayTree::lines(OverlayTree::node_of(map), 0);
}

std::string list_text(const chart::Value& list) {
  return OverlayTree::item_lines(OverlayTree::node_of(list), 0);
}

chart::ValuePtr read_list_text(const std::string& text, const std::string& origin) {
  chart::ValueBudget budget;
  // Its first line is the second one here.
  const chart::ValuePtr values = chart::read_values("items:\n" + text, origin, budget);
  chart::ValuePtr list = values->find_shared("items");
  if (values->members().size() != 1 || !list->is_list())
    throw Error(ErrorKind::kParse, fmt::format("{}: expected the items of a list", origin));
  return list;
}

}  // namespace tote::bundle::discover
