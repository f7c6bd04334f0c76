#include "bundle/layer_packer.h"

#include "base/error.h"
#include "base/gzip_writer.h"
#include "base/tar_header.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <thread>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kOwnerBits = 0700;
constexpr std::uint64_t kPrivateFile = 0600;
constexpr std::uint64_t kPermissionBits = 0777;
// Flag bits of Go's file mode, which --preserve-permissions puts into the tar as they are.
constexpr std::uint64_t kGoDirectory = 1ULL << 31U;
constexpr std::uint64_t kGoSetuid = 1ULL << 23U;
constexpr std::uint64_t kGoSetgid = 1ULL << 22U;
constexpr std::uint64_t kGoSticky = 1ULL << 20U;

class HashingSink final : public Sink {
 public:
  explicit HashingSink(Sink& next) : next_(next) {}
  void write(ConstBytes data) override {
    hasher_.update(data);
    next_.write(data);
  }
  oci::Digest digest() { return oci::Digest::of(hasher_); }

 private:
  Sink& next_;
  Hasher hasher_{HashAlgorithm::kSha256};
};

// Ends with Cancelled when it is asked to stop.
class StoppableSource final : public Source {
 public:
  StoppableSource(Source& inner, const std::stop_token& stop) : inner_(inner), stop_(stop) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (stop_.stop_requested()) throw Cancelled();
    return inner_.read_some(out);
  }

 private:
  Source& inner_;
  const std::stop_token& stop_;
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw io_error(fmt::format("stat {}", path.string()));
  return info.st_mode;
}

std::uint64_t go_mode(mode_t mode) {
  std::uint64_t out = mode & kPermissionBits;
  if ((mode & S_ISUID) != 0) out |= kGoSetuid;
  if ((mode & S_ISGID) != 0) out |= kGoSetgid;
  if ((mode & S_ISVTX) != 0) out |= kGoSticky;
  return out;
}

// What is written to the layer goes this way:
//   tar -> diff_id -> GzipWriter -> digest -> spool
class LayerWriter {
 public:
  void add_directory(const std::string& name, std::uint64_t mode) {
    write_text(encode_tar_header({.name = name, .type = TarType::kDirectory, .mode = mode}));
  }

  void add_file(const std::string& name, std::uint64_t mode, Source& content, std::uint64_t size) {
    write_text(encode_tar_header({.name = name, .mode = mode, .size = size}));
    copy_stream(content, tar_);
    write_text(std::string(tar_padding(size), '\0'));
  }

  PackedLayer finish() {
    write_text(tar_end());
    gzip_.finish();
    return {compressed_.digest(), tar_.digest(), std::move(spool_)};
  }

 private:
  void write_text(std::string_view text) { tar_.write(as_bytes(text)); }

  Spool spool_;
  HashingSink compressed_{spool_};
  GzipWriter gzip_{compressed_,
                   std::thread::hardware_concurrency() > 1 ? GzipThreads::kTwo : GzipThreads::kOne};
  HashingSink tar_{gzip_};
};

std::uint64_t file_mode(const PushFile& file, Permissions permissions) {
  const mode_t mode = mode_of(file.source);
  return permissions == Permissions::kPreserve ? go_mode(mode) : mode & kOwnerBits;
}

// The root's bits for every directory below it, as imgpkg does: the digest depends on it.
std::uint64_t directory_mode(const PushFile& file, Permissions permissions) {
  if (permissions == Permissions::kOwnerOnly) return kOwnerBits;
  return kGoDirectory | go_mode(mode_of(file.root));
}

void add(const PushFile& file, Permissions permissions, LayerWriter& layer,
         const std::stop_token& stop) {
  if (file.is_directory) return layer.add_directory(file.name, directory_mode(file, permissions));
  auto opened = std::make_shared<const UniqueFd>(open_for_reading(file.source));
  const std::uint64_t size = file_size(opened->get());
  FileSource whole(std::move(opened), 0, size);
  StoppableSource content(whole, stop);
  layer.add_file(file.name, file_mode(file, permissions), content, size);
}

}  // namespace

PackedLayer pack_layer(const std::vector<PushFile>& files, Permissions permissions,
                       std::stop_token stop) {
  LayerWriter layer;
  for (const PushFile& file : files)
    while_doing([&] { return fmt::format("Adding file '{}' to tar", file.source.string()); },
                [&] { add(file, permissions, layer, stop); });
  return layer.finish();
}

PackedLayer pack_text(const std::string& name, const std::string& text) {
  LayerWriter layer;
  layer.add_directory(".", kOwnerBits);
  BytesSource content{std::string_view(text)};
  layer.add_file(name, kPrivateFile, content, text.size());
  return layer.finish();
}

}  // namespace tote::bundle
