// Options of commands: each is one row, which says everything about it.
//
// They follow the rules of Go's pflag, which imgpkg's users type (flag_parser.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

// "--a, --b or --c", each between `quotes`.
std::string list_of_flags(const std::vector<std::string>& names, std::string_view quotes = "");

// What a flag that is on says of others.
struct FlagRelation {
  enum class Kind { kNeeds, kExcludes };
  Kind kind;
  std::vector<std::string> others;  // kNeeds: one of them has to be on; kExcludes: none may be
  std::string sentence;             // the complaint
  std::string hint;                 // may be empty
};

// Exactly one of these has to be on.
struct FlagChoice {
  std::vector<std::string> names;
  std::string sentence;               // the complaint
  std::function<std::string()> hint;  // asked when it is needed
};

struct Flag {
  std::string name;  // without "--"
  char shorthand = 0;
  std::string type = {};  // for help: "string", "strings", "int", "duration"; "" for booleans
  std::string help = {};
  std::string default_text = {};   // for help; "" when the default says nothing
  std::string deprecated = {};     // what to use instead; such a flag is not in the help
  std::string variable = {};       // of the environment, whose value is used without the flag
  std::string machine_value = {};  // what `help` ends with on this machine: a default that it has
  std::string group = {};          // of flags that several commands share; "" for none
  bool required = false;
  bool is_for_arguments = false;  // not required beside arguments, which say the same
  bool is_own = false;            // tote's: imgpkg has no such flag
  bool is_path = false;           // its values name files or directories
  bool knows_dash = false;     // "-" is standard input or output, where it is tote that is called
  bool takes_list = false;     // a switch that may be told one
  bool refuses_empty = false;  // never_empty()
  bool is_typed_only = false;  // nothing but the command line sets it
  bool is_per_host = false;    // a file of settings may have it for one registry
  // Whether such a value is not for files of settings, and not to be shown; empty: never.
  std::function<bool(const std::string& value)> is_secret = {};
  // Such a flag of the same command takes no value but from the command line while this one is on
  // it; empty: all do.
  std::function<bool(const Flag& other)> stands_for = {};
  std::vector<FlagRelation> relations = {};
  // Takes a value from the command line; throws std::string: what is wrong with it.
  std::function<void(const std::string&)> set = {};
  // Converts and checks what was set, or the default (settle_flags()); may be empty.
  std::function<void()> settle = {};
  // Whether it says something: a switch that is true, a text or a list that is not empty. Numbers
  // and durations always do.
  std::function<bool()> is_on = {};

  bool is_boolean() const { return type.empty(); }
  // The help as it is shown.
  std::string description() const;

  // These refine a flag when it is added, and return it.
  //
  // An empty value must not mean that the flag was not given: `--htpasswd "$FILE"` with a variable
  // that is not set would open the registry.
  Flag& never_empty();
  // Without a sentence it is "Expected --a only with --b or --c", "Expected either --b or --a, not
  // both".
  Flag& needs(std::vector<std::string> one_of, std::string sentence = {});
  Flag& excludes(std::vector<std::string> others, std::string sentence = {}, std::string hint = {});
  Flag& own();
  Flag& dash_is_a_stream();
  Flag& typed_only();
  Flag& per_host();
  Flag& secret();
  Flag& checked_by(std::function<void()> check);
};

class FlagSet {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using Take = std::function<void(const std::string&)>;

  // Into a target, which holds the default and must outlive the set. They return the flag, to
  // refine it; it stays where it is until the next one is added.
  Flag& add_string(std::string name, char shorthand, std::string& target, std::string help);
  // A string that names a file or a directory.
  Flag& add_path(std::string name, char shorthand, std::string& target, std::string help);
  Flag& add_path(std::string name, char shorthand, std::filesystem::path& target, std::string help);
  Flag& add_bool(std::string name, char shorthand, bool& target, std::string help);
  Flag& add_int(std::string name, char shorthand, int& target, std::string help);
  Flag& add_duration(std::string name, char shorthand, Milliseconds& target, std::string help);
  // The first use replaces the default, later ones add to it.
  Flag& add_list(std::string name, char shorthand, std::vector<std::string>& target,
                 std::string help);
  // One value per use, as it is.
  Flag& add_array(std::string name, char shorthand, std::vector<std::string>& target,
                  std::string help);
  // A switch that may be told a list behind "=": on for what is in `target`, or for all if that is
  // empty.
  Flag& add_switch_or_list(std::string name, bool& is_on, std::vector<std::string>& target,
                           std::string help);
  // CSV of key=value; all uses together.
  Flag& add_map(std::string name, char shorthand, std::map<std::string, std::string>& target,
                std::string help);

  // By way of a function, which is called with the value, or with the default, when the flags are
  // settled. What it refers to must outlive the set.
  //
  // A text without a default: it is not called with "".
  Flag& add_string(std::string name, std::string value, std::string help, Take take);
  Flag& add_byte_size(std::string name, std::string value, std::string help,
                      std::function<void(std::uint64_t)> take);
  Flag& add_bool(std::string name, std::string help, std::function<void(bool)> take);
  Flag& add_int(std::string name, int value, std::string help, std::function<void(int)> take);
  Flag& add_duration(std::string name, Milliseconds value, std::string help,
                     std::function<void(Milliseconds)> take);
  // Once for each value.
  Flag& add_list(std::string name, std::vector<std::string> values, std::string help, Take take);
  Flag& add_array(std::string name, std::string help, Take take);
  // All values together, if there are any.
  Flag& add_values(std::string name, std::string help,
                   std::function<void(const std::vector<std::string>&)> take);

  // Of flags that are in this set.
  void one_of(std::vector<std::string> names, std::string sentence,
              std::function<std::string()> hint);

  // Adds flags that several commands share, under the name that they have together.
  void add_group(const std::string& group, FlagSet flags);

  const std::vector<Flag>& flags() const { return flags_; }
  const std::vector<FlagChoice>& choices() const { return choices_; }
  // nullptr when there is no such flag.
  const Flag* find(std::string_view name) const;
  const Flag* find(char shorthand) const;

 private:
  Flag& add(Flag flag);

  std::vector<Flag> flags_;
  std::vector<FlagChoice> choices_;
};

// Takes a duration as whole seconds, rounded up.
std::function<void(std::chrono::milliseconds)> rounded_up(std::chrono::seconds& target);

}  // namespace tote::cmd
