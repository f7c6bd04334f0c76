// Reading YAML 1.1 from untrusted text, by libyaml: raw scalars, with their quoting and line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

// One node of a parsed document. Immutable, cheap to copy, for one thread. Accessors throw
// Error{kParse} with the origin and line.
class Yaml {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };
  enum class Style { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };

  using Member = std::pair<std::string, Yaml>;

  // The first document of `text`, which has to be UTF-8; an empty text is null. `origin` names it
  // in complaints. Nodes are counted as they are read, so what is refused takes no memory: at most
  // a million, nested 1,000 deep. As many are looked at, aliases counted as often as they are used;
  // an alias inside of what it stands for is refused, and so is reading the same text
  // over and over by aliases.
  static Yaml parse(std::string_view text, std::string_view origin);

  // A plain "null", "Null", "NULL", "~" and nothing at all are null; all other scalars are text,
  // whatever they look like.
  Kind kind() const noexcept;
  Style style() const noexcept;  // of a scalar or null
  std::string text() const;      // a scalar as written, quotes and escapes resolved
  std::vector<Yaml> items() const;
  // In order. A key that occurs twice is an error. Behind them the members of what "<<" names (a
  // mapping or a list of them), but for keys that are there already.
  std::vector<Member> members() const;
  std::size_t line() const noexcept;  // where it begins, from 1 on
  // "origin, line 3", for complaints of the caller's own.
  std::string where() const;

 private:
  struct Node;
  struct Document;
  class Builder;
  Yaml(std::shared_ptr<Document> document, std::uint32_t node)
      : document_(std::move(document)), node_(node) {}
  const Node& node() const noexcept;
  Yaml child(std::size_t position) const;
  void add_members(std::vector<Member>& members, std::set<std::string>& known,
                   std::size_t depth) const;

  std::shared_ptr<Document> document_;
  std::uint32_t node_;
};

}  // namespace tote
