#include "cmd/cli/reference_page.h"

#include "base/text.h"
#include "cmd/cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace tote::cmd {
namespace {

using Visit = std::function<void(const Command&, const std::string& path)>;

void for_each_that_runs(const Command& command, const std::string& path, const Visit& visit) {
  if (command.run) visit(command, path);
  for (const Command& sub : command.subcommands)
    for_each_that_runs(sub, path + " " + sub.name, visit);
}

// Where a heading is linked to: small letters, '-' for blanks, without other punctuation.
std::string anchor(const std::string& heading) {
  std::string out;
  for (const char c : to_lower(heading))
    if (c == ' ')
      out += '-';
    else if (c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += c;
  return out;
}

std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// "; only with `--a` or `--b`", of all relations of that kind.
std::string relations(const Flag& flag, FlagRelation::Kind kind, const char* words) {
  std::vector<std::string> others;
  for (const FlagRelation& relation : flag.relations)
    if (relation.kind == kind)
      others.insert(others.end(), relation.others.begin(), relation.others.end());
  return others.empty() ? "" : fmt::format("; {} {}", words, list_of_flags(others, "`"));
}

std::string flag_row(const Flag& flag) {
  std::string head = flag.shorthand == 0 ? "" : fmt::format("`-{}`, ", flag.shorthand);
  head += fmt::format("`--{}`{}", flag.name, flag.type.empty() ? "" : " " + flag.type);
  std::string text = flag.help;
  if (!flag.machine_value.empty()) text += " what this machine is";
  if (!flag.variable.empty()) text += fmt::format("; or `${}`", flag.variable);
  if (flag.is_own) text += "; tote's own";
  if (flag.required) text += "; required";
  text += relations(flag, FlagRelation::Kind::kNeeds, "only with");
  text += relations(flag, FlagRelation::Kind::kExcludes, "not with");
  const std::string value =
      flag.default_text.empty() ? "" : fmt::format("`{}`", cell(flag.default_text));
  return fmt::format("| {} | {} | {} |\n", head, value, cell(text));
}

std::string flag_table(std::vector<const Flag*> flags) {
  if (flags.empty()) return {};
  std::sort(flags.begin(), flags.end(),
            [](const Flag* a, const Flag* b) { return a->name < b->name; });
  std::string out = "\n| flag | default | |\n|---|---|---|\n";
  for (const Flag* flag : flags) out += flag_row(*flag);
  return out;
}

// Those that are shown, by the name of what they share; "" for the command's own.
std::map<std::string, std::vector<const Flag*>> by_group(const FlagSet& flags) {
  std::map<std::string, std::vector<const Flag*>> groups;
  for (const Flag& flag : flags.flags())
    if (flag.deprecated.empty()) groups[flag.group].push_back(&flag);
  return groups;
}

std::string group_heading(const std::string& group) {
  return "Flags about " + group;
}

std::string exit_code_table(const std::vector<ExitCodeMeaning>& meanings) {
  std::string out = "\n| exit code | |\n|---|---|\n";
  for (const auto& [code, when] : meanings)
    out += fmt::format("| {} | {} |\n", static_cast<int>(code), when);
  return out;
}

std::string exit_codes_of(const Command& command) {
  std::string out;
  for (const auto& [code, when] : command.exit_codes)
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", static_cast<int>(code), when);
  if (command.takes_child_command)
    out += fmt::format("{}with a command: the one of that", out.empty() ? "" : "; ");
  return out.empty() ? "" : fmt::format("\nExit code {}.\n", out);
}

// "page.md#heading" of docs/machine-output.md.
std::string json_of(const Command& command) {
  if (command.json.empty()) return {};
  return fmt::format("\n`--json`: [machine-output.md](machine-output.md#{}).\n",
                     anchor(command.json));
}

std::string section(const Command& command, const std::string& path) {
  std::string out = fmt::format("\n## {}\n\n{}.\n\n```text\n{}\n```\n", path, command.summary,
                                usage_line(command, path));
  for (const std::string& alias : command.aliases)
    out += fmt::format("\nAlso called `{}`.\n", alias);
  if (command.is_own) out += "\nTote's own.\n";
  for (const FlagChoice& choice : command.flags.choices())
    out += fmt::format("\nExactly one of {}.\n", list_of_flags(choice.names, "`"));
  const auto groups = by_group(command.flags);
  for (const auto& [group, flags] : groups)
    if (group.empty())
      out += flag_table(flags);
    else
      out += fmt::format("\nAnd the [flags about {}](#{}).\n", group, anchor(group_heading(group)));
  return out + json_of(command) + exit_codes_of(command);
}

}  // namespace

std::string reference_page(const Command& root, const FlagSet& global_flags) {
  std::string table = "| command | what it does |\n|---|---|\n";
  std::string sections;
  std::map<std::string, std::vector<const Flag*>> shared;
  for_each_that_runs(root, root.name, [&](const Command& command, const std::string& path) {
    table += fmt::format("| [{}](#{}) | {} |\n", path, anchor(path), cell(command.summary));
    sections += section(command, path);
    for (auto& [group, flags] : by_group(command.flags))
      if (!group.empty()) shared[group] = flags;
  });
  std::string out = table + sections;
  for (const auto& [group, flags] : shared)
    out += fmt::format("\n## {}\n{}", group_heading(group), flag_table(flags));
  out += "\n## Flags of every command\n" + flag_table(by_group(global_flags)[""]);
  return out + "\n## Exit codes\n" + exit_code_table(common_exit_codes());
}

}  // namespace tote::cmd
