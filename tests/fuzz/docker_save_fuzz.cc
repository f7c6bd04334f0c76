// manifest.json of docker save: the input is its text, a NUL, a config, a NUL, and a layer;
// whatever has a 'c' in its name is the config, everything else the layer.
#include "archive/archive_layout.h"
#include "archive/docker_save.h"
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <sys/mman.h>

namespace {

using tote::archive::FilePlace;

class TwoFiles final : public tote::archive::FileSet {
 public:
  explicit TwoFiles(std::string_view content)
      : file_(
            std::make_shared<const tote::File>(tote::UniqueFd(::memfd_create("fuzz", 0)), "fuzz")),
        config_(std::min(content.find('\0'), content.size())),
        size_(content.size()) {
    file_->write(tote::as_bytes(content));
  }
  std::optional<FilePlace> find(const std::string& name) const override {
    if (name.empty()) return std::nullopt;
    if (name.find('c') != std::string::npos) return FilePlace{file_, 0, config_};
    const std::size_t layer = std::min(config_ + 1, size_);
    return FilePlace{file_, layer, size_ - layer};
  }

 private:
  tote::FilePtr file_;
  std::size_t config_;  // its length
  std::size_t size_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  const std::string_view input = fuzz::as_view(data, size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  fuzz::allow_errors([&] {
    const std::string_view manifest = input.substr(0, end);
    if (!archive::is_docker_save(manifest)) return;
    const TwoFiles files(input.substr(std::min(end + 1, input.size())));
    const archive::DockerImages images =
        archive::decode_docker_save(manifest, files, {"layout.invalid", "images"});
    fuzz::require(images.contents.images.size() >= Json::parse(manifest, "fuzz").items().size(),
                  "no image is lost");
    for (const oci::CarriedImage& image : images.contents.images) {
      fuzz::require(images.contents.find_manifest(image.target.digest) != nullptr,
                    "every image has its manifest");
      fuzz::require(image.tag.empty() || oci::is_tag(image.tag), "tags are tags");
    }
    for (const oci::CarriedLayer& layer : images.contents.layers)
      fuzz::require(images.layers.contains(layer.blob.digest), "every layer has its place");
    archive::lay_out(images.contents, archive::ArchiveFormat::kImgpkg);
    archive::lay_out(images.contents, archive::ArchiveFormat::kOci);
  });
  return 0;
}
