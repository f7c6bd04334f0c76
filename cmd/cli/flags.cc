#include "cmd/cli/flags.h"

#include "base/error.h"
#include "base/go_duration.h"
#include "base/json_quote.h"
#include "base/text.h"
#include "cmd/cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace tote::cmd {
namespace {

[[noreturn]] void refuse(std::string message, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, std::move(message)).with_hint(std::move(hint));
}

bool parse_bool(const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  throw fmt::format("strconv.ParseBool: parsing {}: invalid syntax", json_quote(text));
}

int parse_int(const std::string& text) {
  int value = 0;
  const bool plus = text.starts_with('+') && !text.starts_with("+-");
  const char* first = text.data() + (plus ? 1 : 0);
  const char* last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(first, last, value);
  if (failure == std::errc::result_out_of_range)
    throw fmt::format("strconv.ParseInt: parsing {}: value out of range", json_quote(text));
  if (failure != std::errc{} || end != last)
    throw fmt::format("strconv.ParseInt: parsing {}: invalid syntax", json_quote(text));
  return value;
}

// One field of a CSV record (RFC 4180); `rest` is left at the comma behind it.
std::string take_csv_field(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    std::string field(rest.substr(0, rest.find(',')));
    if (field.find('"') != std::string::npos)
      throw std::string("parse error on line 1: bare \" in non-quoted-field");
    rest.remove_prefix(field.size());
    return field;
  }
  std::string field;
  rest.remove_prefix(1);
  for (;;) {
    if (rest.empty())
      throw std::string("parse error on line 1: extraneous or missing \" in quoted-field");
    if (rest.starts_with("\"\"")) {
      field += '"';
      rest.remove_prefix(2);
    } else if (rest.front() == '"') {
      rest.remove_prefix(1);
      if (!rest.empty() && rest.front() != ',')
        throw std::string("parse error on line 1: extraneous or missing \" in quoted-field");
      return field;
    } else {
      field += rest.front();
      rest.remove_prefix(1);
    }
  }
}

std::vector<std::string> parse_csv(const std::string& text) {
  std::vector<std::string> fields;
  if (text.empty()) return fields;
  std::string_view rest = text;
  for (;;) {
    fields.push_back(take_csv_field(rest));
    if (rest.empty()) return fields;
    rest.remove_prefix(1);  // the comma
  }
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string called(const Flag& flag) {
  return flag.shorthand == 0 ? "--" + flag.name
                             : fmt::format("-{}, --{}", flag.shorthand, flag.name);
}

// Whether a path flag was given as "-", alone, in a list, or as "NAME=-".
bool names_dash(const Flag& flag, const std::string& value) {
  if (!flag.is_path) return false;
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
  template <class Key>
  const Flag* find(Key key) const {
    for (const FlagSet* set : sets_)
      if (const Flag* flag = set->find(key)) return flag;
    return nullptr;
  }

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
    else if (before.size() > 2 && find(std::string_view(before).substr(1)) != nullptr)
      out_.doubt = fmt::format("did you mean '-{}'?", before);
  }

  void parse_long(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (name.empty() || name.front() == '-') refuse(fmt::format("bad flag syntax: --{}", text));
    const Flag* flag = find(std::string_view(name));
    if (flag == nullptr) refuse(fmt::format("unknown flag: --{}", name), similar_flags(name));
    if (equals != std::string::npos) return set(*flag, text.substr(equals + 1));
    if (flag->is_boolean()) return set(*flag, "true");
    set(*flag, take_next(fmt::format("--{}", name)));
  }

  // "-rf=x": letters of boolean flags, then perhaps one with a value.
  void parse_short(const std::string& argument) {
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const Flag* flag = find(argument[i]);
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

  void set(const Flag& flag, const std::string& value) {
    try {
      flag.set(value);
    } catch (const std::string& why) {
      refuse(fmt::format("invalid argument {} for \"{}\" flag: {}", json_quote(value), called(flag),
                         why));
    }
    out_.given.push_back(flag.name);
    if (names_dash(flag, value)) out_.dashes.push_back(flag.name);
    if (!flag.deprecated.empty())
      out_.deprecated_used.push_back(
          fmt::format("Flag --{} has been deprecated, {}", flag.name, flag.deprecated));
  }

  const std::vector<const FlagSet*>& sets_;
  const std::vector<std::string>& arguments_;
  std::size_t next_ = 0;
  ParsedArguments out_;
};

}  // namespace

