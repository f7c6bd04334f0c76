#include "cmd/cli/global_options.h"

#include "cmd/cli/result_template.h"

namespace tote::cmd {
namespace {

// What the command line says stands above NO_COLOR (no-color.org), that above FORCE_COLOR, and this
// above the terminal, of which TERM=dumb is one that has no colours.
bool has_colours(bool asked_for, bool is_terminal, const Environment& environment) {
  if (!asked_for && !environment.get("NO_COLOR").empty()) return false;
  const std::string forced = environment.get("FORCE_COLOR");
  if (forced == "0") return false;
  if (forced == "1" || forced == "2" || forced == "3") return true;
  return is_terminal && environment.get("TERM") != "dumb";
}

}  // namespace

void GlobalOptions::add_to(FlagSet& flags) {
  flags.add_bool("tty", 0, tty, "Force TTY-like output");
  flags.add_bool("color", 0, colour, "Set color output");
  flags.add_bool("json", 0, json, "Output as JSON");
  flags.add_bool("debug", 0, debug, "Enables debug mode");
  flags.add_list("column", 0, columns, "Filter to show only given columns");
  flags.add_bool("yes", 'y', yes, "Assumes yes for any prompt");
  flags
      .add_path("tmpdir", 0, temporary,
                "Directory for what can not be kept in memory, else $TMPDIR, else /tmp")
      .own()
      .never_empty();
  flags
      .add_string("format", 0, format,
                  "Output as this template says, of the members that --json has (format: "
                  "'{{.Digest}}')")
      .own()
      .never_empty();
  flags.add_bool("help", 'h', help, "Help for the command").typed_only();
  flags.add_bool("version", 'v', version, "Version of the program").typed_only();
}

std::filesystem::path GlobalOptions::temporary_directory(const Environment& environment) const {
  if (!temporary.empty()) return temporary;
  const std::string set = environment.get("TMPDIR");
  return set.empty() ? "/tmp" : set;
}

void GlobalOptions::configure(Ui& ui, const ParsedArguments& parsed, bool is_terminal,
                              const Environment& environment) const {
  if (!format.empty()) ui.set_format(parse_result_template(format));
  ui.set_mode(wants_data()         ? OutputMode::kJson
              : is_terminal || tty ? OutputMode::kTerminal
                                   : OutputMode::kPlain);
  if (colour && has_colours(parsed.has("color"), is_terminal, environment))
    ui.set_colour(Colour::kYes);
  ui.set_columns(columns);
}

}  // namespace tote::cmd
