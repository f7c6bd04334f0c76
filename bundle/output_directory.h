// The directory of a pull: replaced as a whole, and only when everything that goes into it is
// there and verified.
#pragma once

#include <filesystem>

namespace tote::bundle {

// What a pull may take the place of.
enum class Replaces {
  kOwn,        // directories that are empty or as an earlier pull left them (pull_mark.h)
  kDirectory,  // any directory, with all that is in it
  kAnything,   // a file or a symbolic link too, as imgpkg does
};

// Where an output directory really lies: links above it are followed, a link in its own place is
// not, since that is replaced. Throws Error{kUsage} for a directory whose loss would be a
// disaster: the root, the working directory, `home` and everything above them, however they are
// spelled. `home` may be empty.
std::filesystem::path resolve_output(const std::filesystem::path& directory,
                                     const std::filesystem::path& home = {});

// Throws Error{kUsage}, with a hint, if something is in the way that `replaces` does not allow for.
// `final_path` comes from resolve_output(); `but` is an entry in it that does not count.
void check_output(const std::filesystem::path& final_path, Replaces replaces,
                  const std::filesystem::path& but = {});

// Makes a directory beside the final one; commit() puts it in its place. Where that can not be,
// because the final one is a mount point or its parent can not be written, it is made inside, and
// commit() moves what is in it one by one: nobody sees a file by halves, but for a moment old and
// new ones together. Without commit() it is removed, with the parents that were made for it, and
// what was there before stays.
class OutputDirectory {
 public:
  // `final_path` comes from resolve_output(). Makes missing parents. Throws Error{kIo}.
  OutputDirectory(std::filesystem::path final_path, Replaces replaces);
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;
  ~OutputDirectory();

  // Where to write meanwhile.
  const std::filesystem::path& path() const noexcept { return working_; }
  // If it throws, what was there before is there again. Throws what check_output() throws.
  void commit();

 private:
  void make_parents();
  void make_working_directory();
  void commit_beside();
  void commit_inside();

  std::filesystem::path final_;
  Replaces replaces_;
  std::filesystem::path working_;      // empty once it has become the final one
  std::filesystem::path made_parent_;  // the topmost; empty: none, or it is to stay
  bool is_inside_ = false;
};

}  // namespace tote::bundle
