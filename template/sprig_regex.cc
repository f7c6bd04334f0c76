// Sprig's functions of regular expressions.
#include "base/error.h"
#include "template/pattern.h"
#include "template/quote.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <fmt/format.h>

#include <utility>

namespace tote::go_template {
namespace {

// A pattern that is wrong: an error of one kind with "must" in front, a panic without.
Pattern compiled(std::string_view pattern, bool must) {
  try {
    return Pattern(pattern);
  } catch (const Error& error) {
    if (must) throw;
    const std::string quoted =
        can_backquote(pattern) ? fmt::format("`{}`", pattern) : go_quote(pattern);
    fail_call(fmt::format("regexp: Compile({}): {}", quoted, error.message()));
  }
}

bool matches_or_not(std::string_view pattern, std::string_view text) {
  try {
    return Pattern(pattern).matches(text);
  } catch (const Error&) {
    return false;
  }
}

// `add` gets a name in front and whether it is the one with "must".
template <class Add>
void both(Add add) {
  add("regex", false);
  add("mustRegex", true);
}

}  // namespace

void add_regex_functions(FunctionMap& all) {
  all["regexMatch"] = make_function(matches_or_not);
  all["mustRegexMatch"] = make_function([](std::string_view pattern, std::string_view text) {
    return Pattern(pattern).matches(text);
  });
  all["regexQuoteMeta"] = make_function(quote_pattern);
  both([&](const std::string& name, bool must) {
    all[name + "Find"] = make_function([must](std::string_view pattern, std::string_view text) {
      return compiled(pattern, must).find(text);
    });
    all[name + "FindAll"] = make_function([must](std::string_view pattern, std::string_view text,
                                                 std::int64_t most) {
      const std::vector<std::string> found = compiled(pattern, must).find_all(text, most);
      // None are a nil list, which JSON tells from an empty one.
      return Typed<kStringsType>{found.empty() ? Value::zero(kStringsType) : Value::strings(found)};
    });
    all[name + "Split"] =
        make_function([must](std::string_view pattern, std::string_view text, std::int64_t most) {
          const Pattern parting = compiled(pattern, must);
          return Typed<kStringsType>{most == 0 ? Value::zero(kStringsType)
                                               : Value::strings(parting.split(text, most))};
        });
    for (const bool is_literal : {false, true})
      all[name + (is_literal ? "ReplaceAllLiteral" : "ReplaceAll")] =
          make_function([must, is_literal](std::string_view pattern, std::string_view text,
                                           std::string_view with) {
            return compiled(pattern, must).replace_all(text, with, is_literal);
          });
  });
}

}  // namespace tote::go_template
