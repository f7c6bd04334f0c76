// --to-tar -: an archive for standard output.
#pragma once

#include "cmd/cli/command.h"

#include <filesystem>

namespace tote::cmd {

// Content comes in any order, so the archive is written to a directory of its own in the temporary
// one first, and goes with it. All else is said on stderr. Error{kUsage} if stdout is a terminal;
// Error{kIo}.
class ArchiveToStdout {
 public:
  // The context must outlive it.
  explicit ArchiveToStdout(CommandContext& context);
  ArchiveToStdout(const ArchiveToStdout&) = delete;
  ArchiveToStdout& operator=(const ArchiveToStdout&) = delete;
  ~ArchiveToStdout();

  std::filesystem::path path() const { return directory_ / "archive.tar"; }
  // Cancelled; Error{kIo}.
  void send() const;

 private:
  CommandContext& context_;
  const std::filesystem::path directory_;
};

}  // namespace tote::cmd
