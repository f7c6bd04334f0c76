// Reading YAML from untrusted text: raw scalars, with their quoting and line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote::bundle {

// One node of a parsed document. Immutable, cheap to copy, for one thread. Accessors throw
// Error{kParse} with the origin and line.
class Yaml {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  // The first document of `text`, which has to be UTF-8; an empty text is null. `origin` names it
  // in complaints. Of one document at most a million nodes are looked at, aliases included.
  static Yaml parse(std::string_view text, std::string_view origin);

  Kind kind() const;
  std::string text() const;  // a scalar as written, quotes and escapes resolved
  std::vector<Yaml> items() const;
  // In order. A key that occurs twice is an error.
  std::vector<std::pair<std::string, Yaml>> members() const;
  // "origin, line 3", for complaints of the caller's own.
  std::string where() const;

 private:
  struct Document;
  struct Node;
  Yaml child(const void* yaml) const;
  explicit Yaml(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  std::shared_ptr<const Node> node_;
};

}  // namespace tote::bundle
