#include "cmd/run_flags.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <utility>

namespace tote::cmd {
namespace {

std::vector<bundle::OwnerRule> parse_owner_rules(const std::vector<std::string>& values) {
  std::vector<bundle::OwnerRule> rules;
  for (const std::string& value : values) rules.push_back(bundle::parse_owner_rule(value));
  return rules;
}

}  // namespace

std::vector<std::string> split_each(const std::vector<std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& value : values)
    for (std::string& one : split(value, ',')) all.push_back(std::move(one));
  return all;
}

Flag& for_images_only(Flag& flag) {
  return flag.excludes({"bundle"},
                       fmt::format("Flag --{} can only be used with --image (-i)", flag.name));
}

Flag& not_for_indexes(Flag& flag) {
  return flag.excludes({"index"}, fmt::format("Flag --{} cannot be used with --index", flag.name),
                       "an index is made of images that are there: push each of them first");
}

template <class Value, class Parse>
Flag& RunFlags::add(FlagSet& flags, const std::string& name, const std::string& help, Value& target,
                    Parse parse) {
  Flag& flag = flags.add_values(
      name, help, [this, name, &target, parse](const std::vector<std::string>& values) {
        any = true;
        while_doing([&] { return fmt::format("--{}", name); }, [&] { target = parse(values); });
      });
  // A chart has a time too.
  if (name != "created")
    flag.excludes({"chart"}, fmt::format("Flag --{} can only be used with --image (-i)", name));
  return not_for_indexes(for_images_only(flag)).own();
}

template <class Value, class Parse>
Flag& RunFlags::add_last(FlagSet& flags, const std::string& name, const std::string& help,
                         Value& target, Parse parse) {
  Flag& flag = add(flags, name, help, target, [parse](const std::vector<std::string>& values) {
    return parse(values.back());
  });
  flag.type = "string";
  return flag;
}

void RunFlags::add_to(FlagSet& flags) {
  add_process(flags);
  add_image(flags);
}

void RunFlags::add_process(FlagSet& flags) {
  add(flags, "entrypoint",
      "Set the program that the image runs (format: a word, or a JSON array) (can be specified "
      "multiple times: a word each)",
      settings.entrypoint, bundle::parse_entrypoint);
  add(flags, "cmd",
      "Set the default arguments of the program, or the program if there is no entrypoint (format "
      "as of --entrypoint)",
      settings.cmd, bundle::parse_cmd);
  add(flags, "env",
      "Set a variable of the program's environment (format: KEY=VALUE) (can be specified multiple "
      "times)",
      settings.env, bundle::parse_env);
  add_last(flags, "user", "Set whom the program runs as (format: UID, UID:GID, or names)",
           settings.user, bundle::parse_user);
  add(flags, "expose",
      "Set a port that the program listens at (format: 5000, 53/udp) (can be specified multiple "
      "times)",
      settings.exposed_ports,
      [](const auto& values) { return bundle::parse_ports(split_each(values)); });
  add(flags, "volume",
      "Set a directory whose content outlives the container (format: /data) (can be specified "
      "multiple times)",
      settings.volumes, bundle::parse_volumes);
  add_last(flags, "workdir", "Set the directory that the program starts in", settings.working_dir,
           bundle::parse_working_dir);
}

void RunFlags::add_image(FlagSet& flags) {
  add_last(flags, "platform",
           "Set what the image is for (format: OS/ARCHITECTURE[/VARIANT]); of an image to be run "
           "by default",
           settings.platform, oci::parse_platform)
      .machine_value = settings.platform.name();
  add_last(flags, "created",
           "Set when the image was made (format: 2024-05-06T07:08:09Z, or @SECONDS since 1970)",
           settings.created, bundle::parse_created_time);
  add(flags, "chown",
      "Set who owns a file, or a directory and what is in it, in the image (format: "
      "data=UID[:GID]) (can be specified multiple times)",
      owners, parse_owner_rules);
}

}  // namespace tote::cmd
