#include "cmd/temporary_directory.h"

#include "base/error.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

namespace tote::cmd {

TemporaryDirectory::TemporaryDirectory(const std::filesystem::path& where)
    : path_(try_temporary_directory((where / "tote-").string())) {
  if (path_.empty()) throw io_error(fmt::format("make a directory in {}", where.string()));
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tote::cmd