Flag& FlagSet::add(std::string name, char shorthand, std::string type, std::string help,
                   std::function<void(const std::string&)> set) {
  flags_.push_back({std::move(name),
                    shorthand,
                    std::move(type),
                    std::move(help),
                    {},
                    {},
                    false,
                    false,
                    std::move(set)});
  return flags_.back();
}

Flag& FlagSet::add_string(std::string name, char shorthand, std::string& target, std::string help) {
  Flag& flag = add(std::move(name), shorthand, "string", std::move(help),
                   [&target](const std::string& value) { target = value; });
  if (!target.empty()) flag.default_text = json_quote(target);
  return flag;
}

Flag& FlagSet::add_path(std::string name, char shorthand, std::string& target, std::string help) {
  Flag& flag = add_string(std::move(name), shorthand, target, std::move(help));
  flag.is_path = true;
  return flag;
}

Flag& FlagSet::add_bool(std::string name, char shorthand, bool& target, std::string help) {
  Flag& flag = add(std::move(name), shorthand, "", std::move(help),
                   [&target](const std::string& value) { target = parse_bool(value); });
  if (target) flag.default_text = "true";
  return flag;
}

Flag& FlagSet::add_int(std::string name, char shorthand, int& target, std::string help) {
  Flag& flag = add(std::move(name), shorthand, "int", std::move(help),
                   [&target](const std::string& value) { target = parse_int(value); });
  if (target != 0) flag.default_text = std::to_string(target);
  return flag;
}

Flag& FlagSet::add_duration(std::string name, char shorthand, std::chrono::milliseconds& target,
                            std::string help) {
  Flag& flag = add(std::move(name), shorthand, "duration", std::move(help),
                   [&target](const std::string& value) { target = parse_go_duration(value); });
  flag.default_text = format_go_duration(target);
  return flag;
}

Flag& FlagSet::add_list(std::string name, char shorthand, std::vector<std::string>& target,
                        std::string help) {
  auto used = std::make_shared<bool>(false);
  Flag& flag = add(std::move(name), shorthand, "strings", std::move(help),
                   [&target, used](const std::string& value) {
                     std::vector<std::string> fields = parse_csv(value);
                     if (!std::exchange(*used, true)) target.clear();
                     target.insert(target.end(), fields.begin(), fields.end());
                   });
  if (!target.empty()) flag.default_text = fmt::format("[{}]", joined(target));
  return flag;
}

Flag& FlagSet::add_array(std::string name, char shorthand, std::vector<std::string>& target,
                         std::string help) {
  return add(std::move(name), shorthand, "stringArray", std::move(help),
             [&target](const std::string& text) { target.push_back(text); });
}

Flag& FlagSet::add_map(std::string name, char shorthand, std::map<std::string, std::string>& target,
                       std::string help) {
  return add(std::move(name), shorthand, "stringToString", std::move(help),
             [&target](const std::string& value) {
               // One pair alone may hold commas.
               const bool single = std::count(value.begin(), value.end(), '=') == 1;
               for (const std::string& pair :
                    single ? std::vector<std::string>{value} : parse_csv(value)) {
                 const std::size_t equals = pair.find('=');
                 if (equals == std::string::npos)
                   throw fmt::format("{} must be formatted as key=value", pair);
                 target[pair.substr(0, equals)] = pair.substr(equals + 1);
               }
             });
}

const Flag* FlagSet::find(std::string_view name) const {
  const auto found = std::find_if(flags_.begin(), flags_.end(),
                                  [&](const Flag& flag) { return flag.name == name; });
  return found == flags_.end() ? nullptr : &*found;
}

const Flag* FlagSet::find(char shorthand) const {
  const auto found = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& flag) {
    return flag.shorthand != 0 && flag.shorthand == shorthand;
  });
  return found == flags_.end() ? nullptr : &*found;
}

ParsedArguments parse_flags(const std::vector<const FlagSet*>& sets,
                            const std::vector<std::string>& arguments) {
  return Parser(sets, arguments).parse();
}

void check_required(const std::vector<const FlagSet*>& sets, const ParsedArguments& parsed) {
  std::string missing;
  for (const FlagSet* set : sets)
    for (const Flag& flag : set->flags())
      if (flag.required &&
          std::find(parsed.given.begin(), parsed.given.end(), flag.name) == parsed.given.end())
        missing += fmt::format("{}\"{}\"", missing.empty() ? "" : ", ", flag.name);
  if (!missing.empty()) refuse(fmt::format("required flag(s) {} not set", missing));
}

}  // namespace tote::cmd
