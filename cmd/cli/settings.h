// Where the values of flags come from that nobody types: TOTE_FLAG_<NAME>, imgpkg's variables, the
// user's config.yml. In this order, below the command line (docs/configuration.md).
#pragma once

#include "base/environment.h"
#include "cmd/cli/command.h"
#include "cmd/cli/flag_parser.h"
#include "cmd/cli/settings_file.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tote::cmd {

// "TOTE_FLAG_LIMIT_RATE" of "limit-rate".
std::string variable_of(const std::string& flag);

// $XDG_CONFIG_HOME/tote/config.yml, or $HOME/.config/tote/config.yml; empty: neither is set.
std::filesystem::path settings_path(const Environment& environment);

// One value that is not from the command line.
struct Setting {
  // In the order in which they count. kForeignVariable: who needs the value reads it by itself.
  enum class Rank { kVariable, kForeignVariable, kFile };
  Rank rank;
  const Flag* flag;
  std::vector<std::string> uses;  // what is set, one after the other
  std::string from;               // "TOTE_FLAG_LIMIT_RATE", "FILE, line 3"
  bool is_of_one_command = false;
};

// Immutable.
class Settings {
 public:
  // None: under imgpkg's name nothing is read.
  Settings() = default;
  // `root` and `global_flags` say what there is; they are set on the way, so they have to be others
  // than those of the command that runs. Throws Error{kIo} for a file that others can change
  // (base/trusted_file.h) or that can not be read, and as SettingsFile::parse().
  Settings(const Environment& environment, const Command& root, const FlagSet& global_flags);

  // About variables that begin like flags' and name none.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // What is set for a command, by path ("tag list"): for each flag the one that counts. The flags
  // must outlive it. Error{kUsage} for a variable that is empty where that is refused.
  std::vector<Setting> of(const std::string& path, const std::vector<const FlagSet*>& sets) const;
  // What the file says of single registries.
  const std::map<std::string, FileValues>& hosts() const { return file_.hosts; }
  // The same, but for what stands above the file: it was typed, or is in a variable.
  std::map<std::string, FileValues> hosts_below(const ParsedArguments& typed,
                                                const std::vector<Setting>& settings) const;

 private:
  Environment environment_;
  SettingsFile file_;
  std::vector<std::string> warnings_;
};

// Sets what `parsed` has not. They are defaults: left out is what does not go with the command
// line, or with a setting of higher rank (Flag::excludes(), needs(), one_of()). Throws as
// set_flag().
void apply(const std::vector<Setting>& settings, const std::vector<const FlagSet*>& sets,
           ParsedArguments& parsed);

}  // namespace tote::cmd
