// What the bytes of an archive lie in.
#pragma once

#include "base/random_access.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace tote::archive {

// Something to know about what is read, which is no failure: one sentence without a full stop. Any
// thread.
using TellNotice = std::function<void(const std::string& line)>;

struct ReadOptions {
  TellNotice notice = {};
  std::filesystem::path temporary = "/tmp";  // for what can not be read in place
  bool dash_is_stdin = false;                // "-" is standard input, once
  std::stop_token stop = {};                 // of unpacking
};

// How much larger than what it is unpacked from an archive may be: more is refused as hostile.
inline constexpr std::uint64_t kMaxExpansion = 1000;

// What a zstd file with a seek table holds; anything else as it is. Error{kIo}, Error{kParse}.
ReaderPtr unpack_in_place(ReaderPtr bytes);

// A file as it is; of a volume, or of FILE where there is only FILE.001, the archive that is in its
// set. What is compressed (gzip, zstd without a seek table, xz), and standard input, is written to
// a file without a name in `temporary` first, and a notice says so. Error{kIo}; Error{kParse} if it
// is a volume of a set that can not be read, is damaged, or unpacks to more than kMaxExpansion
// times its size; Cancelled.
ReaderPtr open_archive(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace tote::archive
