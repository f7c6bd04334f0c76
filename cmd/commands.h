// The commands there are.
//
// To add one: a file of its own that makes the Command, with its flags, arguments, exit codes and
// what --json gives (cmd/cli/command.h); a declaration and a row here; its name in CMakeLists.txt.
// Parsing, usage errors, help, completion, suggestions and docs/commands.md follow from that; the
// page is written anew by hack/update_commands_page.sh.
#pragma once

#include "cmd/cli/command.h"

#include <array>
#include <string>

namespace tote::cmd {

Command attach_command();
Command blob_get_command();
Command completion_command();
Command config_get_command();
Command copy_command();
Command delete_command();
Command describe_command();
Command diff_command();
Command get_command();
Command inventory_command();
Command join_command();
Command lock_command();
Command login_command();
Command logout_command();
Command ls_command();
Command manifest_get_command();
Command manifest_put_command();
Command package_command();
Command promote_command();
Command pull_command();
Command push_command();
Command referrers_command();
Command registry_gc_command();
Command registry_serve_command();
Command settings_show_command();
Command split_command();
Command tag_list_command();
Command tag_resolve_command();
Command tag_rm_command();
Command update_command();
Command values_command();
Command verify_command();
Command version_command();

// A word that is no command itself, but has some below it. Their names are put behind the summary.
struct CommandGroup {
  const char* name;
  const char* summary;
  bool is_unlisted = false;  // as of Command
};
inline constexpr auto kCommandGroups = std::to_array<CommandGroup>({
    {"blob", "Blobs: layers and configs", true},
    {"config", "Configs of images", true},
    {"manifest", "Manifests of images", true},
    {"registry", "A registry of its own"},
    {"settings", "What flags are where nobody types them", true},
    {"tag", "Tag related commands"},
});

struct CommandRow {
  const char* group;  // "" for none
  Command (*make)();
};
// In the order of help, by name.
inline constexpr std::array kCommands = {
    CommandRow{"", attach_command},
    CommandRow{"blob", blob_get_command},
    CommandRow{"", completion_command},
    CommandRow{"config", config_get_command},
    CommandRow{"", copy_command},
    CommandRow{"", delete_command},
    CommandRow{"", describe_command},
    CommandRow{"", diff_command},
    CommandRow{"", get_command},
    CommandRow{"", inventory_command},
    CommandRow{"", join_command},
    CommandRow{"", lock_command},
    CommandRow{"", login_command},
    CommandRow{"", logout_command},
    CommandRow{"", ls_command},
    CommandRow{"manifest", manifest_get_command},
    CommandRow{"manifest", manifest_put_command},
    CommandRow{"", package_command},
    CommandRow{"", promote_command},
    CommandRow{"", pull_command},
    CommandRow{"", push_command},
    CommandRow{"", referrers_command},
    CommandRow{"registry", registry_gc_command},
    CommandRow{"registry", login_command},
    CommandRow{"registry", logout_command},
    CommandRow{"registry", registry_serve_command},
    CommandRow{"settings", settings_show_command},
    CommandRow{"", split_command},
    CommandRow{"tag", tag_list_command},
    CommandRow{"tag", tag_resolve_command},
    CommandRow{"tag", tag_rm_command},
    CommandRow{"", update_command},
    CommandRow{"", values_command},
    CommandRow{"", verify_command},
    CommandRow{"", version_command},
};

// All of them below `program`, the name that it was called by.
Command root_command(const std::string& program);

}  // namespace tote::cmd
