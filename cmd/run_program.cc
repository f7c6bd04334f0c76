#include "cmd/run_program.h"

#include "base/error.h"
#include "base/text.h"
#include "cmd/cli/global_options.h"
#include "cmd/cli/help.h"
#include "cmd/cli/settings.h"
#include "cmd/cli/ui.h"
#include "cmd/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>

namespace tote::cmd {
namespace {

constexpr int number(ExitCode code) {
  return static_cast<int>(code);
}

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

// Of a name that both have the command's own flag counts; under imgpkg's name, which has no such
// flag, the global one.
ParsedArguments parse(const FoundCommand& found, const FlagSet& global_flags, bool is_imgpkg,
                      const std::vector<std::string>& arguments) {
  const FlagSet& own = found.command->flags;
  try {
    return is_imgpkg ? parse_flags({&global_flags, &own}, arguments)
                     : parse_flags({&own, &global_flags}, arguments);
  } catch (Error& error) {
    if (error.hint().empty()) error.with_hint(fmt::format("see '{} --help'", found.path));
    throw;
  }
}

// Values that nobody typed. What is wrong with them is said when it is known how: what is not, may
// be among them.
class Untyped {
 public:
  Untyped(const Invocation& invocation, const FoundCommand& found, const FlagSet& global_flags,
          ParsedArguments& parsed) {
    try {
      GlobalOptions options;
      FlagSet flags;
      options.add_to(flags);
      const Settings settings(invocation.environment, root_command(invocation.program), flags);
      warnings_ = settings.warnings();
      take(settings, found, global_flags, parsed);
    } catch (const Error&) {
      failure_ = std::current_exception();
    }
  }

  const std::map<std::string, FileValues>& hosts() const { return hosts_; }

