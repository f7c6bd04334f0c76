// From a command line to flags that are set.
//
// --flag value, --flag=value, -f value, -fvalue, -f=value; booleans take a value only with '=';
// options and arguments may be mixed; "--" ends options.
#pragma once

#include "cmd/cli/flags.h"

#include <string>
#include <utility>
#include <vector>

namespace tote::cmd {

struct ParsedArguments {
  std::vector<std::string> positional;
  std::vector<std::string> after_dashes;                    // what stands behind "--"
  bool has_dashes = false;                                  // there was a "--"
  std::vector<std::string> deprecated_used;                 // lines to be printed
  std::vector<std::string> given;                           // names of the flags that were set
  std::vector<std::pair<std::string, std::string>> values;  // those with what they were set to
  std::vector<std::string> dashes;  // names of the path flags that were given as "-"
  std::string doubt;  // a hint for the case that there should be no positional arguments

  bool has(const std::string& flag) const;  // whether it was given
};

// Sets the flags of all sets and returns the rest. Throws Error{kUsage} in pflag's words, with a
// hint where a similar flag exists.
ParsedArguments parse_flags(const std::vector<const FlagSet*>& sets,
                            const std::vector<std::string>& arguments);
// Sets one flag and notes it in `parsed`: for values that come from elsewhere (settings.h), so that
// nothing below needs to know where a value is from. Throws as parse_flags().
void set_flag(const Flag& flag, const std::string& value, ParsedArguments& parsed);
// Throws Error{kUsage} unless every required flag was given. Apart, since help needs none.
void check_required(const std::vector<const FlagSet*>& sets, const ParsedArguments& parsed);

// The one place where values are decided, after help and before the command runs: converts and
// checks the value of each flag in the order of declaration, then what flags say of each other.
// Throws Error{kUsage}, and what the flags' own checks throw.
void settle_flags(const std::vector<const FlagSet*>& sets);

}  // namespace tote::cmd
