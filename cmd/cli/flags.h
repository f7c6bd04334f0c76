// Command-line options by the rules of Go's pflag, which imgpkg's users type.
//
// --flag value, --flag=value, -f value, -fvalue, -f=value; booleans take a value only with '=';
// options and arguments may be mixed; "--" ends options; lists are CSV and may repeat.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

struct Flag {
  std::string name;  // without "--"
  char shorthand = 0;
  std::string type;  // for help: "string", "strings", "int", "duration"; "" for booleans
  std::string help;
  std::string default_text;  // for help; "" when the default says nothing
  std::string deprecated;    // what to use instead; such a flag is not in the help
  bool required = false;
  bool is_path = false;                         // its values name files or directories
  std::function<void(const std::string&)> set;  // throws std::string: what is wrong with a value

  bool is_boolean() const { return type.empty(); }
};

class FlagSet {
 public:
  // Targets hold their defaults and must outlive the set. They return the flag, to refine it.
  Flag& add_string(std::string name, char shorthand, std::string& target, std::string help);
  // A string that names a file or a directory.
  Flag& add_path(std::string name, char shorthand, std::string& target, std::string help);
  Flag& add_bool(std::string name, char shorthand, bool& target, std::string help);
  Flag& add_int(std::string name, char shorthand, int& target, std::string help);
  Flag& add_duration(std::string name, char shorthand, std::chrono::milliseconds& target,
                     std::string help);
  // The first use replaces the default, later ones add to it.
  Flag& add_list(std::string name, char shorthand, std::vector<std::string>& target,
                 std::string help);
  // One value per use, as it is.
  Flag& add_array(std::string name, char shorthand, std::vector<std::string>& target,
                  std::string help);
  // CSV of key=value; all uses together.
  Flag& add_map(std::string name, char shorthand, std::map<std::string, std::string>& target,
                std::string help);

  const std::vector<Flag>& flags() const { return flags_; }
  // nullptr when there is no such flag.
  const Flag* find(std::string_view name) const;
  const Flag* find(char shorthand) const;

 private:
  Flag& add(std::string name, char shorthand, std::string type, std::string help,
            std::function<void(const std::string&)> set);

  std::vector<Flag> flags_;
};

struct ParsedArguments {
  std::vector<std::string> positional;
  std::vector<std::string> after_dashes;     // what stands behind "--"
  bool has_dashes = false;                   // there was a "--"
  std::vector<std::string> deprecated_used;  // lines to be printed
  std::vector<std::string> given;            // names of the flags that were set
  std::vector<std::string> dashes;           // names of the path flags that were given as "-"
  std::string doubt;  // a hint for the case that there should be no positional arguments
};

// Sets the flags of all sets and returns the rest. Throws Error{kUsage} in pflag's words, with a
// hint where a similar flag exists.
ParsedArguments parse_flags(const std::vector<const FlagSet*>& sets,
                            const std::vector<std::string>& arguments);
// Throws Error{kUsage} unless every required flag was given. Apart, since help needs none.
void check_required(const std::vector<const FlagSet*>& sets, const ParsedArguments& parsed);

}  // namespace tote::cmd
