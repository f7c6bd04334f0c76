// The file in which a user says what flags are where nobody types them: config.yml
// (docs/configuration.md).
#pragma once

#include "cmd/cli/command.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

inline constexpr std::size_t kMaxSettingsSize = std::size_t{1} << 20U;

// What a file says of one flag.
struct FileValue {
  enum class Form { kScalar, kList, kMap };
  Form form = Form::kScalar;
  std::vector<std::string> items = {};  // of kMap "KEY=VALUE"
  std::string where = {};               // "FILE, line 3"
};

struct SettingsFile {
  FileValues flags = {};                            // of every command that has them
  std::map<std::string, FileValues> commands = {};  // by path: "tag list"
  std::map<std::string, FileValues> hosts = {};  // by registry, in small letters: "h.example:5000"

  // Strict: Error{kParse} with file and line for keys that are not known, flags that the command
  // does not have, values that it would not take, and passwords. What depends on other flags is
  // checked when a command runs.
  // `root` and `global_flags` are set by this, so they are of no use afterwards.
  static SettingsFile parse(std::string_view text, std::string_view origin, const Command& root,
                            const FlagSet& global_flags);
};

// What is set, one after the other, for `flag` to be as the file says. Error{kParse} for a form
// that the flag does not have.
std::vector<std::string> uses_of(const Flag& flag, const FileValue& value);

// "<redacted>" where it has a password or is one.
std::string shown_value(const Flag& flag, const std::string& value);

}  // namespace tote::cmd
