#include "cmd/cli/flags.h"

#include "base/go_duration.h"
#include "base/json_quote.h"
#include "cmd/cli/byte_size.h"
#include "cmd/cli/flag_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tote::cmd {
namespace {

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ",") + item;
  return out;
}

// What help says of a default, and whether a value says something. Of numbers it always does.
std::string default_text(const std::string& value) {
  return value.empty() ? "" : json_quote(value);
}
std::string default_text(const std::filesystem::path& value) {
  return default_text(value.string());
}
std::string default_text(bool value) {
  return value ? "true" : "";
}
std::string default_text(int value) {
  return value == 0 ? "" : std::to_string(value);
}
std::string default_text(std::chrono::milliseconds value) {
  return format_go_duration(value);
}
std::string default_text(const std::vector<std::string>& value) {
  return value.empty() ? "" : fmt::format("[{}]", joined(value));
}
std::string default_text(const std::map<std::string, std::string>&) {
  return {};
}

bool says_something(bool value) {
  return value;
}
bool says_something(int) {
  return true;
}
bool says_something(std::chrono::milliseconds) {
  return true;
}
template <class Container>
bool says_something(const Container& value) {
  return !value.empty();
}

// `read` takes a value from the command line; it throws std::string.
template <class Value, class Read>
Flag bound(Flag flag, Value& target, Read read) {
  flag.default_text = default_text(target);
  flag.set = [&target, read](const std::string& text) { read(target, text); };
  flag.is_on = [&target] { return says_something(target); };
  return flag;
}

// The flag owns the value until it is taken.
template <class Value>
Flag& keep(Flag& flag, std::shared_ptr<Value> value, std::function<void(const Value&)> take) {
  return flag.checked_by([value = std::move(value), take = std::move(take)] { take(*value); });
}

std::function<void(const std::vector<std::string>&)> for_each(FlagSet::Take take) {
  return [take = std::move(take)](const std::vector<std::string>& values) {
    for (const std::string& value : values) take(value);
  };
}

}  // namespace

std::string list_of_flags(const std::vector<std::string>& names, std::string_view quotes) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const char* between = i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    out += fmt::format("{0}{1}--{2}{1}", between, quotes, names[i]);
  }
  return out;
}

std::string Flag::description() const {
  std::string out = help;
  if (!machine_value.empty()) out += " " + machine_value;
  if (!variable.empty()) out += fmt::format(" (${})", variable);
  return out;
}

Flag& Flag::never_empty() {
  refuses_empty = true;
  set = [next = std::move(set)](const std::string& value) {
    if (value.empty()) throw std::string("it is empty");
    next(value);
  };
  return *this;
}

Flag& Flag::needs(std::vector<std::string> others, std::string sentence) {
  if (sentence.empty())
    sentence = fmt::format("Expected --{} only with {}", name, list_of_flags(others));
  relations.push_back({FlagRelation::Kind::kNeeds, std::move(others), std::move(sentence), {}});
  return *this;
}

Flag& Flag::excludes(std::vector<std::string> others, std::string sentence, std::string hint) {
  if (sentence.empty())
    sentence = fmt::format("Expected either {} or --{}, not both", list_of_flags(others), name);
  relations.push_back(
      {FlagRelation::Kind::kExcludes, std::move(others), std::move(sentence), std::move(hint)});
  return *this;
}

Flag& Flag::own() {
  is_own = true;
  return *this;
}

Flag& Flag::dash_is_a_stream() {
  knows_dash = true;
  return *this;
}

Flag& Flag::typed_only() {
  is_typed_only = true;
  return *this;
}

Flag& Flag::per_host() {
  is_per_host = true;
  return *this;
}

Flag& Flag::secret() {
  is_secret = [](const std::string&) { return true; };
  return *this;
}

Flag& Flag::checked_by(std::function<void()> check) {
  settle = settle ? [first = std::move(settle), second = std::move(check)] { first(), second(); }
                  : std::move(check);
  return *this;
}

Flag& FlagSet::add(Flag flag) {
  flags_.push_back(std::move(flag));
  return flags_.back();
}

// ---- into targets -----------------------------------------------------------------------------

Flag& FlagSet::add_string(std::string name, char shorthand, std::string& target, std::string help) {
  return add(bound({std::move(name), shorthand, "string", std::move(help)}, target,
                   [](std::string& value, const std::string& text) { value = text; }));
}

Flag& FlagSet::add_path(std::string name, char shorthand, std::string& target, std::string help) {
  Flag& flag = add_string(std::move(name), shorthand, target, std::move(help));
  flag.is_path = true;
  return flag;
}

Flag& FlagSet::add_path(std::string name, char shorthand, std::filesystem::path& target,
                        std::string help) {
  Flag& flag =
      add(bound({std::move(name), shorthand, "string", std::move(help)}, target,
                [](std::filesystem::path& value, const std::string& text) { value = text; }));
  flag.is_path = true;
  return flag;
}

Flag& FlagSet::add_bool(std::string name, char shorthand, bool& target, std::string help) {
  return add(bound({std::move(name), shorthand, "", std::move(help)}, target,
                   [](bool& value, const std::string& text) { value = parse_bool(text); }));
}

Flag& FlagSet::add_int(std::string name, char shorthand, int& target, std::string help) {
  return add(bound({std::move(name), shorthand, "int", std::move(help)}, target,
                   [](int& value, const std::string& text) { value = parse_int(text); }));
}

