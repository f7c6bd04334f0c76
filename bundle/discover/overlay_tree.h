// A tree of values that is put together leaf by leaf, and written as YAML.
#pragma once

#include "bundle/discover/found_image.h"
#include "chart/value.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {

// A map as YAML, keys in natural order.
std::string values_text(const chart::Value& map);
// The items of a list as YAML, in blocks, "- a\n- b\n"; read_list_text() reads them again.
std::string list_text(const chart::Value& list);
// Error{kParse} with the line.
chart::ValuePtr read_list_text(const std::string& text, const std::string& origin);

class OverlayTree {
 public:
  enum class Style {
    kText,    // without quotes where YAML takes it for a text
    kQuoted,  // always with quotes
    kRaw,     // a boolean or the like
  };

  // What leads into a list needs that list to be put before. Error{kUsage} for what stands in the
  // way: a position in no list, a key in a text.
  void put(const ValuePath& path, const std::string& text, Style style);
  // The list as a whole.
  void put_list(const ValuePath& path, const chart::Value& list);

  bool empty() const noexcept { return root_.members.empty(); }
  // Keys in natural order. "" of an empty tree.
  std::string yaml() const;

 private:
  friend std::string values_text(const chart::Value& map);
  friend std::string list_text(const chart::Value& list);

  struct KeyLess {
    bool operator()(const std::string& a, const std::string& b) const;
  };
  struct Node {
    enum class Kind { kNothing, kScalar, kMap, kList };
    Kind kind = Kind::kNothing;
    std::string text = {};
    Style style = Style::kText;
    std::map<std::string, Node, KeyLess> members = {};
    std::vector<Node> items = {};
  };

  static Node node_of(const chart::Value& value);
  static std::string lines(const Node& node, std::size_t indent);
  static std::string item_lines(const Node& list, std::size_t indent);
  static std::string behind_key(const Node& node, std::size_t column, std::size_t indent);
  Node& at(const ValuePath& path);

  Node root_ = {.kind = Node::Kind::kMap};
};

}  // namespace tote::bundle::discover
