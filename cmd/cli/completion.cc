#include "cmd/cli/completion.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tote::cmd {
namespace {

using Visit = std::function<void(const Command&, const std::string& path)>;

// Depth first; `path` is "tote tag list".
void for_each_command(const Command& command, const std::string& path, const Visit& visit) {
  visit(command, path);
  for (const Command& sub : command.subcommands) {
    std::vector<std::string> names = sub.aliases;
    names.insert(names.begin(), sub.name);
    for (const std::string& name : names) for_each_command(sub, path + " " + name, visit);
  }
}

std::vector<const Flag*> shown_flags(const FlagSet& own, const FlagSet& global) {
  std::vector<const Flag*> shown;
  for (const FlagSet* set : {&own, &global})
    for (const Flag& flag : set->flags())
      if (flag.deprecated.empty()) shown.push_back(&flag);
  return shown;
}

std::string words_of(const Command& command, const FlagSet& global) {
  std::string words;
  for (const Command& sub : command.subcommands) words += sub.name + " ";
  for (const Argument& argument : command.arguments)
    for (const std::string& word : argument.words) words += word + " ";
  for (const Flag* flag : shown_flags(command.flags, global)) words += "--" + flag->name + " ";
  return words;
}

// A shell function's name: "imgpkg-2" is "_imgpkg_2".
std::string function_name(const std::string& program) {
  std::string name = "_" + program;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

// Single quotes, also for fish.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
  return out + "'";
}

std::string fish_flag(const std::string& program, const std::string& condition, const Flag& flag) {
  return fmt::format("complete -c {}{} -l {}{}{} -d {}\n", program, condition, flag.name,
                     flag.shorthand == 0 ? "" : fmt::format(" -s {}", flag.shorthand),
                     flag.is_boolean() ? "" : " -r", shell_quoted(flag.description()));
}

// What an argument may be: its words, directories only, or whatever fish offers.
std::string fish_argument(const std::string& program, const std::string& condition,
                          const Argument& argument) {
  if (argument.kind == ArgumentKind::kPlace) return {};
  std::string words;
  for (const std::string& word : argument.words) words += (words.empty() ? "" : " ") + word;
  if (argument.kind == ArgumentKind::kDirectory) words = "(__fish_complete_directories)";
  return words.empty()
             ? ""
             : fmt::format("complete -c {}{} -f -a {}\n", program, condition, shell_quoted(words));
}

// What has been typed for the command to be meant.
std::string fish_condition(const std::string& path, const Command& command) {
  std::vector<std::string> words = split(path, ' ');
  std::string condition;
  for (std::size_t i = 1; i < words.size(); ++i)
    condition += (condition.empty() ? "" : "; and ") +
                 fmt::format("__fish_seen_subcommand_from {}", words[i]);
  std::string below;
  for (const Command& sub : command.subcommands) below += " " + sub.name;
  if (!below.empty())
    condition += (condition.empty() ? "" : "; and ") +
                 fmt::format("not __fish_seen_subcommand_from{}", below);
  return condition.empty() ? "" : " -n " + shell_quoted(condition);
}

}  // namespace

std::string bash_completion(const Command& root, const FlagSet& global_flags) {
  std::string paths;
  std::string cases;
  for_each_command(root, root.name, [&](const Command& command, const std::string& path) {
    paths += (paths.empty() ? "" : "|") + shell_quoted(path);
    cases += fmt::format("    {}) words={} ;;\n", shell_quoted(path),
                         shell_quoted(words_of(command, global_flags)));
  });
  const std::string function = function_name(root.name);
  return fmt::format(R"(# bash completion for {0}; to use it: source <({0} completion bash)
{1}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} at={4} words= word
  for word in "${{COMP_WORDS[@]:1:$((COMP_CWORD-1))}}"; do
    case "$at $word" in
      {2}) at="$at $word" ;;
    esac
  done
  case "$at" in
{3}  esac
  case "$current" in
    -*) ;;
    *) words=$(for word in $words; do case $word in -*) ;; *) echo "$word" ;; esac; done) ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F {1} {4}
)",
                     root.name, function, paths, cases, shell_quoted(root.name));
}

std::string zsh_completion(const Command& root, const FlagSet& global_flags) {
  // In $fpath the file is the function of that name itself, called to complete at once.
  return fmt::format(
      "#compdef {0}\nautoload -U +X bashcompinit && bashcompinit\n{1}"
      "[ \"${{funcstack[1]}}\" = {2} ] && _bash_complete -o default -F {2}\n",
      root.name, bash_completion(root, global_flags), function_name(root.name));
}

std::string fish_completion(const Command& root, const FlagSet& global_flags) {
  std::string out = fmt::format(
      "# fish completion for {0}; to use it: {0} completion fish | source\n", root.name);
  for_each_command(root, root.name, [&](const Command& command, const std::string& path) {
    const std::string condition = fish_condition(path, command);
    for (const Command& sub : command.subcommands)
      out += fmt::format("complete -c {}{} -f -a {} -d {}\n", root.name, condition, sub.name,
                         shell_quoted(sub.summary));
    for (const Argument& argument : command.arguments)
      out += fish_argument(root.name, condition, argument);
    for (const Flag& flag : command.flags.flags())
      if (flag.deprecated.empty()) out += fish_flag(root.name, condition, flag);
  });
  for (const Flag& flag : global_flags.flags()) out += fish_flag(root.name, "", flag);
  return out;
}

}  // namespace tote::cmd
