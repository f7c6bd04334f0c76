#include "base/temporary_file.h"
#include "bundle/inventory.h"
#include "cmd/archive_flags.h"
#include "cmd/cli/concurrency_flag.h"
#include "cmd/commands.h"
#include "cmd/registry_flags.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct InventoryOptions {
  std::string output;
  ConcurrencyFlag concurrency;
  RegistryFlags registry;
};

void run(const InventoryOptions& options, CommandContext& context) {
  const auto client =
      options.registry.make_client(context, options.concurrency.of(context.ui.is_imgpkg()));
  const Concurrency concurrency = options.concurrency.of(context.ui.is_imgpkg());
  ThreadPool pool = make_pool(concurrency, *client);
  const bundle::Inventory inventory = bundle::list_contents(
      bundle::read_place(bundle::parse_place(context.arguments.front()), *client,
                         {.pool = pool,
                          .stop = context.stop,
                          .reading = read_options(context),
                          .streams = concurrency.streams}));
  if (options.output.empty()) return context.ui.document(inventory.encode());
  replace_file(options.output, inventory.encode_for(options.output), 0644);
}

}  // namespace

Command inventory_command() {
  Command command;
  command.name = "inventory";
  command.summary = "List what a repository, an archive or a layout holds, as JSON";
  command.examples =
      "  # What a repository has, to be carried back\n"
      "  tote inventory internal-registry/app1-bundle -o have.json";
  command.arguments = {{"PLACE", ArgumentKind::kPlace}};
  command.is_own = true;
  command.is_unlisted = true;  // the sentence that names all is imgpkg's too
  auto options = std::make_shared<InventoryOptions>();
  command.flags.add_path("output", 'o', options->output,
                         "File to write it to, instead of stdout; compressed if it ends in .zst");
  options->concurrency.add_to(command.flags);
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
