#include "cmd/cli/settings.h"

#include "base/error.h"
#include "base/text.h"
#include "base/trusted_file.h"
#include "cmd/cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "TOTE_FLAG_";

using Sets = std::vector<const FlagSet*>;

void collect_names(const Command& command, std::set<std::string>& names) {
  for (const Flag& flag : command.flags.flags())
    if (!flag.is_typed_only) names.insert(flag.name);
  for (const Command& sub : command.subcommands) collect_names(sub, names);
}

std::vector<std::string> all_variables(const Command& root, const FlagSet& global_flags) {
  std::set<std::string> names;
  collect_names(root, names);
  for (const Flag& flag : global_flags.flags())
    if (!flag.is_typed_only) names.insert(flag.name);
  std::vector<std::string> variables;
  for (const std::string& name : names) variables.push_back(variable_of(name));
  return variables;
}

std::vector<std::string> warnings_about(const Environment& environment,
                                        const std::vector<std::string>& known) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment.variables()) {
    if (!name.starts_with(kPrefix) || std::find(known.begin(), known.end(), name) != known.end())
      continue;
    const std::string meant = did_you_mean(similar(name, known));
    warnings.push_back(fmt::format("warning: the variable '{}' names no flag{}{}", name,
                                   meant.empty() ? "" : ": ", meant));
  }
  return warnings;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

// An empty variable is as one that is not set, unless that would open what was to be closed.
std::optional<Setting> in_variable(const Flag& flag, const Environment& environment) {
  const std::string name = variable_of(flag.name);
  const auto found = environment.variables().find(name);
  if (found == environment.variables().end()) return std::nullopt;
  if (found->second.empty()) {
    if (!flag.refuses_empty) return std::nullopt;
    throw Error(ErrorKind::kUsage, fmt::format("{}: it is empty", name))
        .with_hint("unset it, or say what it is");
  }
  return Setting{Setting::Rank::kVariable, &flag,
                 flag.type == "stringArray" ? lines_of(found->second)
                                            : std::vector<std::string>{found->second},
                 name};
}

// Of imgpkg's switch only "true" counts.
std::optional<Setting> in_foreign_variable(const Flag& flag, const Environment& environment) {
  if (flag.variable.empty()) return std::nullopt;
  const std::string value = environment.get(flag.variable);
  if (value.empty() || (flag.is_boolean() && value != "true")) return std::nullopt;
  return Setting{Setting::Rank::kForeignVariable, &flag, {value}, flag.variable};
}

std::optional<Setting> in_file(const Flag& flag, const FileValues& values) {
  const auto found = values.find(flag.name);
  if (found == values.end()) return std::nullopt;
  return Setting{Setting::Rank::kFile, &flag, uses_of(flag, found->second), found->second.where};
}

// What is decided: the command line first, then rank by rank.
class Decided {
 public:
  Decided(const Sets& sets, const ParsedArguments& parsed) : sets_(sets), names_(parsed.given) {}

  void add(const std::string& name) { names_.push_back(name); }

  bool leaves_room_for(const Flag& flag) const {
    if (has(flag.name)) return false;
    return std::none_of(sets_.begin(), sets_.end(),
                        [&](const FlagSet* set) { return rules_out(*set, flag); });
  }

  // Whether it is of use with what there is.
  bool supports(const Flag& flag) const {
    return std::all_of(flag.relations.begin(), flag.relations.end(), [&](const FlagRelation& one) {
      return one.kind != FlagRelation::Kind::kNeeds || has_any(one.others);
    });
  }

 private:
  bool has(const std::string& name) const {
    return std::find(names_.begin(), names_.end(), name) != names_.end();
  }

  bool has_any(const std::vector<std::string>& names) const {
    return std::any_of(names.begin(), names.end(), [this](const auto& name) { return has(name); });
  }

  static bool names(const std::vector<std::string>& all, const Flag& flag) {
    return std::find(all.begin(), all.end(), flag.name) != all.end();
  }