  void report(Ui& ui) const {
    for (const std::string& warning : warnings_) ui.notice(warning);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void take(const Settings& settings, const FoundCommand& found, const FlagSet& global_flags,
            ParsedArguments& parsed) {
    const std::size_t blank = found.path.find(' ');
    const std::vector<const FlagSet*> sets{&found.command->flags, &global_flags};
    const std::vector<Setting> of_command =
        settings.of(blank == std::string::npos ? "" : found.path.substr(blank + 1), sets);
    hosts_ = settings.hosts_below(parsed, of_command);
    apply(of_command, sets, parsed);
  }

  std::vector<std::string> warnings_;
  std::map<std::string, FileValues> hosts_;
  std::exception_ptr failure_;
};

std::string version_text(const Ui& ui) {
  return fmt::format("{} version {}\n", ui.program(), TOTE_VERSION);
}

// Throws unless a command is named that runs, and nothing else is.
void check_words(const Command& root, const FoundCommand& found, const FlagSet& global_flags,
                 const ParsedArguments& parsed, Ui& ui) {
  const Command& command = *found.command;
  const bool takes_arguments =
      std::any_of(command.arguments.begin(), command.arguments.end(),
                  [&](const Argument& argument) { return !argument.is_own || !ui.is_imgpkg(); }) &&
      std::none_of(command.flags_instead.begin(), command.flags_instead.end(),
                   [&](const std::string& flag) { return parsed.has(flag); });
  if (!takes_arguments) refuse_arguments(found.path, parsed.positional, parsed.doubt);
  if (!command.takes_child_command) refuse_arguments(found.path, parsed.after_dashes);
  if (command.takes_child_command && parsed.has_dashes && parsed.after_dashes.empty())
    throw Error(ErrorKind::kUsage, "Expected a command behind --");
  if (command.run) return;
  if (&command != &root)
    throw Error(ErrorKind::kUsage,
                fmt::format("Use one of available subcommands: {}", subcommand_names(command)));
  ui.block(help_text(root, root.name, global_flags));
  throw Error(ErrorKind::kUsage, "Invalid command - see available commands/subcommands above");
}

// There has to be a result that it can be of.
void refuse_format(const Command& command, const std::string& path, const ParsedArguments& parsed) {
  if (command.json.empty() && parsed.has("format"))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' has no result for --format", path));
}

// Returns the exit code.
int run_found(const FoundCommand& found, const FlagSet& global_flags, const ParsedArguments& parsed,
              CommandContext& context) {
  const Command& command = *found.command;
  check_required({&command.flags, &global_flags}, parsed);
  refuse_dashes(parsed, context.ui);
  if (!command.arguments.empty()) check_argument_count(command, parsed.positional);
  settle_flags({&command.flags, &global_flags});
  refuse_format(command, found.path, parsed);
  command.run(context);
  if (!declares(command, context.exit_code))
    throw Error(ErrorKind::kInternal,
                fmt::format("'{}' ended with code {}, which it does not declare", found.path,
                            number(context.exit_code)));
  if (parsed.after_dashes.empty()) context.ui.succeeded();
  return context.exit_code == ExitCode::kDone ? context.child_status : number(context.exit_code);
}

std::vector<std::string> words_of(const Invocation& invocation) {
  std::vector<std::string> words = {invocation.program};
  words.insert(words.end(), invocation.arguments.begin(), invocation.arguments.end());
  return words;
}

// Returns the exit code.
int run_command(const Command& root, const Invocation& invocation, Ui& ui) {
  std::vector<std::string> arguments = invocation.arguments;
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
    return number(ExitCode::kDone);
  }
  ParsedArguments parsed = parse(found, global_flags, ui.is_imgpkg(), arguments);
  if (global.help) {
    show(ui, help_text(*found.command, found.path, global_flags));
    return number(ExitCode::kDone);
  }
  std::optional<Untyped> untyped;
  if (!ui.is_imgpkg()) untyped.emplace(invocation, found, global_flags, parsed);
  global.configure(ui, parsed, invocation.is_terminal, invocation.environment);
  for (const std::string& line : parsed.deprecated_used) ui.announce(line);
  if (global.version && found.command == &root) {
    show(ui, version_text(ui));
    return number(ExitCode::kDone);
  }
  CommandContext context{ui,
                         global_flags,
                         invocation.environment,
                         global.wants_data(),
                         global.debug,
                         global.yes,
                         global.temporary_directory(invocation.environment),
                         invocation.stop,
                         invocation.err_terminal,
                         found.command->flags,
                         parsed.values,
                         words_of(invocation),
                         parsed.positional,
                         parsed.after_dashes,
                         untyped ? untyped->hosts() : std::map<std::string, FileValues>{}};
  if (found.command->prepare) found.command->prepare(context);
  if (untyped) untyped->report(ui);
  check_words(root, found, global_flags, parsed, ui);
  return run_found(found, global_flags, parsed, context);
}

// What was printed did not arrive. A reader that has seen enough is no failure to talk about.
int exit_code_for(const std::error_code& write_failure, Ui& ui) {
  if (write_failure == std::errc::broken_pipe) return number(ExitCode::kNobodyReads);
  ui.error({"write to standard output", to_lower(write_failure.message())}, "");
  return number(ExitCode::kFailed);
}

}  // namespace

int run_program(const Invocation& invocation) {
  Ui ui(invocation.out, invocation.err, invocation.program);
  try {
    const int exit_code = run_command(root_command(invocation.program), invocation, ui);
    ui.finish();
    return ui.write_failure() ? exit_code_for(ui.write_failure(), ui) : exit_code;
  } catch (const Cancelled& cancelled) {
    ui.error({"interrupted"}, cancelled.hint());
    return number(ExitCode::kInterrupted);
  } catch (const Error& error) {
    ui.error(error.frames(), error.hint());
  } catch (const std::filesystem::filesystem_error& error) {
    ui.error({error.path1().string(), to_lower(error.code().message())}, "");
  } catch (const std::exception& unexpected) {
    ui.error({unexpected.what()}, "");
  }
  ui.finish();
  return number(ExitCode::kFailed);
}

}  // namespace tote::cmd
