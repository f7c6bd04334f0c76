// Reading JSON from untrusted text (RFC 8259).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

// One value of a parsed document. Immutable, cheap to copy, keeps its document alive, and knows
// its path, so that every complaint reads "what: $.layers[2].size: expected a number".
// The accessors throw Error{kParse}. Of a key that occurs twice the last one counts, as in Go.
class Json {
 public:
  // `what` names the document in complaints. At most two million values, nested
  // 256 deep.
  static Json parse(std::string_view text, std::string_view what);
  // The same for what somebody vouches for: a key that occurs twice, of which other readers may
  // take the first, is an Error{kParse} too.
  static Json parse_unambiguous(std::string_view text, std::string_view what);

  // Visits the values of a document that is a list until `visit` returns false. Each is parsed by
  // itself and gone after it, so that little of a long list is in memory at a time; what comes
  // behind is not looked at yet. As parse() otherwise.
  static void visit_items(std::string_view text, std::string_view what,
                          const std::function<bool(const Json&)>& visit);

  bool is_null() const noexcept;
  bool is_object() const noexcept;
  bool is_array() const noexcept;
  bool is_string() const noexcept;

  // nullopt when the key is absent or null.
  std::optional<Json> find(std::string_view key) const;
  Json at(std::string_view key) const;

  const std::string& string() const;
  std::uint64_t number() const;  // a non-negative integer
  std::vector<Json> items() const;
  std::vector<std::pair<std::string, Json>> members() const;

  // Compact, with sorted keys: what this program has no name for survives too.
  std::string text() const;

  // Shorthands for the commonest optional members.
  std::string string_or(std::string_view key, std::string_view otherwise) const;
  // Absent: empty; a null in it is an empty string, as in Go.
  std::map<std::string, std::string> string_map(std::string_view key) const;
  std::vector<Json> items_of(std::string_view key) const;  // absent: empty

 private:
  Json(std::shared_ptr<const void> document, const void* node, std::string path)
      : document_(std::move(document)), node_(node), path_(std::move(path)) {}

  std::shared_ptr<const void> document_;
  const void* node_;
  std::string path_;
};

}  // namespace tote
