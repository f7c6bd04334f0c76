// tote split and tote join: an archive as volumes, and volumes as an archive.
#include "archive/split.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "cmd/commands.h"
#include "cmd/split_flags.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

namespace tote::cmd {
namespace {

struct SplitCommandOptions {
  archive::SplitOptions split;
  std::string output;
};

struct JoinOptions {
  std::string output;
  bool check = false;
};

void run_split(const SplitCommandOptions& options, CommandContext& context) {
  const std::string& file = context.arguments.front();
  const std::string& to = options.output.empty() ? file : options.output;
  const archive::VolumeGeometry cut = archive::split_file(file, to, options.split, context.stop);
  const std::uint32_t parity = cut.volumes() - cut.data;
  context.ui.own_result(fmt::format("Split '{}' into {} volumes{}, '{}' and so on", file, cut.data,
                                    parity > 0 ? fmt::format(" and {} with parity", parity) : "",
                                    cut.name(to, 0).string()));
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("file", file)
                      .member("to", to)
                      .member("volumes", std::uint64_t{cut.data})
                      .member("parity", std::uint64_t{parity})
                      .end_object()
                      .take());
}

std::shared_ptr<const archive::VolumeReader> open_volumes(const std::string& path,
                                                          CommandContext& context) {
  return while_doing(
      [&] { return fmt::format("Reading volume '{}'", path); },
      [&] {
        auto volumes =
            archive::find_volumes(path, [&](const std::string& line) { context.ui.notice(line); });
        if (!volumes)
          throw Error(ErrorKind::kParse,
                      std::filesystem::exists(path) ? "it is no volume" : "there is no such volume")
              .with_hint("name FILE.001, or any other volume of the set");
        return volumes;
      });
}

// One row for each volume; reads all of them.
void check(const archive::VolumeReader& volumes, CommandContext& context) {
  Table table{"Volumes", {{"File"}, {"State"}}, {}};
  for (std::uint32_t i = 0; i < volumes.set().volumes.size(); ++i) {
    if (context.stop.stop_requested()) throw Cancelled();
    const std::string wrong = volumes.check(i);
    table.rows.push_back({volumes.set().volumes[i].path.string(), wrong.empty() ? "right" : wrong});
  }
  context.ui.table(std::move(table));
}

void expect_elsewhere(const archive::VolumeReader& volumes, const std::string& output) {
  std::error_code failed;
  for (const archive::FoundVolume& volume : volumes.set().volumes)
    if (std::filesystem::equivalent(volume.path, output, failed))
      throw Error(ErrorKind::kUsage,
                  fmt::format("'{}' can not be written: it is one of the volumes", output));
}

void run_join(const JoinOptions& options, CommandContext& context) {
  const std::string& path = context.arguments.front();
  const auto volumes = open_volumes(path, context);
  if (options.check) return check(*volumes, context);
  expect_elsewhere(*volumes, options.output);
  while_doing([&] { return fmt::format("Joining '{}'", path); },
              [&] { archive::join_volumes(*volumes, options.output, context.stop); });
  context.ui.own_result(
      fmt::format("Joined {} volumes into '{}'", volumes->set().geometry.data, options.output));
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("file", options.output)
                      .member("bytes", volumes->size())
                      .end_object()
                      .take());
}

}  // namespace

Flag& add_split_flags(FlagSet& flags, archive::SplitOptions& split, const char* size_name,
                      const char* size_help) {
  flags
      .add_int("parity", 0,
               "Volumes with parity to add, for each 200: so many may be lost or damaged",
               [&split](int parity) {
                 if (parity < 0)
                   throw Error(ErrorKind::kUsage, "Expected --parity to be 0 or more");
                 split.parity = static_cast<std::uint32_t>(parity);
               })
      .own();
  return flags
      .add_byte_size(size_name, "", size_help,
                     [&split](std::uint64_t size) { split.volume_size = size; })
      .own()
      .never_empty();
}

Command split_command() {
  Command command;
  command.name = "split";
  command.summary = "Cut an archive into volumes: FILE.001, FILE.002, ... and FILE.p01, ...";
  command.examples =
      "  # For a file system without large files, with one volume to spare\n"
      "  tote split app.tar --size 4GB --parity 1";
  command.arguments = {{"FILE", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<SplitCommandOptions>();
  add_split_flags(command.flags, options->split, "size", "Largest size of a volume, like 2GB")
      .required = true;
  command.flags.add_path("output", 'o', options->output,
                         "What the volumes are called after, if not after FILE");
  command.run = [options](CommandContext& context) { run_split(*options, context); };
  return command;
}

Command join_command() {
  Command command;
  command.name = "join";
  command.summary = "Put volumes together to the archive that they were; any of them is named";
  command.examples =
      "  # What is lost or damaged is rebuilt, if there is parity for it\n"
      "  tote join app.tar.001 -o app.tar\n\n"
      "  # Say which volumes are right\n"
      "  tote join app.tar.001 --check";
  command.arguments = {{"VOLUME", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  command.json = "--json";
  auto options = std::make_shared<JoinOptions>();
  FlagSet& flags = command.flags;
  flags.add_path("output", 'o', options->output, "Archive to write");
  flags.add_bool("check", 0, options->check,
                 "Write nothing: say of each volume whether it is right");
  flags.one_of({"output", "check"}, "Expected either --output (-o) or --check", [] { return ""; });
  command.run = [options](CommandContext& context) { run_join(*options, context); };
  return command;
}

}  // namespace tote::cmd
