// Commands: what they are called, which flags they have, what runs.
#pragma once

#include "cmd/cli/flags.h"
#include "cmd/cli/ui.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::cmd {

// What a running command has to work with.
struct CommandContext {
  Ui& ui;
  const FlagSet& global_flags;
  bool debug = false;  // every exchange with a registry is shown
  std::stop_token stop;
  std::vector<std::string> arguments;      // what is no flag
  std::vector<std::string> child_command;  // what stands behind "--"
  // What the program ends with if the command does not fail: a child's status is passed on.
  int exit_code = 0;
};

struct Command {
  std::string name;
  std::string summary;
  std::vector<std::string> aliases = {};
  std::string examples = {};  // indented lines
  FlagSet flags = {};
  // Empty: it has subcommands only. Owns what the flags write to.
  std::function<void(CommandContext&)> run = {};
  std::vector<Command> subcommands = {};
  bool takes_arguments = false;
  bool takes_child_command = false;
  bool is_unlisted = false;  // help shows it, but no sentence names it
};

// The command under the root that the first words name, and its full name ("tote tag list").
// `words` loses what was used. Options between the words are left where they are.
struct FoundCommand {
  const Command* command;
  std::string path;
  // The first word behind it, where only a subcommand could stand and this is none of them.
  std::string unknown_word = {};
};
FoundCommand find_command(const Command& root, const FlagSet& global_flags,
                          std::vector<std::string>& arguments);

// What may have been meant by a word that is no command of `found`: similar commands of it, or
// else of the whole program ("tote list" for "tote tag list"), or else what commands it has.
std::string hint_for_unknown_command(const Command& root, const FoundCommand& found);

// "list, resolve", but what is not listed.
std::string subcommand_names(const Command& command);

}  // namespace tote::cmd
