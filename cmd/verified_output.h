// Content of a blob that goes into a file or to stdout.
#pragma once

#include "base/stream.h"
#include "cmd/cli/command.h"

#include <filesystem>

namespace tote::cmd {

enum class Overwrites { kNo, kYes };

// Reads `content`, which verifies itself, to its end. A file has its name only when all of it is
// right: Error as of the source, Error{kUsage} for one that is there and is not to be overwritten.
// To stdout ("" or "-") it goes as it comes; if it turns out wrong in the end, the error says so.
void write_verified(Source& content, const std::filesystem::path& file, Overwrites overwrites,
                    CommandContext& context);

// Before anything is asked for.
void check_output_file(const std::filesystem::path& file, Overwrites overwrites);

}  // namespace tote::cmd
