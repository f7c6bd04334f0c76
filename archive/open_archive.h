// What the bytes of an archive lie in.
#pragma once

#include "base/random_access.h"

#include <filesystem>
#include <functional>
#include <string>

namespace tote::archive {

// Something to know about what is read, which is no failure: one sentence without a full stop. Any
// thread.
using TellNotice = std::function<void(const std::string& line)>;

struct ReadOptions {
  TellNotice notice = {};
};

// A file as it is; of a volume, or of FILE where there is only FILE.001, the archive that is in its
// set. Error{kIo}; Error{kParse} if it is a volume of a set that can not be read.
ReaderPtr open_archive(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace tote::archive
