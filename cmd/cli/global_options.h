// The options that every command has.
#pragma once

#include "base/environment.h"
#include "cmd/cli/flag_parser.h"
#include "cmd/cli/ui.h"

#include <filesystem>
#include <string>
#include <vector>

namespace tote::cmd {

struct GlobalOptions {
  bool tty = false;
  bool colour = true;
  bool json = false;
  bool debug = false;
  std::vector<std::string> columns = {};
  bool yes = false;
  bool help = false;
  bool version = false;
  std::string temporary = {};
  std::string format = {};

  // Whether the result is data, whatever is shown of it.
  bool wants_data() const { return json || !format.empty(); }

  void add_to(FlagSet& flags);
  // --tmpdir, else TMPDIR, else /tmp.
  std::filesystem::path temporary_directory(const Environment& environment) const;
  // How the Ui is to print. `is_terminal`: whether stdout is one. Reads NO_COLOR, FORCE_COLOR and
  // TERM.
  void configure(Ui& ui, const ParsedArguments& parsed, bool is_terminal,
                 const Environment& environment) const;
};

}  // namespace tote::cmd
