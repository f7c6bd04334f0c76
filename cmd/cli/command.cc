#include "cmd/cli/command.h"

#include "base/error.h"
#include "cmd/cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::cmd {
namespace {

bool is_called(const Command& command, const std::string& word) {
  return command.name == word ||
         std::find(command.aliases.begin(), command.aliases.end(), word) != command.aliases.end();
}

const Command* find_subcommand(const Command& command, const std::string& word) {
  const auto found = std::find_if(command.subcommands.begin(), command.subcommands.end(),
                                  [&](const Command& sub) { return is_called(sub, word); });
  return found == command.subcommands.end() ? nullptr : &*found;
}

// Whether the next word is the value of this option, which may be one of a command still to come:
// those are taken to have values, as cobra does.
bool takes_next_word(const FlagSet& flags, const std::string& argument) {
  if (argument.find('=') != std::string::npos) return false;
  const bool is_long = argument.starts_with("--");
  if (!is_long && argument.size() != 2) return false;
  const Flag* flag =
      is_long ? flags.find(std::string_view(argument).substr(2)) : flags.find(argument[1]);
  return flag == nullptr || !flag->is_boolean();
}

// "tote tag list" and "tote tag ls", of all commands below `command`, whose own path is `path`.
void add_similar_paths(const Command& command, const std::string& path, const std::string& word,
                       std::vector<std::string>& out) {
  for (const Command& sub : command.subcommands) {
    std::vector<std::string> names = sub.aliases;
    names.push_back(sub.name);
    if (!similar(word, names).empty()) out.push_back(path + " " + sub.name);
    add_similar_paths(sub, path + " " + sub.name, word, out);
  }
}

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

}  // namespace

void check_argument_count(const Command& command, const std::vector<std::string>& arguments) {
  const std::vector<Argument>& all = command.arguments;
  const auto optional = std::find_if(all.begin(), all.end(),
                                     [](const Argument& argument) { return argument.is_optional; });
  const auto least = static_cast<std::size_t>(optional - all.begin());
  const std::size_t given = arguments.size();
  if (all.back().repeats) {
    if (given < least)
      refuse(fmt::format("requires at least {} arg(s), only received {}", least, given));
  } else if (given < least || given > all.size()) {
    refuse(least == all.size() ? fmt::format("accepts {} arg(s), received {}", least, given)
                               : fmt::format("accepts between {} and {} arg(s), received {}", least,
                                             all.size(), given));
  }
}

bool declares(const Command& command, ExitCode code) {
  const auto is_it = [&](const ExitCodeMeaning& meaning) { return meaning.code == code; };
  return code == ExitCode::kDone ||
         std::any_of(command.exit_codes.begin(), command.exit_codes.end(), is_it);
}

std::string hint_for_unknown_command(const Command& root, const FoundCommand& found) {
  std::vector<std::string> names;
  for (const Command& sub : found.command->subcommands) names.push_back(sub.name);
  std::vector<std::string> close = similar(found.unknown_word, names);
  for (std::string& name : close) name.insert(0, found.path + " ");
  if (close.empty()) add_similar_paths(root, root.name, found.unknown_word, close);
  if (!close.empty()) return did_you_mean(close);
  return fmt::format("the commands are {}; see '{} --help'", subcommand_names(*found.command),
                     found.path);
}

std::string subcommand_names(const Command& command) {
  std::string out;
  for (const Command& sub : command.subcommands)
    if (!sub.is_unlisted) out += (out.empty() ? "" : ", ") + sub.name;
  return out;
}

FoundCommand find_command(const Command& root, const FlagSet& global_flags,
                          std::vector<std::string>& arguments) {
  FoundCommand found{&root, root.name};
  for (std::size_t i = 0; i < arguments.size() && !found.command->subcommands.empty();) {
    if (arguments[i] == "--") break;
    if (arguments[i].starts_with('-')) {
      i += takes_next_word(global_flags, arguments[i]) ? 2U : 1U;
      continue;
    }
    const Command* next = find_subcommand(*found.command, arguments[i]);
    if (next == nullptr) {
      if (!found.command->run) found.unknown_word = arguments[i];
      break;
    }
    found = {next, found.path + " " + next->name};
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return found;
}

}  // namespace tote::cmd
