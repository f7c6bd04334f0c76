#include "cmd/cli/flag_parser.h"

#include "base/error.h"
#include "base/json_quote.h"
#include "cmd/cli/flag_values.h"
#include "cmd/cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tote::cmd {
namespace {

[[noreturn]] void refuse(std::string message, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, std::move(message)).with_hint(std::move(hint));
}

template <class Key>
const Flag* find_flag(const std::vector<const FlagSet*>& sets, Key key) {
  for (const FlagSet* set : sets)
    if (const Flag* flag = set->find(key)) return flag;
  return nullptr;
}

std::string called(const Flag& flag) {
  return flag.shorthand == 0 ? "--" + flag.name
                             : fmt::format("-{}, --{}", flag.shorthand, flag.name);
}

// Whether a path flag was given as "-", alone, in a list, or as "NAME=-".
bool names_dash(const Flag& flag, const std::string& value) {
  if (!flag.is_path || flag.knows_dash) return false;
  if (flag.type == "stringArray") return value == "-" || value.ends_with("=-");
  if (flag.type != "strings") return value == "-";
  const std::vector<std::string> fields = parse_csv(value);
  return std::find(fields.begin(), fields.end(), "-") != fields.end();
}

class Parser {
 public:
  Parser(const std::vector<const FlagSet*>& sets, const std::vector<std::string>& arguments)
      : sets_(sets), arguments_(arguments) {}

  ParsedArguments parse() {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (argument == "--") {
        out_.has_dashes = true;
        out_.after_dashes.assign(arguments_.begin() + static_cast<std::ptrdiff_t>(next_),
                                 arguments_.end());
        break;
      }
      if (argument.starts_with("--"))
        parse_long(argument.substr(2));
      else if (argument.size() > 1 && argument[0] == '-')
        parse_short(argument);
      else
        take_positional(argument);
    }
    return std::move(out_);
  }

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const FlagSet* set : sets_)
      for (const Flag& flag : set->flags())
        if (flag.deprecated.empty()) names.push_back(flag.name);
    return names;
  }

  // "did you mean '--tar-format'?", or nothing.
  std::string similar_flags(std::string_view typed) const {
    return did_you_mean(similar(typed, names()), "--");
  }

  void take_positional(const std::string& argument) {
    out_.positional.push_back(argument);
    if (!out_.doubt.empty() || next_ < 2) return;
    const std::string& before = arguments_[next_ - 2];
    if (!before.starts_with('-')) return;
    if (argument == "true" || argument == "false")
      out_.doubt = fmt::format("the value of a switch stands behind '=': {}={}", before, argument);
    else if (before.size() > 2 && find_flag(sets_, std::string_view(before).substr(1)) != nullptr)
      out_.doubt = fmt::format("did you mean '-{}'?", before);
  }

  void parse_long(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (name.empty() || name.front() == '-') refuse(fmt::format("bad flag syntax: --{}", text));
    const Flag* flag = find_flag(sets_, std::string_view(name));
    if (flag == nullptr) refuse(fmt::format("unknown flag: --{}", name), similar_flags(name));
    if (equals != std::string::npos) return set(*flag, text.substr(equals + 1));
    if (flag->is_boolean()) return set(*flag, "true");
    set(*flag, take_next(fmt::format("--{}", name)));
  }

  // "-rf=x": letters of boolean flags, then perhaps one with a value.
  void parse_short(const std::string& argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const Flag* flag = find_flag(sets_, argument[i]);
      if (flag == nullptr)
        refuse(
            fmt::format("unknown shorthand flag: '{}' in -{}", argument[i], argument.substr(i)),
            argument.size() > 3 ? similar_flags(argument.substr(1, argument.find('=') - 1)) : "");
      const std::string rest = argument.substr(i + 1);
      if (rest.starts_with('=')) return set(*flag, rest.substr(1));
      if (flag->is_boolean()) {
        set(*flag, "true");
        continue;
      }
      if (!rest.empty()) return set(*flag, rest);
      return set(*flag, take_next(fmt::format("'{}' in -{}", argument[i], argument.substr(i))));
    }
  }

  std::string take_next(const std::string& name) {
    if (next_ == arguments_.size()) refuse(fmt::format("flag needs an argument: {}", name));
    return arguments_[next_++];
  }

  void set(const Flag& flag, const std::string& value) { set_flag(flag, value, out_); }

  const std::vector<const FlagSet*>& sets_;
  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  ParsedArguments out_;
};

using Sets = std::vector<const FlagSet*>;

// How many of these flags say something.
std::ptrdiff_t count_on(const std::vector<std::string>& names, const Sets& sets) {
  return std::count_if(names.begin(), names.end(), [&](const std::string& name) {
    const Flag* flag = find_flag(sets, std::string_view(name));
    return flag != nullptr && flag->is_on();
  });
}

bool holds(const FlagRelation& relation, const Sets& sets) {
  return (count_on(relation.others, sets) > 0) == (relation.kind == FlagRelation::Kind::kNeeds);
}

void check_choices(const FlagSet& set) {
  for (const FlagChoice& choice : set.choices())
    if (count_on(choice.names, {&set}) != 1) refuse(choice.sentence, choice.hint());
}

void check_relations(const FlagSet& set, const Sets& sets) {
  for (const Flag& flag : set.flags())
    for (const FlagRelation& relation : flag.relations)
      if (flag.is_on() && !holds(relation, sets)) refuse(relation.sentence, relation.hint);
}

}  // namespace

bool ParsedArguments::has(const std::string& flag) const {
  return std::find(given.begin(), given.end(), flag) != given.end();
}

ParsedArguments parse_flags(const std::vector<const FlagSet*>& sets,
                            const std::vector<std::string>& arguments) {
  return Parser(sets, arguments).parse();
}

void set_flag(const Flag& flag, const std::string& value, ParsedArguments& parsed) {
  try {
    flag.set(value);
  } catch (const std::string& why) {
    refuse(fmt::format("invalid argument {} for \"{}\" flag: {}", json_quote(value), called(flag),
                       why));
  }
  parsed.given.push_back(flag.name);
  parsed.values.emplace_back(flag.name, value);
  if (names_dash(flag, value)) parsed.dashes.push_back(flag.name);
  if (!flag.deprecated.empty())
    parsed.deprecated_used.push_back(
        fmt::format("Flag --{} has been deprecated, {}", flag.name, flag.deprecated));
}

void check_required(const std::vector<const FlagSet*>& sets, const ParsedArguments& parsed) {
  std::string missing;
  for (const FlagSet* set : sets)
    for (const Flag& flag : set->flags())
      if (const bool is_said = flag.is_for_arguments && !parsed.positional.empty();
          flag.required && !is_said && !parsed.has(flag.name))
        missing += fmt::format("{}\"{}\"", missing.empty() ? "" : ", ", flag.name);
  if (!missing.empty()) refuse(fmt::format("required flag(s) {} not set", missing));
}

void settle_flags(const std::vector<const FlagSet*>& sets) {
  for (const FlagSet* set : sets)
    for (const Flag& flag : set->flags())
      if (flag.settle) flag.settle();
  for (const FlagSet* set : sets) check_choices(*set);
  for (const FlagSet* set : sets) check_relations(*set, sets);
}

}  // namespace tote::cmd
