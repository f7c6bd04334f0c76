// What an archive is written into, under passing names until it is whole: one file, or volumes.
#pragma once

#include "base/file.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

namespace tote::archive {

// Locked: nobody else writes there. Reading and writing is for any thread, the rest for one. All of
// it throws Error{kIo}.
class ArchivePart : public RandomWriter {
 public:
  // Forgets what was there and makes it `size` bytes long, after a look at the free space: blocks
  // are taken as content comes, since a manifest may claim any size.
  virtual void begin(std::uint64_t size) = 0;
  // False if it is known that some of this range was never written.
  virtual bool was_written(std::uint64_t offset, std::uint64_t size) const = 0;
  // How many of these bytes lie before the first that is known to have never been written.
  virtual std::uint64_t before_hole(std::uint64_t /*offset*/, std::uint64_t size) const {
    return size;
  }
  // This range has what it is to have, and is not written any more: something may be made of it.
  // Error, Cancelled.
  virtual void settle(std::uint64_t /*offset*/, std::uint64_t /*size*/,
                      const std::stop_token& /*stop*/) {}
  // Syncs it and gives it its name; then it is no part any more.
  virtual void finish() = 0;
  virtual void remove() noexcept = 0;
};

// FILE.part, which becomes FILE. size() is 0 if it was not there.
class PlainPart final : public ArchivePart {
 public:
  explicit PlainPart(std::filesystem::path file);

  const std::string& name() const noexcept override { return file_->name(); }
  std::uint64_t size() const override { return file_->size(); }
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override {
    return file_->read_at(out, offset);
  }
  // Now and then tells the disk to begin, so that finish() finds little left to wait for.
  void write_at(ConstBytes data, std::uint64_t offset) const override;
  void begin(std::uint64_t size) override;
  bool was_written(std::uint64_t offset, std::uint64_t size) const override;
  std::uint64_t before_hole(std::uint64_t offset, std::uint64_t size) const override;
  void finish() override;
  void remove() noexcept override;

 private:
  const std::filesystem::path path_;
  const FilePtr file_;
  mutable std::atomic<std::uint64_t> written_ = 0;  // bytes
};

// Created if it is not there, and locked.
FilePtr open_part(const std::filesystem::path& path);
// Looks whether `bytes` more fit beside it.
void expect_room(const File& file, std::uint64_t bytes);
// Sets its size; what is added are holes.
void resize_file(const File& file, std::uint64_t size);
// Whether every block of the range has been written at some time. Where the file system can not
// tell, it says yes.
bool has_no_hole(const File& file, std::uint64_t offset, std::uint64_t size);
// How many bytes of the range lie before its first hole.
std::uint64_t bytes_before_hole(const File& file, std::uint64_t offset, std::uint64_t size);
[[noreturn]] void throw_in_the_way(const std::filesystem::path& path);

}  // namespace tote::archive
