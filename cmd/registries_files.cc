#include "cmd/registries_files.h"

#include "base/directory.h"
#include "base/error.h"
#include "base/toml_reader.h"
#include "base/trusted_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSystem = "/etc/containers";
constexpr const char* kNoFile = "/dev/null";

std::optional<registry::RegistriesConf> read(const fs::path& path) {
  const auto text = while_doing([&] { return fmt::format("Reading '{}'", path.string()); },
                                [&] { return read_trusted_file(path, kMaxTomlSize); });
  if (!text) return std::nullopt;
  return registry::RegistriesConf::parse(*text, path.string());
}

registry::RegistriesConf read_named(const fs::path& path) {
  if (path == kNoFile) return {};
  if (auto found = read(path)) return *std::move(found);
  throw Error(ErrorKind::kIo, fmt::format("there is no '{}'", path.string()));
}

void add_drop_ins(const fs::path& directory, registry::RegistriesConf& conf) {
  std::error_code failed;
  if (!fs::is_directory(directory, failed)) return;
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : list_directory(directory.string()))
    if (entry.name.ends_with(".conf")) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names)
    if (const auto found = read(directory / name)) conf.add(*found);
}

}  // namespace

registry::RegistriesConf find_registries_conf(const std::string& given,
                                              const Environment& environment) {
  if (given == "none") return {};
  if (!given.empty()) return read_named(given);
  const std::string home = environment.get("HOME");
  const fs::path own = home.starts_with('/') ? fs::path(home) / ".config/containers" : fs::path();
  registry::RegistriesConf conf;
  if (const std::string named = environment.get("CONTAINERS_REGISTRIES_CONF"); !named.empty())
    conf = read_named(named);
  else if (auto of_user = own.empty() ? std::nullopt : read(own / "registries.conf"))
    conf = *std::move(of_user);
  else if (auto of_system = read(fs::path(kSystem) / "registries.conf"))
    conf = *std::move(of_system);
  add_drop_ins(fs::path(kSystem) / "registries.conf.d", conf);
  if (!own.empty()) add_drop_ins(own / "registries.conf.d", conf);
  return conf;
}

}  // namespace tote::cmd
