// Commands: what they are called, which flags they have, what runs.
#pragma once

#include "base/environment.h"
#include "cmd/cli/exit_code.h"
#include "cmd/cli/flags.h"
#include "cmd/cli/terminal_size.h"
#include "cmd/cli/ui.h"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::cmd {

struct FileValue;
using FileValues = std::map<std::string, FileValue>;  // by flag (settings_file.h)

// What a running command has to work with.
struct CommandContext {
  Ui& ui;
  const FlagSet& global_flags;
  const Environment& environment;
  bool is_json = false;                      // --json
  bool debug = false;                        // every exchange with a registry is shown
  bool says_yes = false;                     // -y: to what would be asked, if anything were
  std::filesystem::path temporary = "/tmp";  // where what is not to stay is put
  std::stop_token stop;
  // What stderr is at the moment; nullopt: no terminal. Any thread.
  std::function<std::optional<TerminalSize>()> err_terminal;
  const FlagSet& flags;                                          // the command's own
  std::vector<std::pair<std::string, std::string>> flag_values;  // all that were given, in order
  std::vector<std::string> command_line;   // the program's name and everything behind it
  std::vector<std::string> arguments;      // what is no flag, as many as the command takes
  std::vector<std::string> child_command;  // what stands behind "--"
  // What the user's file says of single registries, but for flags that are on the command line or
  // in variables.
  std::map<std::string, FileValues> host_values;

  // What the program ends with if the command does not fail: with kDone as the child did, whose
  // status is passed on.
  ExitCode exit_code = ExitCode::kDone;
  int child_status = 0;
};

// What an argument names; shells complete it accordingly. kPlace: a registry's image, an archive or
// a layout (bundle/place.h).
enum class ArgumentKind { kWord, kPlace, kDirectory };

struct Argument {
  std::string name;  // "SHELL"
  ArgumentKind kind = ArgumentKind::kWord;
  std::vector<std::string> words = {};  // of kWord: those that there are
  bool is_optional = false;             // so is what follows it
  bool is_own = false;                  // tote's: under imgpkg's name there is none
  bool repeats = false;                 // the last one only: once or more
};

// All that is said of a command. Whoever adds one: cmd/commands.h.
struct Command {
  std::string name = {};
  std::string summary = {};
  std::vector<std::string> aliases = {};
  std::string examples = {};  // indented lines
  std::vector<Argument> arguments = {};
  // With one of these flags there are no arguments: they say the same.
  std::vector<std::string> flags_instead = {};
  bool takes_child_command = false;  // behind "--"
  FlagSet flags = {};
  // What --json gives: a heading of docs/machine-output.md; "" for nothing.
  std::string json = {};
  // Besides common_exit_codes(); one of those that means more here may be named again.
  std::vector<ExitCodeMeaning> exit_codes = {};
  bool is_own = false;       // tote's: imgpkg has no such command
  bool is_unlisted = false;  // help shows it, but no sentence names it
  // As soon as the command line is parsed, so also if it turns out wrong; mostly empty.
  std::function<void(CommandContext&)> prepare = {};
  // Empty: it has subcommands only. Owns what the flags write to.
  std::function<void(CommandContext&)> run = {};
  std::vector<Command> subcommands = {};
};

// Throws Error{kUsage}, in the words of Go's cobra, unless there are as many as the command takes.
// REQUIRES: it takes some
void check_argument_count(const Command& command, const std::vector<std::string>& arguments);

// Whether a command that did not fail may end so.
bool declares(const Command& command, ExitCode code);

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
