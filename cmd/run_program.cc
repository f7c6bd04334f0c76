#include "cmd/run_program.h"

#include "base/error.h"
#include "base/text.h"
#include "cmd/cli/help.h"
#include "cmd/cli/ui.h"
#include "cmd/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

namespace tote::cmd {
namespace {

struct GlobalOptions {
  bool tty = false;
  bool colour = true;
  bool json = false;
  bool debug = false;
  std::vector<std::string> columns;
  bool yes = false;
  bool help = false;
  bool version = false;

  void add_to(FlagSet& flags) {
    flags.add_bool("tty", 0, tty, "Force TTY-like output");
    flags.add_bool("color", 0, colour, "Set color output");
    flags.add_bool("json", 0, json, "Output as JSON");
    flags.add_bool("debug", 0, debug, "Enables debug mode");
    flags.add_list("column", 0, columns, "Filter to show only given columns");
    flags.add_bool("yes", 'y', yes, "Assumes yes for any prompt");
    flags.add_bool("help", 'h', help, "Help for the command");
    flags.add_bool("version", 'v', version, "Version of the program");
  }
};

void refuse_arguments(const std::string& path, const std::vector<std::string>& positional,
                      const std::string& hint = {}) {
  if (positional.empty()) return;
  throw Error(ErrorKind::kUsage, fmt::format("command '{}' does not accept extra arguments '{}'",
                                             path, positional.front()))
      .with_hint(hint.empty() ? fmt::format("see '{} --help'", path) : hint);
}

// imgpkg says something else, which depends on the flags behind the word.
void refuse_unknown_command(const Command& root, const FoundCommand& found, const Ui& ui) {
  if (found.unknown_word.empty() || ui.is_imgpkg()) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("unknown command '{}' for '{}'", found.unknown_word, found.path))
      .with_hint(hint_for_unknown_command(root, found));
}

// For imgpkg it is a file of that name.
void refuse_dashes(const ParsedArguments& parsed, const Ui& ui) {
  if (parsed.dashes.empty() || ui.is_imgpkg()) return;
  throw Error(
      ErrorKind::kUsage,
      fmt::format("--{} does not take '-': standard input and output are not supported here",
                  parsed.dashes.front()))
      .with_hint("a file of that name is './-'");
}

// Help and version. imgpkg has a "Succeeded" behind them, on a terminal or not.
void show(Ui& ui, const std::string& text) {
  if (!ui.is_imgpkg()) return ui.block(text);
  ui.set_mode(OutputMode::kTerminal);
  ui.block(text);
  ui.succeeded();
}

// What the command line says stands above NO_COLOR (no-color.org), that above FORCE_COLOR, and this
// above the terminal, of which TERM=dumb is one that has no colours.
bool has_colours(bool asked_for, bool is_terminal) {
  if (!asked_for && !environment("NO_COLOR").empty()) return false;
  const std::string forced = environment("FORCE_COLOR");
  if (forced == "0") return false;
  if (forced == "1" || forced == "2" || forced == "3") return true;
  return is_terminal && environment("TERM") != "dumb";
}

void configure(Ui& ui, const GlobalOptions& global, const ParsedArguments& parsed,
               bool is_terminal) {
  ui.set_mode(global.json                 ? OutputMode::kJson
              : is_terminal || global.tty ? OutputMode::kTerminal
                                          : OutputMode::kPlain);
  const bool asked_for =
      std::find(parsed.given.begin(), parsed.given.end(), "color") != parsed.given.end();
  if (global.colour && has_colours(asked_for, is_terminal)) ui.set_colour(Colour::kYes);
  ui.set_columns(global.columns);
}

ParsedArguments parse(const FoundCommand& found, const FlagSet& global_flags,
                      const std::vector<std::string>& arguments) {
  try {
    return parse_flags({&found.command->flags, &global_flags}, arguments);
  } catch (Error& error) {
    if (error.hint().empty()) error.with_hint(fmt::format("see '{} --help'", found.path));
    throw;
  }
}

std::string version_text(const Ui& ui) {
  return fmt::format("{} version {}\n", ui.program(), TOTE_VERSION);
}

// Runs what was found, or says why there is nothing to run. Returns the exit code.
int run_found(const Command& root, const FoundCommand& found, const FlagSet& global_flags,
              const ParsedArguments& parsed, CommandContext& context) {
  if (!found.command->takes_arguments)
    refuse_arguments(found.path, parsed.positional, parsed.doubt);
  if (!found.command->takes_child_command) refuse_arguments(found.path, parsed.after_dashes);
  if (found.command->takes_child_command && parsed.has_dashes && parsed.after_dashes.empty())
    throw Error(ErrorKind::kUsage, "Expected a command behind --");
  if (!found.command->run) {
    if (found.command != &root)
      throw Error(ErrorKind::kUsage, fmt::format("Use one of available subcommands: {}",
                                                 subcommand_names(*found.command)));
    context.ui.block(help_text(root, root.name, global_flags));
    throw Error(ErrorKind::kUsage, "Invalid command - see available commands/subcommands above");
  }
  check_required({&found.command->flags, &global_flags}, parsed);
  refuse_dashes(parsed, context.ui);
  found.command->run(context);
  if (parsed.after_dashes.empty()) context.ui.succeeded();
  return context.exit_code;
}

// Returns the exit code.
int run_command(const Command& root, std::vector<std::string> arguments, bool is_terminal, Ui& ui,
                std::stop_token stop) {
  GlobalOptions global;
  FlagSet global_flags;
  global.add_to(global_flags);
  const bool asks_help = !arguments.empty() && arguments.front() == "help";
  if (asks_help) arguments.erase(arguments.begin());
  const FoundCommand found = find_command(root, global_flags, arguments);
  refuse_unknown_command(root, found, ui);
  if (asks_help) {
    refuse_arguments(found.path, arguments);
    ui.block(help_text(*found.command, found.path, global_flags));
    return kExitDone;
  }
  const ParsedArguments parsed = parse(found, global_flags, arguments);
  if (global.help) {
    show(ui, help_text(*found.command, found.path, global_flags));
    return kExitDone;
  }
  configure(ui, global, parsed, is_terminal);
  for (const std::string& line : parsed.deprecated_used) ui.announce(line);
  if (global.version && found.command == &root) {
    show(ui, version_text(ui));
    return kExitDone;
  }
  CommandContext context{
      ui, global_flags, global.debug, std::move(stop), parsed.positional, parsed.after_dashes};
  return run_found(root, found, global_flags, parsed, context);
}

// What was printed did not arrive. A reader that has seen enough is no failure to talk about.
int exit_code_for(const std::error_code& write_failure, Ui& ui) {
  if (write_failure == std::errc::broken_pipe) return kExitNobodyReads;
  ui.error({"write to standard output", to_lower(write_failure.message())}, "");
  return kExitFailed;
}

}  // namespace

int run_program(const std::string& program, std::vector<std::string> arguments, bool is_terminal,
                std::ostream& out, std::ostream& err, std::stop_token stop) {
  Ui ui(out, err, program);
  try {
    const int exit_code =
        run_command(root_command(program), std::move(arguments), is_terminal, ui, std::move(stop));
    ui.finish();
    return ui.write_failure() ? exit_code_for(ui.write_failure(), ui) : exit_code;
  } catch (const Cancelled& cancelled) {
    ui.error({"interrupted"}, cancelled.hint());
    return kExitInterrupted;
  } catch (const Error& error) {
    ui.error(error.frames(), error.hint());
  } catch (const std::filesystem::filesystem_error& error) {
    ui.error({error.path1().string(), to_lower(error.code().message())}, "");
  } catch (const std::exception& unexpected) {
    ui.error({unexpected.what()}, "");
  }
  ui.finish();
  return kExitFailed;
}

}  // namespace tote::cmd
