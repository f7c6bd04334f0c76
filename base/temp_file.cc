#include "base/temp_file.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace tote {
namespace {

UniqueFd open_unnamed() {
  std::string directory = environment("TMPDIR");
  if (directory.empty()) directory = "/tmp";
  if (UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)); fd) return fd;
  // Some file systems (overlayfs of old kernels, NFS) lack O_TMPFILE.
  std::string name = directory + "/tote.XXXXXX";
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) throw io_error(fmt::format("create temporary file in {}", directory));
  ::unlink(name.c_str());
  return fd;
}

}  // namespace

TempFile::TempFile() : file_(std::make_shared<const UniqueFd>(open_unnamed())) {}

void TempFile::write(ConstBytes data) {
  while_doing([] { return "temporary file"; }, [&] { write_at(file_->get(), data, size_); });
  size_ += data.size();
}

std::unique_ptr<Source> TempFile::open(std::uint64_t offset) const {
  return std::make_unique<FileSource>(file_, offset, size_ - offset);
}

}  // namespace tote
