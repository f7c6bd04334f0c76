#include "cmd/archive_to_stdout.h"

#include "base/error.h"
#include "base/file.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

#include <system_error>
#include <unistd.h>
#include <vector>

namespace tote::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = 1U << 20U;

fs::path make_directory(const fs::path& parent) {
  if (::isatty(STDOUT_FILENO) == 1)
    throw Error(ErrorKind::kUsage, "Expected a file or a pipe for '--to-tar -', not a terminal");
  fs::path directory = try_temporary_directory((parent / "tote.").string());
  if (directory.empty()) throw io_error(fmt::format("make a directory in {}", parent.string()));
  fs::permissions(directory, fs::perms::owner_all);
  return directory;
}

}  // namespace

ArchiveToStdout::ArchiveToStdout(CommandContext& context)
    : context_(context), directory_(make_directory(context.temporary)) {
  context_.ui.set_mode(OutputMode::kPlain);
  context_.ui.notice(
      fmt::format("the archive is written to '{}' first", context.temporary.string()));
}

ArchiveToStdout::~ArchiveToStdout() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void ArchiveToStdout::send() const {
  const FilePtr archive = open_for_reading(path());
  const File out(UniqueFd(::dup(STDOUT_FILENO)), "standard output");
  std::vector<std::byte> buffer(kBuffer);
  std::uint64_t sent = 0;
  while (const std::size_t n = archive->read_at(buffer, sent)) {
    if (context_.stop.stop_requested()) throw Cancelled();
    out.write(ConstBytes(buffer).first(n));
    sent += n;
  }
}

}  // namespace tote::cmd
