// --tar and --layout of the commands that can read an archive instead of a registry.
#pragma once

#include "archive/archive_writer.h"
#include "archive/open_archive.h"
#include "cmd/cli/command.h"

#include <string>

namespace tote::cmd {

struct ArchiveFlags {
  std::string tar;
  std::string layout;

  // Only one of them may be given.
  void add_to(FlagSet& flags);
  bool is_given() const { return !path().empty(); }
  const std::string& path() const { return tar.empty() ? layout : tar; }
};

// That of an archive by what it is called: zstd if it ends in .tar.zst.
archive::Compression compression_of(const std::string& file);

// How a command reads archives: "-" is standard input, but under imgpkg's name. The context must
// outlive it.
archive::ReadOptions read_options(const CommandContext& context);

}  // namespace tote::cmd
