#include "cmd/cli/settings_file.h"

#include "base/error.h"
#include "base/text.h"
#include "base/yaml_reader.h"
#include "cmd/cli/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tote::cmd {
namespace {

constexpr std::string_view kVersion = "1";

[[noreturn]] void refuse(const std::string& where, const std::string& why, std::string hint = {}) {
  throw Error(ErrorKind::kParse, fmt::format("{}: {}", where, why)).with_hint(std::move(hint));
}

// https://user:password@host/
bool has_password(const std::string& value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string::npos) return false;
  const std::string rest = value.substr(scheme + 3);
  const std::string authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  return at != std::string::npos && authority.find(':') < at;
}

bool is_hidden(const Flag& flag, const std::string& value) {
  return (flag.is_secret && flag.is_secret(value)) || has_password(value);
}

std::string csv_field(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string csv_record(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + csv_field(item);
  return out;
}

// One use each: a pair alone is taken as it is, unless it could be several (parse_pairs()).
std::vector<std::string> pairs(const std::vector<std::string>& items) {
  std::vector<std::string> uses;
  for (const std::string& item : items)
    uses.push_back(std::count(item.begin(), item.end(), '=') == 1 ? item : csv_field(item));
  return uses;
}

std::string scalar(const Yaml& node) {
  if (node.kind() != Yaml::Kind::kScalar) refuse(node.where(), "expected a text");
  return node.text();
}

struct Entry {
  std::string key;
  std::string where;
  Yaml value;
};

// Of a mapping, each key once; merges are not for this file.
std::vector<Entry> entries_of(const Yaml& node) {
  if (node.kind() != Yaml::Kind::kMap) refuse(node.where(), "expected a mapping");
  std::vector<Entry> entries;
  for (const auto& [key, value] : node.entries()) {
    Entry entry{scalar(key), key.where(), value};
    for (const Entry& other : entries)
      if (other.key == entry.key)
        refuse(entry.where, fmt::format("'{}' is there twice", entry.key));
    entries.push_back(std::move(entry));
  }
  return entries;
}

FileValue read_value(const Entry& entry) {
  const Yaml& node = entry.value;
  FileValue value{.where = entry.where};
  switch (node.kind()) {
    case Yaml::Kind::kNull:
      refuse(entry.where, fmt::format("'{}' has no value", entry.key));
    case Yaml::Kind::kScalar:
      value.items = {node.text()};
      break;
    case Yaml::Kind::kList:
      value.form = FileValue::Form::kList;
      for (const Yaml& item : node.items()) value.items.push_back(scalar(item));
      break;
    case Yaml::Kind::kMap:
      value.form = FileValue::Form::kMap;
      for (const Entry& member : entries_of(node))
        value.items.push_back(fmt::format("{}={}", member.key, scalar(member.value)));
  }
  return value;
}

// Whether the flag takes it as it stands there.
void check(const Flag& flag, const FileValue& value) {
  for (const std::string& use : uses_of(flag, value)) {
    try {
      flag.set(use);
    } catch (const std::string& why) {
      refuse(value.where, fmt::format("invalid argument for flag '{}': {}", flag.name, why));
    }
  }
}

bool is_port(std::string_view text) {
  const auto port = parse_number(text);
  return port && *port > 0 && *port <= 65535;
}

// An address of IPv6 stands in brackets.
bool is_registry(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', bracket);
  return colon == std::string_view::npos || (colon > 0 && is_port(text.substr(colon + 1)));
}

std::string host_name(const Entry& entry) {
  const std::string& key = entry.key;
  const bool is_fine = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
  if (!is_fine || !is_registry(key))
    refuse(entry.where, fmt::format("'{}' is no registry, expected HOST or HOST:PORT", key));
  return to_lower(key);
}

class Reader {
 public:
  Reader(const Command& root, const FlagSet& global_flags) : global_(global_flags) {
    collect(root, "");
  }

  SettingsFile read(const Yaml& document) const {
    SettingsFile file;
    bool has_version = false;
    for (const Entry& entry : entries_of(document)) {
      if (entry.key == "version")
        has_version = is_version(entry.value);
      else if (entry.key == "flags")
        file.flags = read_flags(entry.value, all_sets(), "no command has a flag", any_flag);
      else if (entry.key == "commands")
        file.commands = read_commands(entry.value);
      else if (entry.key == "hosts")
        file.hosts = read_hosts(entry.value);
      else
        refuse(entry.where, fmt::format("unknown key '{}'", entry.key),
               "there are version, flags, commands and hosts");
    }
    if (!has_version) refuse(document.where(), "there is no 'version'", "it is 'version: 1'");
    return file;
  }

 private:
  using Sets = std::vector<const FlagSet*>;

  void collect(const Command& command, const std::string& path) {
    if (command.run) commands_.emplace(path, &command.flags);
    for (const Command& sub : command.subcommands)
      collect(sub, path.empty() ? sub.name : path + " " + sub.name);
  }

  static bool is_version(const Yaml& node) {
    if (scalar(node) != kVersion)
      refuse(node.where(),
             fmt::format("version '{}' is not known here, expected {}", node.text(), kVersion),
             "a later tote wrote or reads it");
    return true;
  }

  Sets all_sets() const {
    Sets sets{&global_};
    for (const auto& [path, flags] : commands_) sets.push_back(flags);
    return sets;
  }

  std::map<std::string, FileValues> read_commands(const Yaml& node) const {
    std::map<std::string, FileValues> all;
    for (const Entry& entry : entries_of(node)) {
      const auto found = commands_.find(entry.key);
      if (found == commands_.end())
        refuse(entry.where, fmt::format("there is no command '{}'", entry.key),
               command_hint(entry.key));
      all[entry.key] = read_flags(entry.value, {found->second, &global_},
                                  fmt::format("command '{}' has no flag", entry.key), any_flag);
    }
    return all;
  }

  std::string command_hint(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& [name, flags] : commands_) names.push_back(name);
    return did_you_mean(similar(path, names));
  }

  std::map<std::string, FileValues> read_hosts(const Yaml& node) const {
    std::map<std::string, FileValues> all;
    for (const Entry& entry : entries_of(node)) {
      const std::string host = host_name(entry);
      if (all.contains(host)) refuse(entry.where, fmt::format("'{}' is there twice", host));
      all[host] = read_flags(entry.value, all_sets(), "a single registry can not have a flag",
                             [](const Flag& flag) { return flag.is_per_host; });
    }
    return all;
  }

  static bool any_flag(const Flag&) { return true; }

  // Flags of one mapping; `complaint` about those that are not allowed there.
  static FileValues read_flags(const Yaml& node, const Sets& sets, const std::string& complaint,
                               const std::function<bool(const Flag&)>& is_allowed) {
    FileValues values;
    for (const Entry& entry : entries_of(node)) {
      for (const FlagSet* set : sets)
        if (const Flag* flag = set->find(std::string_view(entry.key));
            flag != nullptr && !flag->is_typed_only && is_allowed(*flag))
          values[entry.key] = take(*flag, entry);
      if (!values.contains(entry.key))
        refuse(entry.where, fmt::format("{} '{}'", complaint, entry.key),
               flag_hint(entry.key, sets, is_allowed));
    }
    return values;
  }

  static FileValue take(const Flag& flag, const Entry& entry) {
    FileValue value = read_value(entry);
    for (const std::string& item : value.items)
      if (is_hidden(flag, item))
        refuse(value.where, fmt::format("'{}' is a password, or holds one", flag.name),
               "passwords are not for this file: log in, or set a variable");
    check(flag, value);
    return value;
  }

  static std::string flag_hint(const std::string& name, const Sets& sets,
                               const std::function<bool(const Flag&)>& is_allowed) {
    std::vector<std::string> names;
    for (const FlagSet* set : sets)
      for (const Flag& flag : set->flags())
        if (flag.deprecated.empty() && !flag.is_typed_only && is_allowed(flag) &&
            std::find(names.begin(), names.end(), flag.name) == names.end())
          names.push_back(flag.name);
    return did_you_mean(similar(name, names));
  }

  const FlagSet& global_;
  std::map<std::string, const FlagSet*> commands_;
};

}  // namespace

