#include "base/error.h"
#include "base/file.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "bundle/bundle_image.h"
#include "bundle/bundle_lock.h"
#include "bundle/push.h"
#include "bundle/push_index.h"
#include "cmd/commands.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace tote::cmd {
namespace {

constexpr std::size_t kThreads = 4;

// What makes an image one that is to be run. Of single values the last one counts.
struct RunFlags {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;
  std::vector<std::string> user;
  std::vector<std::string> expose;
  std::vector<std::string> volume;
  std::vector<std::string> workdir;
  std::vector<std::string> platform;
  std::vector<std::string> created;
  std::vector<std::string> chown;

  void add_to(FlagSet& flags);
  // The name of one that is given; nullptr: none is.
  const char* first_given() const;
  bundle::ImageSettings settings() const;
  std::vector<bundle::OwnerRule> owners() const;

 private:
  std::vector<std::pair<const char*, const std::vector<std::string>*>> all() const;
};

struct PushOptions {
  std::string bundle;
  std::string image;
  std::vector<std::string> files;
  std::vector<std::string> index;
  std::vector<std::string> exclusions = {".git"};
  std::map<std::string, std::string> labels;
  std::string lock_output;
  std::vector<std::string> to_layout;  // the last one counts
  bool preserve_permissions = false;
  RunFlags run;
  RegistryFlags registry;

  bool goes_to_layout() const { return !to_layout.empty(); }
};

// ---- an image to be run ------------------------------------------------------------------------

void RunFlags::add_to(FlagSet& flags) {
  flags.add_array("entrypoint", 0, entrypoint,
                  "Set the program that the image runs (format: a word, or a JSON array) (can be "
                  "specified multiple times: a word each)");
  flags.add_array("cmd", 0, cmd,
                  "Set the default arguments of the program, or the program if there is no "
                  "entrypoint (format as of --entrypoint)");
  flags.add_array("env", 0, env,
                  "Set a variable of the program's environment (format: KEY=VALUE) (can be "
                  "specified multiple times)");
  flags.add_array("user", 0, user, "Set whom the program runs as (format: UID, UID:GID, or names)")
      .type = "string";
  flags.add_array("expose", 0, expose,
                  "Set a port that the program listens at (format: 5000, 53/udp) (can be specified "
                  "multiple times)");
  flags.add_array("volume", 0, volume,
                  "Set a directory whose content outlives the container (format: /data) (can be "
                  "specified multiple times)");
  flags.add_array("workdir", 0, workdir, "Set the directory that the program starts in").type =
      "string";
  flags
      .add_array("platform", 0, platform,
                 fmt::format("Set what the image is for (format: OS/ARCHITECTURE[/VARIANT]); of an "
                             "image to be run by default {}",
                             oci::host_platform().name()))
      .type = "string";
  flags
      .add_array("created", 0, created,
                 "Set when the image was made (format: 2024-05-06T07:08:09Z, or @SECONDS since "
                 "1970)")
      .type = "string";
  flags.add_array("chown", 0, chown,
                  "Set who owns a file, or a directory and what is in it, in the image (format: "
                  "data=UID[:GID]) (can be specified multiple times)");
}

std::vector<std::pair<const char*, const std::vector<std::string>*>> RunFlags::all() const {
  return {{"entrypoint", &entrypoint},
          {"cmd", &cmd},
          {"env", &env},
          {"user", &user},
          {"expose", &expose},
          {"volume", &volume},
          {"workdir", &workdir},
          {"platform", &platform},
          {"created", &created},
          {"chown", &chown}};
}

const char* RunFlags::first_given() const {
  for (const auto& [name, values] : all())
    if (!values->empty()) return name;
  return nullptr;
}

// Values that hold no commas themselves may be given as a list. Of "" is left "", which is refused.
std::vector<std::string> split_each(const std::vector<std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& value : values)
    for (std::string& one : split(value, ',')) all.push_back(std::move(one));
  return all;
}

// Parses what a flag was given, if it was given.
template <class Value, class Parse>
void read(const char* flag, const std::vector<std::string>& values, Value& value, Parse parse) {
  if (values.empty()) return;
  while_doing([&] { return fmt::format("--{}", flag); }, [&] { value = parse(values); });
}

