// Values that C++ makes: functions, and objects with fields and methods.
#include "base/error.h"
#include "template/template.h"

#include <gmock/gmock.h>

#include <string>

namespace tote::go_template {
namespace {

constexpr Type kPointType{.kind = Kind::kStruct, .name = "main.Point"};
constexpr Type kNamedMap{
    .kind = Kind::kMap, .name = "main.Values", .element = &kAny, .underlying = &kMapType};

class Point final : public Object {
 public:
  const Type& type() const override { return kPointType; }
  std::optional<Value> field(std::string_view name) const override {
    if (name == "X") return Value::integer(3);
    return std::nullopt;
  }
  FunctionPtr method(std::string_view name) const override {
    if (name != "Scaled") return nullptr;
    return make_function([](std::int64_t by) { return 3 * by; });
  }
  std::vector<std::pair<std::string_view, Value>> fields() const override {
    return {{"X", Value::integer(3)}};
  }
};

std::string render(const std::string& text) {
  FunctionMap functions;
  functions["twice"] = make_function([](std::int64_t value) { return 2 * value; });
  functions["size"] = make_function([](const MapPtr& map) -> std::int64_t {
    return map == nullptr ? -1 : static_cast<std::int64_t>(map->members.size());
  });
  auto data = std::make_shared<Map>();
  data->members["p"] = Value::object(std::make_shared<Point>());
  data->members["f"] = Value::function(functions["twice"]);
  data->members["v"] = Value::map(std::make_shared<Map>(), kNamedMap);
  TemplateSet set(std::move(functions), {});
  set.parse("t", text);
  try {
    return set.execute("t", Value::map(std::move(data)));
  } catch (const Error& error) {
    return "ERROR: " + error.message();
  }
}

struct Rendering {
  const char* text;
  const char* expected;
};

class Objects : public testing::TestWithParam<Rendering> {};

TEST_P(Objects, AreUsedAsInGo) {
  EXPECT_EQ(render(GetParam().text), GetParam().expected) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, Objects,
    testing::Values(Rendering{"{{.p.X}} {{.p.Scaled 2}} {{2 | .p.Scaled}}", "3 6 6"},
                    Rendering{"{{.p}} {{printf \"%+v %#v %T\" .p .p .p}}",
                              "{3} {X:3} main.Point{X:3} main.Point"},
                    Rendering{"{{.p.Y}}",
                              "ERROR: template: t:1:4: executing \"t\" at <.p.Y>: can't evaluate "
                              "field Y in type interface {}"},
                    Rendering{"{{.p.X 1}}",
                              "ERROR: template: t:1:4: executing \"t\" at <.p.X>: X has "
                              "arguments but cannot be invoked as function"},
                    Rendering{"{{.p.Scaled}}",
                              "ERROR: template: t:1:4: executing \"t\" at <.p.Scaled>: wrong "
                              "number of args for Scaled: want 1 got 0"},
                    Rendering{"{{.p.Scaled \"a\"}}",
                              "ERROR: template: t:1:12: executing \"t\" at <\"a\">: "
                              "expected integer; found \"a\""},
                    Rendering{"{{if .p}}yes{{end}}", "yes"}, Rendering{"{{call .f 4}}", "8"},
                    Rendering{"{{call .f}}",
                              "ERROR: template: t:1:2: executing \"t\" at <call .f>: error "
                              "calling call: wrong number of args: got 0 want 1"},
                    Rendering{"{{call .f \"x\"}}",
                              "ERROR: template: t:1:2: executing \"t\" at <call .f "
                              "\"x\">: error calling call: arg 0: value has type string; "
                              "should be int"},
                    Rendering{"{{.f}}",
                              "ERROR: template: t:1:2: executing \"t\" at <{{.f}}>: can't print "
                              "{{.f}} of type func"},
                    Rendering{"{{twice 4}} {{size .v}} {{size nil}}", "8 0 -1"},
                    Rendering{"{{printf \"%T %v\" .v .v}} {{.v.x}}",
                              "main.Values map[] <no value>"},
                    Rendering{"{{size .p}}",
                              "ERROR: template: t:1:7: executing \"t\" at <.p>: wrong type for "
                              "value; expected map[string]interface {}; got main.Point"}));

}  // namespace
}  // namespace tote::go_template