  bool rules_out(const FlagSet& set, const Flag& flag) const {
    for (const Flag& other : set.flags()) {
      const bool is_given = has(other.name);
      if (is_given && other.stands_for && other.stands_for(flag)) return true;
      for (const FlagRelation& relation : other.relations)
        if (relation.kind == FlagRelation::Kind::kExcludes &&
            ((is_given && names(relation.others, flag)) ||
             (&other == &flag && has_any(relation.others))))
          return true;
    }
    return std::any_of(set.choices().begin(), set.choices().end(), [&](const FlagChoice& choice) {
      return names(choice.names, flag) && has_any(choice.names);
    });
  }

  const Sets& sets_;
  std::vector<std::string> names_;
};

void set(const Setting& setting, ParsedArguments& parsed) {
  for (const std::string& use : setting.uses)
    while_doing([&] { return setting.from; }, [&] { set_flag(*setting.flag, use, parsed); });
}

}  // namespace

std::string variable_of(const std::string& flag) {
  std::string name(kPrefix);
  for (const char c : flag)
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

// The XDG Base Directory Specification: a relative path does not count.
fs::path settings_path(const Environment& environment) {
  const std::string config = environment.get("XDG_CONFIG_HOME");
  const std::string home = environment.get("HOME");
  if (config.starts_with('/')) return fs::path(config) / "tote" / "config.yml";
  if (home.starts_with('/')) return fs::path(home) / ".config" / "tote" / "config.yml";
  return {};
}

Settings::Settings(const Environment& environment, const Command& root, const FlagSet& global_flags)
    : environment_(environment),
      warnings_(warnings_about(environment, all_variables(root, global_flags))) {
  const fs::path path = settings_path(environment);
  if (path.empty()) return;
  const auto text = while_doing([&] { return fmt::format("Reading '{}'", path.string()); },
                                [&] { return read_trusted_file(path, kMaxSettingsSize); });
  if (text) file_ = SettingsFile::parse(*text, path.string(), root, global_flags);
}

std::vector<Setting> Settings::of(const std::string& path, const Sets& sets) const {
  std::vector<Setting> all;
  std::set<std::string> seen;
  const auto command = file_.commands.find(path);
  for (const FlagSet* set : sets)
    for (const Flag& flag : set->flags()) {
      if (flag.is_typed_only || !seen.insert(flag.name).second) continue;
      std::optional<Setting> found = in_variable(flag, environment_);
      if (!found) found = in_foreign_variable(flag, environment_);
      if (!found && command != file_.commands.end()) {
        found = in_file(flag, command->second);
        if (found) found->is_of_one_command = true;
      }
      if (!found) found = in_file(flag, file_.flags);
      if (found) all.push_back(std::move(*found));
    }
  return all;
}

std::map<std::string, FileValues> Settings::hosts_below(
    const ParsedArguments& typed, const std::vector<Setting>& settings) const {
  std::set<std::string> above(typed.given.begin(), typed.given.end());
  for (const Setting& setting : settings)
    if (setting.rank != Setting::Rank::kFile) above.insert(setting.flag->name);
  std::map<std::string, FileValues> hosts = file_.hosts;
  for (auto& [host, values] : hosts)
    std::erase_if(values, [&](const auto& value) { return above.contains(value.first); });
  return hosts;
}

void apply(const std::vector<Setting>& settings, const Sets& sets, ParsedArguments& parsed) {
  for (const Setting::Rank rank : {Setting::Rank::kVariable, Setting::Rank::kFile}) {
    const Decided above(sets, parsed);
    std::vector<const Setting*> chosen;
    for (const Setting& setting : settings)
      if (setting.rank == rank && above.leaves_room_for(*setting.flag)) chosen.push_back(&setting);
    Decided with(sets, parsed);
    for (const Setting* setting : chosen) with.add(setting->flag->name);
    for (const Setting* setting : chosen)
      if (with.supports(*setting->flag)) set(*setting, parsed);
  }
}

}  // namespace tote::cmd
