// Texts with fields in them, "{{.Repository}}:{{.Tag}}": the one template syntax, Go's without its
// functions and conditions.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tote {

// Immutable.
class FieldTemplate {
 public:
  // `fields` are those that there are, without the dot. Error{kUsage} for what is no field, for one
  // that there is not, and for braces that are not closed.
  static FieldTemplate parse(std::string_view text, const std::vector<std::string_view>& fields);
  // Of fields that turn out when it is filled, which may be in one another: "{{.Before.Digest}}"
  // asks for "Before.Digest".
  static FieldTemplate parse(std::string_view text);

  // `value_of` is asked for each field as often as it is there.
  std::string fill(const std::function<std::string(std::string_view field)>& value_of) const;

 private:
  using Field = std::function<std::string(std::string_view inner)>;
  static FieldTemplate parse_fields(std::string_view text, const Field& field_of);

  struct Part {
    std::string text;
    bool is_field;
  };

  std::vector<Part> parts_;
};

}  // namespace tote
