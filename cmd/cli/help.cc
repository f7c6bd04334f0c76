#include "cmd/cli/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

// "  -b, --bundle string", before the help texts are aligned.
std::string flag_head(const Flag& flag) {
  const std::string shorthand =
      flag.shorthand == 0 ? "      " : fmt::format("  -{}, ", flag.shorthand);
  return fmt::format("{}--{}{}", shorthand, flag.name, flag.type.empty() ? "" : " " + flag.type);
}

// But for those that others hide by having their names.
std::string flag_list(const FlagSet& flags, const FlagSet& others = {}) {
  std::vector<const Flag*> shown;
  for (const Flag& flag : flags.flags())
    if (flag.deprecated.empty() && others.find(std::string_view(flag.name)) == nullptr)
      shown.push_back(&flag);
  std::sort(shown.begin(), shown.end(),
            [](const Flag* a, const Flag* b) { return a->name < b->name; });
  std::size_t width = 0;
  for (const Flag* flag : shown) width = std::max(width, flag_head(*flag).size());
  std::string out;
  for (const Flag* flag : shown)
    out += fmt::format(
        "{:<{}}   {}{}\n", flag_head(*flag), width, flag->description(),
        flag->default_text.empty() ? "" : fmt::format(" (default {})", flag->default_text));
  return out;
}

std::string command_list(const Command& command) {
  std::size_t width = 11;
  for (const Command& sub : command.subcommands) width = std::max(width, sub.name.size());
  std::string out;
  for (const Command& sub : command.subcommands)
    out += fmt::format("  {:<{}} {}\n", sub.name, width, sub.summary);
  return out;
}

// Written for "tote", shown for whatever the program is called by.
std::string examples_for(const Command& command, const std::string& path) {
  constexpr std::string_view kOwn = "  tote ";
  std::string out = command.examples;
  const std::string program = path.substr(0, path.find(' '));
  for (std::size_t at = 0; (at = out.find(kOwn, at)) != std::string::npos; at += program.size())
    out.replace(at, kOwn.size(), fmt::format("  {} ", program));
  return out;
}

std::string argument_text(const Argument& argument) {
  std::string out = argument.name + (argument.repeats ? "..." : "");
  return argument.is_optional ? fmt::format("[{}]", out) : out;
}

}  // namespace

std::string usage_line(const Command& command, const std::string& path) {
  std::string out = path;
  for (const Argument& argument : command.arguments) out += " " + argument_text(argument);
  out += " [flags]";
  return command.takes_child_command ? out + " [-- COMMAND]" : out;
}

std::string help_text(const Command& command, const std::string& path,
                      const FlagSet& global_flags) {
  std::string out = command.summary + "\n\nUsage:\n";
  // imgpkg's own names no arguments.
  if (command.run)
    out += fmt::format("  {}\n",
                       path.starts_with("imgpkg ") ? path + " [flags]" : usage_line(command, path));
  if (!command.subcommands.empty()) out += fmt::format("  {} [command]\n", path);
  if (!command.aliases.empty())
    out += fmt::format("\nAliases:\n  {}, {}\n", command.name, command.aliases.front());
  if (!command.examples.empty())
    out += fmt::format("\nExamples:\n{}\n", examples_for(command, path));
  if (!command.subcommands.empty())
    out += fmt::format("\nAvailable Commands:\n{}", command_list(command));
  if (!command.flags.flags().empty()) out += fmt::format("\nFlags:\n{}", flag_list(command.flags));
  out += fmt::format("\nGlobal Flags:\n{}", flag_list(global_flags, command.flags));
  if (!command.subcommands.empty())
    out +=
        fmt::format("\nUse \"{} [command] --help\" for more information about a command.\n", path);
  return out;
}

}  // namespace tote::cmd
