// A directory for what is not to stay.
#pragma once

#include <filesystem>

namespace tote::cmd {

// With everything in it goes when this goes.
class TemporaryDirectory {
 public:
  // In `where`. Error{kIo}.
  explicit TemporaryDirectory(const std::filesystem::path& where);
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tote::cmd