template <class Value, class Parse>
void read_last(const char* flag, const std::vector<std::string>& values, Value& value,
               Parse parse) {
  read(flag, values, value, [&](const auto& given) { return parse(given.back()); });
}

bundle::ImageSettings RunFlags::settings() const {
  bundle::ImageSettings settings{.platform = oci::host_platform()};
  read("entrypoint", entrypoint, settings.entrypoint, bundle::parse_entrypoint);
  read("cmd", cmd, settings.cmd, bundle::parse_cmd);
  read("env", env, settings.env, bundle::parse_env);
  read_last("user", user, settings.user, bundle::parse_user);
  read("expose", split_each(expose), settings.exposed_ports, bundle::parse_ports);
  read("volume", volume, settings.volumes, bundle::parse_volumes);
  read_last("workdir", workdir, settings.working_dir, bundle::parse_working_dir);
  read_last("platform", platform, settings.platform, oci::parse_platform);
  read_last("created", created, settings.created, bundle::parse_created_time);
  return settings;
}

std::vector<bundle::OwnerRule> RunFlags::owners() const {
  std::vector<bundle::OwnerRule> rules;
  read("chown", chown, rules, [](const std::vector<std::string>& values) {
    std::vector<bundle::OwnerRule> parsed;
    for (const std::string& value : values) parsed.push_back(bundle::parse_owner_rule(value));
    return parsed;
  });
  return rules;
}

// ---- checks ------------------------------------------------------------------------------------

[[noreturn]] void refuse(std::string text, std::string hint = {}) {
  throw Error(ErrorKind::kUsage, std::move(text)).with_hint(std::move(hint));
}

// In imgpkg's words and order.
void check_target(const PushOptions& options) {
  if (options.labels.contains(bundle::kBundleLabel))
    refuse(fmt::format("label '{}' is reserved and cannot be overriden. Please use a different key",
                       bundle::kBundleLabel));
  if (!options.bundle.empty() && !options.image.empty())
    refuse("Expected only one of image or bundle");
  if (options.bundle.empty() && options.image.empty()) refuse("Expected either image or bundle");
  if (!options.image.empty() && !options.lock_output.empty())
    refuse("Lock output is not compatible with image, use bundle for lock output");
}

// What only an image can have.
void check_bundle(const PushOptions& options) {
  const char* flag = options.run.first_given();
  if (options.goes_to_layout()) flag = "to-layout";
  if (!options.index.empty()) flag = "index";
  if (flag != nullptr)
    refuse(fmt::format("Flag --{} can only be used with --image (-i)", flag),
           flag == std::string_view("to-layout")
               ? "copy --to-layout brings a bundle with the images that it names"
               : "");
}

void check_index(const PushOptions& options) {
  const char* flag = options.run.first_given();
  if (!options.files.empty()) flag = "file";
  if (!options.labels.empty()) flag = "labels";
  if (options.preserve_permissions) flag = "preserve-permissions";
  if (flag != nullptr)
    refuse(fmt::format("Flag --{} cannot be used with --index", flag),
           "an index is made of images that are there: push each of them first");
  for (const std::string& name : split_each(options.index))
    if (name.empty()) refuse("--index: expected an image, got ''");
}

void check(const PushOptions& options) {
  check_target(options);
  if (!options.bundle.empty()) check_bundle(options);
  if (!options.index.empty()) check_index(options);
  if (options.goes_to_layout() && options.to_layout.back().empty())
    refuse("--to-layout: expected a directory, got ''");
}

// ---- pushing -----------------------------------------------------------------------------------

oci::Reference parse_target(const std::string& text) {
  return while_doing([&] { return fmt::format("Parsing '{}'", text); },
                     [&] { return oci::Reference::parse_tag(text); });
}

void write_lock(const std::string& path, const bundle::BundleLock& lock) {
  AtomicFile file(path);
  file.write(as_bytes(lock.encode()));
  file.finish();
}

