// Reading YAML 1.1 from untrusted text, by libyaml: what it says, and where in the text it stands,
// so that a part of it can be replaced with every other byte kept.
#pragma once

#include "base/yaml_type.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

// A place in a text. Lines end where YAML 1.1 says: at "\n", "\r\n", "\r", U+0085, U+2028, U+2029.
struct YamlMark {
  std::size_t offset = 0;  // in bytes from the beginning of the text, a byte order mark included
  std::size_t line = 1;    // from 1 on
  std::size_t column = 1;  // in bytes, not characters, from 1 on; a byte order mark does not count
};

struct YamlComment {
  YamlMark begin;    // of its "#"
  std::string text;  // from the "#" to the end of the line, without the line break
};

// One node of a parsed document. Immutable, cheap to copy, for one thread; keeps the text and all
// documents of it alive. Accessors throw Error{kParse} with the origin and line.
class Yaml {
 public:
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };
  enum class Style : std::uint8_t { kPlain, kSingleQuoted, kDoubleQuoted, kLiteral, kFolded };
  // What a key that occurs twice in a mapping does.
  enum class Duplicates : std::uint8_t { kAreErrors, kLastCounts };

  using Member = std::pair<std::string, Yaml>;

  // The first document of `text`, which has to be UTF-8; an empty text is null. `origin` names it
  // in complaints. Nodes are counted as they are read, so what is refused takes no memory: at most
  // a million, nested 1,000 deep. As many are looked at, aliases counted as often as they are used;
  // an alias inside of what it stands for is refused, and so is reading the same text
  // over and over by aliases. The bounds are those of the whole text. At most 2^30 bytes.
  static Yaml parse(std::string_view text, std::string_view origin);
  // All documents of it, but for those that are empty: nothing but comments between two "---".
  static std::vector<Yaml> parse_all(std::string_view text, std::string_view origin);

  // A plain "null", "Null", "NULL", "~" and nothing at all are null; all other scalars are text,
  // whatever they look like.
  Kind kind() const noexcept;
  Style style() const noexcept;    // of a scalar or null
  YamlType type() const noexcept;  // of a scalar or null: what Helm takes it for
  std::string text() const;        // a scalar's value, quotes, escapes and line breaks resolved
  // The tag of any node as it is written ("!!str", "!mine", "!<tag:a:b>"); "" without one.
  std::string tag() const;

  std::vector<Yaml> items() const;
  // In order; of a key that occurs twice in the place of the first. Behind them the members of what
  // "<<" names (a mapping or a list of them), but for keys that are there already.
  std::vector<Member> members(Duplicates duplicates = Duplicates::kAreErrors) const;
  // The keys and values of a mapping as they are written: keys that are no text, keys that occur
  // twice, and "<<" like any other.
  std::vector<std::pair<Yaml, Yaml>> entries() const;

  // Where it stands, without its tag and anchor. A scalar has its quotes, a literal or folded one
  // its "|" or ">" and the break of its last line, with the empty lines below. Nothing at all is
  // empty, behind the ":" or "-", in brackets in front of what comes next. A list or mapping ends
  // behind its bracket, or behind the last that it holds. Of an alias: where that stands which it
  // names.
  YamlMark begin_mark() const;
  YamlMark end_mark() const;
  // The bytes between the two.
  std::string raw() const;
  std::size_t line() const noexcept;  // where it begins, its tag and anchor included; from 1 on
  // "origin, line 3", for complaints of the caller's own.
  std::string where() const;

  // All of the text it is from, in order; behind the end of the first document none if only that
  // was read. Found anew with each call.
  std::vector<YamlComment> comments() const;

 private:
  struct Node;
  struct Document;
  class Builder;
  static std::shared_ptr<Document> make_document(std::string_view text, std::string_view origin);
  Yaml(std::shared_ptr<Document> document, std::uint32_t node)
      : document_(std::move(document)), node_(node) {}
  const Node& node() const noexcept;
  Yaml child(std::size_t position) const;
  void check_map() const;
  struct Merging;
  void add_members(Merging& merging, std::size_t depth) const;

  std::shared_ptr<Document> document_;
  std::uint32_t node_;
};

}  // namespace tote
