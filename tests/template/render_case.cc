#include "tests/template/render_case.h"

#include "base/error.h"
#include "template/json_input.h"

namespace tote::go_template {
namespace {

std::string text_member(const Value& map, std::string_view name, std::string_view otherwise) {
  const std::optional<Value> member = map.member(name);
  return member ? member->text() : std::string(otherwise);
}

}  // namespace

RenderCase read_case(std::string_view line) {
  const Value all = read_json(line, JsonNumbers::kWhole);
  RenderCase out;
  out.text = text_member(all, "template", "");
  out.data = all.member("data").value_or(Value()).unboxed();
  out.name = text_member(all, "name", "t");
  const std::string missing = text_member(all, "missing", "zero");
  out.missing_key = missing == "zero"    ? MissingKey::kZero
                    : missing == "error" ? MissingKey::kError
                                         : MissingKey::kInvalid;
  out.expected = all.member("error") ? "ERROR: " + text_member(all, "error", "")
                                     : text_member(all, "output", "");
  return out;
}

std::string render(const RenderCase& rendered) {
  try {
    TemplateSet set(helm_functions(), {.missing_key = rendered.missing_key});
    set.parse(rendered.name, rendered.text);
    return set.execute(rendered.name, rendered.data);
  } catch (const Error& error) {
    return "ERROR: " + error.message();
  }
}

}  // namespace tote::go_template
