// Looking at files that may not be there, and that may go at any time. Internal to testregistry/.
#pragma once

#include "base/file.h"
#include "testregistry/values/content.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace tote::testregistry {

// All of these throw Error{kIo} for what is no absence. nullopt and false: there is no such file.
FilePtr try_open(const std::string& path);  // nullptr likewise
std::optional<std::string> try_read(const std::string& path, std::uint64_t limit = 4096);
std::optional<Content> try_content(const std::string& path);
std::optional<struct stat> try_stat(const std::string& path);
bool try_unlink(const std::string& path);
// Sets its time to now: whoever collects garbage takes it for young.
bool touch(const std::string& path);
std::chrono::system_clock::time_point written_at(const struct stat& info);
// Calls `visit` with every name in a directory but "." and ".."; a missing one has none.
void for_each_name(const std::string& directory,
                   const std::function<void(const std::string& name)>& visit);

}  // namespace tote::testregistry
