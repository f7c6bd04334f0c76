#include "cmd/run_program.h"

#include "base/error.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/ui.h"

#include <fmt/format.h>

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

void refuse_arguments(const std::string& path, const std::vector<std::string>& positional) {
  if (positional.empty()) return;
  throw Error(ErrorKind::kUsage, fmt::format("command '{}' does not accept extra arguments '{}'",
                                             path, positional.front()));
}

// Help and version are raw text with a "Succeeded" behind, on a terminal or not.
void show(Ui& ui, const std::string& text) {
  ui.set_mode(OutputMode::kTerminal);
  ui.block(text);
  ui.succeeded();
}

// FORCE_COLOR stands above the terminal, and TERM=dumb is one that has no colours.
bool has_colours(bool is_terminal) {
  const std::string forced = environment("FORCE_COLOR");
  if (forced == "0") return false;
  if (forced == "1" || forced == "2" || forced == "3") return true;
  return is_terminal && environment("TERM") != "dumb";
}

void configure(Ui& ui, const GlobalOptions& global, bool is_terminal) {
  ui.set_mode(global.json                 ? OutputMode::kJson
              : is_terminal || global.tty ? OutputMode::kTerminal
                                          : OutputMode::kPlain);
  if (global.colour && has_colours(is_terminal)) ui.set_colour(Colour::kYes);
  ui.set_columns(global.columns);
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
  if (asks_help) {
    refuse_arguments(found.path, arguments);
    ui.block(help_text(*found.command, found.path, global_flags));
    return kExitDone;
  }
  const ParsedArguments parsed = parse_flags({&found.command->flags, &global_flags}, arguments);
  if (global.help) {
    show(ui, help_text(*found.command, found.path, global_flags));
    return kExitDone;
  }
  configure(ui, global, is_terminal);
  for (const std::string& line : parsed.deprecated_used) ui.block(line + "\n");
  if (global.version && found.command == &root) {
    show(ui, fmt::format("{} version {}\n", root.name, TOTE_VERSION));
    return kExitDone;
  }
  if (!found.command->takes_arguments) refuse_arguments(found.path, parsed.positional);
  if (!found.command->takes_child_command) refuse_arguments(found.path, parsed.after_dashes);
  if (found.command->takes_child_command && parsed.has_dashes && parsed.after_dashes.empty())
    throw Error(ErrorKind::kUsage, "Expected a command behind --");
  if (!found.command->run) {
    if (found.command != &root)
      throw Error(ErrorKind::kUsage, fmt::format("Use one of available subcommands: {}",
                                                 subcommand_names(*found.command)));
    ui.block(help_text(root, root.name, global_flags));
    throw Error(ErrorKind::kUsage, "Invalid command - see available commands/subcommands above");
  }
  check_required({&found.command->flags, &global_flags}, parsed);
  CommandContext context{
      ui, global_flags, global.debug, std::move(stop), parsed.positional, parsed.after_dashes};
  found.command->run(context);
  if (parsed.after_dashes.empty()) ui.succeeded();
  return context.exit_code;
}

}  // namespace

int run_program(const std::string& program, std::vector<std::string> arguments, bool is_terminal,
                std::ostream& out, std::ostream& err, std::stop_token stop) {
  Ui ui(out, err, program);
  try {
    const int exit_code =
        run_command(root_command(program), std::move(arguments), is_terminal, ui, std::move(stop));
    ui.finish();
    if (out.flush()) return exit_code;
    ui.error("write to stdout failed", "");
    return kExitFailed;
  } catch (const Cancelled&) {
    ui.error("interrupted", "");
    return kExitInterrupted;
  } catch (const Error& error) {
    ui.error(error.message(), error.hint());
  } catch (const std::filesystem::filesystem_error& error) {
    ui.error(fmt::format("{}: {}", error.path1().string(), to_lower(error.code().message())), "");
  } catch (const std::exception& unexpected) {
    ui.error(unexpected.what(), "");
  }
  ui.finish();
  return kExitFailed;
}

}  // namespace tote::cmd
