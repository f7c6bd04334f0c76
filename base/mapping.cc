#include "base/mapping.h"

#include "base/disk.h"
#include "base/error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace tote {
namespace {

MutableBytes map(const File& file, std::uint64_t size, int protection) {
  if (size == 0) return {};
  void* memory = ::mmap(nullptr, size, protection, MAP_SHARED, file.fd(), 0);
  if (memory == MAP_FAILED) throw io_error(fmt::format("map {}", file.name()));
  return {static_cast<std::byte*>(memory), size};
}

void allocate(const File& file, std::uint64_t size) {
  const auto failed = disk_call(DiskStep::kWrite, file.name(), [&] {
    errno = ::posix_fallocate(file.fd(), 0, static_cast<off_t>(size));
    return errno == 0 ? 0 : -1;
  });
  if (failed != 0) throw io_error(fmt::format("write {}", file.name()));
}

}  // namespace

Mapping::Mapping(FilePtr file) : file_(std::move(file)) {
  memory_ = map(*file_, file_->size(), PROT_READ);
}

Mapping::Mapping(FilePtr file, std::uint64_t size) : file_(std::move(file)) {
  if (size > 0) allocate(*file_, size);
  memory_ = map(*file_, size, PROT_READ | PROT_WRITE);
}

Mapping::Mapping(Mapping&& other) noexcept
    : file_(std::move(other.file_)), memory_(std::exchange(other.memory_, {})) {}

Mapping::~Mapping() {
  unmap();
}

void Mapping::shrink(std::uint64_t size) {
  unmap();
  if (::ftruncate(file_->fd(), static_cast<off_t>(size)) != 0)
    throw io_error(fmt::format("cut {}", file_->name()));
}

void Mapping::unmap() noexcept {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
  memory_ = {};
}

}  // namespace tote
