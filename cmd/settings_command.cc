#include "base/error.h"
#include "cmd/cli/global_options.h"
#include "cmd/cli/settings.h"
#include "cmd/cli/suggest.h"
#include "cmd/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <set>

namespace tote::cmd {
namespace {

using Sets = std::vector<const FlagSet*>;
using Visit = std::function<void(const std::string& path, const Command& command)>;

void for_each_that_runs(const Command& command, const std::string& path, const Visit& visit) {
  if (command.run) visit(path, command);
  for (const Command& sub : command.subcommands)
    for_each_that_runs(sub, path.empty() ? sub.name : path + " " + sub.name, visit);
}

// As somebody would type it.
std::string default_of(const Flag& flag) {
  const std::string& text = flag.default_text;
  if (text.empty() && flag.is_boolean()) return "false";
  const bool is_framed = text.size() > 1 && (text.front() == '"' || text.front() == '[');
  return is_framed ? text.substr(1, text.size() - 2) : text;
}

std::string text_of(const Flag& flag, const std::vector<std::string>& uses) {
  std::vector<std::string> shown;
  for (const std::string& use : uses) shown.push_back(shown_value(flag, use));
  return fmt::format("{}", fmt::join(shown, ","));
}

class Report {
 public:
  Report(const Settings& settings, const FlagSet& global_flags)
      : settings_(settings), global_flags_(global_flags) {}

  // Every flag of a command.
  void add_command(const std::string& path, const Command& command) {
    const Sets sets{&command.flags, &global_flags_};
    std::map<std::string, std::vector<std::string>> rows;
    for (const FlagSet* set : sets)
      for (const Flag& flag : set->flags())
        if (!flag.is_typed_only && flag.deprecated.empty())
          rows.emplace(flag.name, row(path, flag.name, default_of(flag), "default"));
    for (const Setting& setting : settings_.of(path, sets))
      rows[setting.flag->name] =
          row(path, setting.flag->name, text_of(*setting.flag, setting.uses), setting.from);
    for (auto& [name, cells] : rows) table_.rows.push_back(std::move(cells));
  }

  // What is set of it; what is for others too stands in front.
  void add_set(const std::string& path, const Command& command) {
    for (const Setting& setting : settings_.of(path, {&command.flags, &global_flags_}))
      if (seen_.emplace(setting.flag->name, setting.from).second)
        table_.rows.insert(
            setting.is_of_one_command ? table_.rows.end() : table_.rows.begin() + shared_++,
            row(setting.is_of_one_command ? path : "all that have it", setting.flag->name,
                text_of(*setting.flag, setting.uses), setting.from));
  }

  void add_hosts(const std::function<bool(const std::string& flag)>& is_meant) {
    for (const auto& [host, values] : settings_.hosts())
      for (const auto& [name, value] : values)
        if (is_meant(name))
          table_.rows.push_back(row("registry " + host, name,
                                    fmt::format("{}", fmt::join(value.items, ",")), value.where));
  }

  Table take() { return std::move(table_); }

 private:
  static std::vector<std::string> row(const std::string& of, const std::string& flag,
                                      const std::string& value, const std::string& from) {
    return {of, flag, value, from};
  }

  const Settings& settings_;
  const FlagSet& global_flags_;
  std::set<std::pair<std::string, std::string>> seen_;
  std::ptrdiff_t shared_ = 0;  // rows for all commands
  Table table_{"Settings", {{"For"}, {"Flag"}, {"Value"}, {"From"}}, {}};
};

const Command& find(const Command& root, const std::vector<std::string>& words) {
  const std::string path = fmt::format("{}", fmt::join(words, " "));
  const Command* found = nullptr;
  std::vector<std::string> names;
  for_each_that_runs(root, "", [&](const std::string& name, const Command& command) {
    if (name == path) found = &command;
    names.push_back(name);
  });
  if (found != nullptr) return *found;
  throw Error(ErrorKind::kUsage, fmt::format("there is no command '{}'", path))
      .with_hint(did_you_mean(similar(path, names)));
}

void run(CommandContext& context) {
  const Command root = root_command(context.ui.program());
  // Reading the file sets flags.
  GlobalOptions options;
  FlagSet global_flags;
  options.add_to(global_flags);
  const Settings settings =
      context.ui.is_imgpkg() ? Settings()
                             : Settings(context.environment, root_command(root.name), global_flags);
  Report report(settings, context.global_flags);
  if (context.arguments.empty()) {
    for_each_that_runs(root, "", [&](const std::string& path, const Command& command) {
      report.add_set(path, command);
    });
    report.add_hosts([](const std::string&) { return true; });
  } else {
    const Command& command = find(root, context.arguments);
    report.add_command(fmt::format("{}", fmt::join(context.arguments, " ")), command);
    report.add_hosts([&](const std::string& name) {
      return command.flags.find(std::string_view(name)) != nullptr;
    });
  }
  context.ui.table(report.take());
}

}  // namespace

Command settings_show_command() {
  Command command;
  command.name = "show";
  command.summary = "Show what flags are set to where nobody types them, and where that is said";
  command.examples =
      "  # What the environment and config.yml say\n"
      "  tote settings show\n\n"
      "  # Every flag of a command\n"
      "  tote settings show tag list";
  command.arguments = {{.name = "COMMAND", .is_optional = true, .repeats = true}};
  command.json = "--json";
  command.is_own = true;
  command.run = run;
  return command;
}

}  // namespace tote::cmd
