// config.yml: what is taken can be set, and no password is among it.
#include "cmd/cli/global_options.h"
#include "cmd/cli/settings_file.h"
#include "cmd/commands.h"
#include "tests/fuzz/fuzz.h"

namespace {

void check(const tote::cmd::FileValues& values) {
  for (const auto& [flag, value] : values) {
    tote::fuzz::require(flag != "registry-password" && flag != "registry-token",
                        "passwords are refused");
    tote::fuzz::require(!value.where.empty(), "every value knows where it stands");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  using namespace tote::cmd;
  fuzz::allow_errors([&] {
    GlobalOptions global;
    FlagSet global_flags;
    global.add_to(global_flags);
    const SettingsFile file = SettingsFile::parse(fuzz::as_view(data, size), "config.yml",
                                                  root_command("tote"), global_flags);
    check(file.flags);
    for (const auto& [command, values] : file.commands) check(values);
    for (const auto& [host, values] : file.hosts) check(values);
  });
  return 0;
}
