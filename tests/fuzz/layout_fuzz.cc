// index.json of layouts, and manifest.json of docker save: the input is a tar, so that names, links
// and blobs can be had; what is accepted can be written and read again.
#include "archive/archive_layout.h"
#include "archive/archive_reader.h"
#include "base/unique_fd.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

namespace {

// A file that only this process sees, by its name under /proc.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("fuzz", 0)) {
    tote::write_all(fd_.get(), tote::as_bytes(tote::fuzz::as_view(data, size)));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

 private:
  tote::UniqueFd fd_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const MemoryFile file(data, size);
  fuzz::allow_errors([&] {
    archive::ArchiveReader archive(file.path());
    const oci::Contents& contents = archive.contents();
    for (const oci::CarriedImage& image : contents.images)
      fuzz::require(contents.find_manifest(image.target.digest) != nullptr,
                    "every image has its manifest");
    for (const oci::CarriedLayer& layer : contents.layers)
      fuzz::allow_errors([&] {
        const auto content = archive.open_blob(layer.blob);
        read_all(*content, 1U << 20U, "layer");
      });
    archive::lay_out(contents, archive::ArchiveFormat::kOci);
  });
  return 0;
}
