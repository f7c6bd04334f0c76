#include "base/error.h"
#include "base/json_writer.h"
#include "cmd/commands.h"
#include "cmd/named_image.h"
#include "cmd/registry_flags.h"
#include "cmd/verified_output.h"

#include <fmt/format.h>

#include <memory>

namespace tote::cmd {
namespace {

struct BlobOptions {
  std::string output;
  bool overwrite = false;
  RegistryFlags registry;
};

oci::Descriptor find(NamedImage& image, const std::stop_token& stop) {
  try {
    return image.repository().describe_blob(*image.reference().digest, stop);
  } catch (Error& error) {
    if (error.kind() == ErrorKind::kNotFound)
      error.with_hint("layers and configs are blobs; of manifests: tote manifest get");
    throw;
  }
}

void run(const BlobOptions& options, CommandContext& context) {
  const oci::Reference blob = parse_image_argument(context.arguments.front());
  if (!blob.digest)
    throw Error(ErrorKind::kUsage, fmt::format("Expected a digest in '{}'", blob.name()))
        .with_hint("a blob is named REPOSITORY@DIGEST; tote manifest get shows those of an image");
  const Overwrites overwrites = options.overwrite ? Overwrites::kYes : Overwrites::kNo;
  const bool is_stdout = options.output.empty() || options.output == "-";
  if (is_stdout && context.is_json)
    throw Error(ErrorKind::kUsage, "Expected --output (-o) with --json: stdout is for one of them");
  check_output_file(options.output, overwrites);
  NamedImage image(blob, options.registry, context);
  const oci::Descriptor described = find(image, context.stop);
  const auto content = image.repository().open_blob(described, 0, context.stop);
  write_verified(*content, options.output, overwrites, context);
  if (is_stdout) return;
  context.ui.own_result(fmt::format("Wrote {} bytes to '{}'", described.size, options.output));
  context.ui.data(JsonWriter()
                      .begin_object()
                      .member("digest", described.digest.str())
                      .member("bytes", described.size)
                      .member("output", options.output)
                      .end_object()
                      .take());
}

}  // namespace

Command blob_get_command() {
  Command command;
  command.name = "get";
  command.summary = "Write a blob, a layer for example, to a file or to stdout";
  command.examples =
      "  # A layer as a file, which is there only if its digest is right\n"
      "  tote blob get registry.example/app@sha256:... -o layer.tar.gz\n\n"
      "  # As it comes: what reads it has to wait for the exit code to know that it was right\n"
      "  tote blob get registry.example/app@sha256:... | tar -tz";
  command.arguments = {{.name = "BLOB", .kind = ArgumentKind::kPlace}};
  command.is_own = true;
  command.json = "--json";
  auto options = std::make_shared<BlobOptions>();
  command.flags
      .add_path("output", 'o', options->output,
                "File to write it to; without one to stdout, where it is verified only at its end")
      .dash_is_a_stream();
  command.flags.add_bool("overwrite", 0, options->overwrite, "Replace a file that is there");
  options->registry.add_to(command.flags);
  command.run = [options](CommandContext& context) {
    options->registry.run_in_time(context, [&] { run(*options, context); });
  };
  return command;
}

}  // namespace tote::cmd