SettingsFile SettingsFile::parse(std::string_view text, std::string_view origin,
                                 const Command& root, const FlagSet& global_flags) {
  const std::vector<Yaml> documents = Yaml::parse_all(text, origin);
  if (documents.size() > 1) refuse(documents[1].where(), "expected one document");
  return Reader(root, global_flags)
      .read(documents.empty() ? Yaml::parse("", origin) : documents.front());
}

std::vector<std::string> uses_of(const Flag& flag, const FileValue& value) {
  const auto refuse_form = [&](const char* expected) {
    refuse(value.where, fmt::format("flag '{}' expects {}", flag.name, expected));
  };
  if (value.form == FileValue::Form::kMap) {
    if (flag.type != "stringToString") refuse_form("no mapping");
    return pairs(value.items);
  }
  if (flag.type == "stringToString") refuse_form("a mapping");
  if (flag.type == "stringArray") return value.items;
  if (flag.type == "strings") return {csv_record(value.items)};
  if (value.form == FileValue::Form::kScalar) return value.items;
  if (!flag.takes_list) refuse_form("one value");
  return {csv_record(value.items)};
}

std::string shown_value(const Flag& flag, const std::string& value) {
  return is_hidden(flag, value) ? "<redacted>" : value;
}

}  // namespace tote::cmd
