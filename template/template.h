// Go's text/template as of Go 1.19, with its errors. It is a library of its own on base/: what Helm
// adds is in sprig_*.cc and helm_functions.cc. (`template` is a word of C++, so the namespace has
// the name of the language.)
#pragma once

#include "template/functions.h"
#include "template/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace tote::go_template {

// What there is under a name that a map does not have.
enum class MissingKey : std::uint8_t { kInvalid, kZero, kError };

// What one execution may take; more is an Error{kParse}.
struct Limits {
  std::size_t steps = 50'000'000;    // nodes that are evaluated, and items that are worked on
  std::size_t output = 256U << 20U;  // bytes
  std::size_t made = std::size_t{1} << 30U;  // bytes that functions make on the way, in sum
  // Templates in templates. Less if the stack of the thread ends before.
  std::size_t depth = 100'000;
};

struct TemplateOptions {
  std::string name = "gotpl";  // of the set, in errors
  MissingKey missing_key = MissingKey::kInvalid;
  Limits limits = {};
  // nullptr: the system's.
  std::shared_ptr<RandomSource> random = nullptr;
};

// Templates that see each other. For one thread at a time, as its values are. What functions tie to
// knots (a map that holds itself) is cut when the set goes: such maps are empty then.
class TemplateSet {
 public:
  TemplateSet(FunctionMap functions, TemplateOptions options);
  ~TemplateSet();
  TemplateSet(TemplateSet&&) noexcept;
  TemplateSet& operator=(TemplateSet&&) noexcept;

  // The text becomes the template `name`, and those that it defines are added; one that is there is
  // replaced, unless the new one is empty. Error{kParse} as Go words it:
  // "template: NAME:3: unexpected EOF".
  void parse(const std::string& name, std::string_view text);
  bool has(std::string_view name) const;
  // Error{kParse} as Go words it: "template: NAME:1:2: executing \"NAME\" at <.a.b>: nil pointer
  // evaluating interface {}.b". Cancelled when `stop` says so.
  std::string execute(const std::string& name, const Value& data, std::stop_token stop = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tote::go_template
