// Waiting for what another thread does to files.
#pragma once

#include "base/file.h"

#include <array>
#include <filesystem>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace tote::test {

// Until `is_so`, which is asked again whenever a name in the directory comes or goes. False:
// nothing has happened there for a minute.
template <class Condition>
bool wait_in(const std::filesystem::path& directory, Condition is_so) {
  const UniqueFd events(::inotify_init1(IN_CLOEXEC));
  ::inotify_add_watch(events.get(), directory.c_str(),
                      IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM);
  std::array<char, 4096> names{};
  while (!is_so()) {
    pollfd waiting{events.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 60'000) != 1) return false;
    if (::read(events.get(), names.data(), names.size()) <= 0) return false;
  }
  return true;
}

}  // namespace tote::test
