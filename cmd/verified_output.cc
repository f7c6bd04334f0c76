#include "cmd/verified_output.h"

#include "base/error.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

constexpr mode_t kMode = 0666;  // what the umask leaves of it

bool is_stdout(const std::filesystem::path& file) {
  return file.empty() || file == "-";
}

void to_stdout(Source& content, CommandContext& context) {
  try {
    for_each_piece(content, context.stop,
                   [&](ConstBytes piece) { context.ui.bytes(as_text(piece)); });
  } catch (Error& error) {
    if (error.kind() == ErrorKind::kDigestMismatch)
      error.with_hint(
          "what was printed is not what was asked for: a file (-o) has only what is right");
    throw;
  }
}

}  // namespace

void check_output_file(const std::filesystem::path& file, Overwrites overwrites) {
  std::error_code failed;
  if (is_stdout(file) || !std::filesystem::exists(file, failed)) return;
  if (std::filesystem::is_directory(file, failed))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is a directory", file.string()));
  if (overwrites == Overwrites::kNo && std::filesystem::is_regular_file(file, failed))
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is there already", file.string()))
        .with_hint("--overwrite replaces it");
}

void write_verified(Source& content, const std::filesystem::path& file, Overwrites overwrites,
                    CommandContext& context) {
  if (is_stdout(file)) return to_stdout(content, context);
  check_output_file(file, overwrites);
  TemporaryFile part(file.string() + ".part-", kMode, file.string());
  for_each_piece(content, context.stop, [&](ConstBytes piece) { part.file()->write(piece); });
  part.file()->sync();
  part.rename_to(file);
}

}  // namespace tote::cmd