Flag& FlagSet::add_duration(std::string name, char shorthand, Milliseconds& target,
                            std::string help) {
  return add(
      bound({std::move(name), shorthand, "duration", std::move(help)}, target,
            [](Milliseconds& value, const std::string& text) { value = parse_go_duration(text); }));
}

Flag& FlagSet::add_list(std::string name, char shorthand, std::vector<std::string>& target,
                        std::string help) {
  const auto read = [used = std::make_shared<bool>(false)](std::vector<std::string>& value,
                                                           const std::string& text) {
    std::vector<std::string> fields = parse_csv(text);
    if (!std::exchange(*used, true)) value.clear();
    value.insert(value.end(), fields.begin(), fields.end());
  };
  return add(bound({std::move(name), shorthand, "strings", std::move(help)}, target, read));
}

Flag& FlagSet::add_array(std::string name, char shorthand, std::vector<std::string>& target,
                         std::string help) {
  return add(bound(
      {std::move(name), shorthand, "stringArray", std::move(help)}, target,
      [](std::vector<std::string>& value, const std::string& text) { value.push_back(text); }));
}

Flag& FlagSet::add_switch_or_list(std::string name, bool& is_on, std::vector<std::string>& target,
                                  std::string help) {
  Flag flag{std::move(name), 0, "", std::move(help)};
  flag.takes_list = true;
  flag.set = [&is_on, &target](const std::string& text) {
    is_on = text != "false";
    if (text == "true" || text == "false") return target.clear();
    const std::vector<std::string> fields = parse_csv(text);
    if (fields.empty()) throw std::string("it is empty");
    target.insert(target.end(), fields.begin(), fields.end());
  };
  flag.is_on = [&is_on] { return is_on; };
  return add(std::move(flag));
}

Flag& FlagSet::add_map(std::string name, char shorthand, std::map<std::string, std::string>& target,
                       std::string help) {
  return add(bound({std::move(name), shorthand, "stringToString", std::move(help)}, target,
                   [](std::map<std::string, std::string>& value, const std::string& text) {
                     for (auto& [key, part] : parse_pairs(text)) value[key] = std::move(part);
                   }));
}

// ---- by way of functions ----------------------------------------------------------------------

Flag& FlagSet::add_string(std::string name, std::string value, std::string help, Take take) {
  auto kept = std::make_shared<std::string>(std::move(value));
  Flag& flag = add_string(std::move(name), 0, *kept, std::move(help));
  const bool has_default = !kept->empty();
  return keep<std::string>(flag, kept, [has_default, take = std::move(take)](const auto& text) {
    if (has_default || !text.empty()) take(text);
  });
}

Flag& FlagSet::add_byte_size(std::string name, std::string value, std::string help,
                             std::function<void(std::uint64_t)> take) {
  const std::string called = "--" + name;
  return add_string(std::move(name), std::move(value), std::move(help),
                    [called, take = std::move(take)](const std::string& text) {
                      take(parse_byte_size(text, called));
                    });
}

Flag& FlagSet::add_bool(std::string name, std::string help, std::function<void(bool)> take) {
  auto kept = std::make_shared<bool>(false);
  Flag& flag = add_bool(std::move(name), 0, *kept, std::move(help));
  return keep<bool>(flag, kept, std::move(take));
}

Flag& FlagSet::add_int(std::string name, int value, std::string help,
                       std::function<void(int)> take) {
  auto kept = std::make_shared<int>(value);
  Flag& flag = add_int(std::move(name), 0, *kept, std::move(help));
  return keep<int>(flag, kept, std::move(take));
}

Flag& FlagSet::add_duration(std::string name, Milliseconds value, std::string help,
                            std::function<void(Milliseconds)> take) {
  auto kept = std::make_shared<Milliseconds>(value);
  Flag& flag = add_duration(std::move(name), 0, *kept, std::move(help));
  return keep<Milliseconds>(flag, kept, std::move(take));
}

Flag& FlagSet::add_list(std::string name, std::vector<std::string> values, std::string help,
                        Take take) {
  auto kept = std::make_shared<std::vector<std::string>>(std::move(values));
  Flag& flag = add_list(std::move(name), 0, *kept, std::move(help));
  return keep<std::vector<std::string>>(flag, kept, for_each(std::move(take)));
}

Flag& FlagSet::add_array(std::string name, std::string help, Take take) {
  auto kept = std::make_shared<std::vector<std::string>>();
  Flag& flag = add_array(std::move(name), 0, *kept, std::move(help));
  return keep<std::vector<std::string>>(flag, kept, for_each(std::move(take)));
}

Flag& FlagSet::add_values(std::string name, std::string help,
                          std::function<void(const std::vector<std::string>&)> take) {
  auto kept = std::make_shared<std::vector<std::string>>();
  Flag& flag = add_array(std::move(name), 0, *kept, std::move(help));
  return flag.checked_by([kept, take = std::move(take)] {
    if (!kept->empty()) take(*kept);
  });
}

void FlagSet::one_of(std::vector<std::string> names, std::string sentence,
                     std::function<std::string()> hint) {
  choices_.push_back({std::move(names), std::move(sentence), std::move(hint)});
}

void FlagSet::add_group(const std::string& group, FlagSet flags) {
  for (Flag& flag : flags.flags_) add(std::move(flag)).group = group;
  for (FlagChoice& choice : flags.choices_) choices_.push_back(std::move(choice));
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

std::function<void(std::chrono::milliseconds)> rounded_up(std::chrono::seconds& target) {
  return [&target](std::chrono::milliseconds given) {
    target = std::chrono::ceil<std::chrono::seconds>(given);
  };
}

}  // namespace tote::cmd