bundle::PushRequest make_request(const PushOptions& options, const bundle::PushTarget& target,
                                 Ui& ui) {
  bundle::PushRequest request{.target = target};
  request.as_bundle = !options.bundle.empty();
  request.files = options.files;
  request.exclusions = options.exclusions;
  request.labels = options.labels;
  if (options.preserve_permissions) request.permissions = bundle::Permissions::kPreserve;
  if (options.run.first_given() != nullptr) {
    request.permissions = bundle::Permissions::kAsTheyAre;
    request.settings = options.run.settings();
    request.owners = options.run.owners();
  }
  request.on_file = [&ui](const bundle::PushFile& file) {
    ui.log(fmt::format("{}: {}\n", file.is_directory ? "dir" : "file", file.name));
  };
  return request;
}

void show_result(const PushOptions& options, const oci::Reference& target,
                 const oci::Digest& digest, Ui& ui) {
  const std::string name = oci::digest_reference(target.repository, digest);
  std::map<std::string, std::string> data = {{options.bundle.empty() ? "image" : "bundle", name},
                                             {"digest", digest.str()},
                                             {"tag", target.tag}};
  if (options.goes_to_layout()) {
    data["to"] = options.to_layout.back();
    ui.result(fmt::format("Pushed '{}' to '{}'", name, data["to"]));
  } else {
    ui.result(fmt::format("Pushed '{}'", name));
  }
  ui.data(as_json(data));
}

void run(const PushOptions& options, CommandContext& context) {
  const auto client = options.registry.make_client(context);
  check(options);
  const oci::Reference name = parse_target(options.bundle.empty() ? options.image : options.bundle);
  const bundle::PushTarget target{name, options.goes_to_layout() ? options.to_layout.back() : "",
                                  client.get()};
  ThreadPool pool(kThreads);
  const oci::Digest digest =
      options.index.empty()
          ? bundle::push(make_request(options, target, context.ui), pool, context.stop)
          : bundle::push_index({target, split_each(options.index)}, pool, context.stop);
  if (!options.lock_output.empty())
    write_lock(options.lock_output, {{name.repository, {}, digest}, name.tag});
  show_result(options, name, digest, context.ui);
}

}  // namespace

Command push_command() {
  Command command;
  command.name = "push";
  command.summary = "Push files as image";
  command.examples =
      "  # Push bundle repo/app1-config with contents of config/ directory\n"
      "  tote push -b repo/app1-config -f config/\n\n"
      "  # Push image repo/app1-config with contents from multiple locations\n"
      "  tote push -i repo/app1-config -f config/ -f additional-config.yml\n\n"
      "  # Push image repo/app that runs /app, which is root/app here, as user 65532\n"
      "  tote push -i repo/app:1-amd64 -f root/ --entrypoint /app --user 65532 --platform "
      "linux/amd64\n\n"
      "  # Push image index repo/app:1 of images that are there\n"
      "  tote push -i repo/app:1 --index repo/app:1-amd64 --index repo/app:1-arm64";
  auto options = std::make_shared<PushOptions>();
  FlagSet& flags = command.flags;
  flags.add_string("bundle", 'b', options->bundle, "Set bundle reference");
  flags.add_string("image", 'i', options->image, "Set image reference");
  flags
      .add_list("file", 'f', options->files,
                "Set file (format: /tmp/foo) (can be specified multiple times)")
      .is_path = true;
  flags.add_list("file-exclusion", 0, options->exclusions,
                 "Exclude file whose path, relative to the bundle root, matches (format: "
                 "nested/foo) (can be specified multiple times)");
  flags.add_list("file-exclude-defaults", 0, options->exclusions, "Excluded file paths by default")
      .deprecated = "use '--file-exclusion' instead";
  flags.add_map("labels", 'l', options->labels, "Set labels on image (format: key=value,...)");
  flags.add_path("lock-output", 0, options->lock_output,
                 "Location to output the generated lockfile");
  flags.add_bool("preserve-permissions", 0, options->preserve_permissions,
                 "Preserve the group and all permissions of files");
  options->run.add_to(flags);
  flags.add_array("index", 0, options->index,
                  "Set an image that is there, to push an index of such images (can be specified "
                  "multiple times)");
  Flag& to_layout =
      flags.add_array("to-layout", 0, options->to_layout,
                      "Location to write an OCI image layout directory to, or to add to one, "
                      "instead of the registry");
  to_layout.type = "string";
  to_layout.is_path = true;
  options->registry.add_to(flags);
  command.run = [options](CommandContext& context) { run(*options, context); };
  return command;
}

}  // namespace tote::cmd
