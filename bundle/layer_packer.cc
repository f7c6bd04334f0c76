#include "bundle/layer_packer.h"

#include "base/codec/gzip_writer.h"
#include "base/codec/tar_header.h"
#include "base/codec/zstd_writer.h"
#include "base/error.h"

#include <fmt/format.h>

#include <memory>
#include <sys/stat.h>
#include <thread>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kOwnerBits = 0700;
constexpr std::uint64_t kPrivateFile = 0600;
constexpr std::uint64_t kPermissionBits = 0777;
constexpr std::uint64_t kTarModeBits = 07777;
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

mode_t mode_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw io_error(fmt::format("stat {}", path));
  return info.st_mode;
}

std::uint64_t go_mode(mode_t mode) {
  std::uint64_t out = mode & kPermissionBits;
  if ((mode & S_ISUID) != 0) out |= kGoSetuid;
  if ((mode & S_ISGID) != 0) out |= kGoSetgid;
  if ((mode & S_ISVTX) != 0) out |= kGoSticky;
  return out;
}

// What is written to the layer goes this way, with two cores from "=" on by another thread:
//   tar -> GzipWriter = diff_id, digest -> spool
class LayerWriter {
 public:
  LayerWriter(const std::filesystem::path& temporary, LayerCompression compression)
      : compression_(compression), spool_(temporary) {
    if (compression == LayerCompression::kZstd)
      encoder_ = std::make_unique<ZstdWriter>(compressed_, &tar_);
    else
      encoder_ = std::make_unique<GzipWriter>(
          compressed_,
          std::thread::hardware_concurrency() > 1 ? GzipThreads::kTwo : GzipThreads::kOne, &tar_);
  }

  // Without content: a directory.
  void add(const TarHeader& header) { write_text(encode_tar_header(header)); }

  void add(const TarHeader& header, Source& content) {
    add(header);
    while (const std::size_t n = content.read_some(buffer_))
      encoder_->write(ConstBytes(buffer_).first(n));
    write_text(tar_end().substr(0, tar_padding(header.size)));
  }

  PackedLayer finish() {
    write_text(tar_end());
    encoder_->finish();
    return {compressed_.digest(), oci::Digest::of(tar_), compression_, std::move(spool_)};
  }

 private:
  void write_text(std::string_view text) { encoder_->write(as_bytes(text)); }

  const LayerCompression compression_;
  Spool spool_;
  HashingSink compressed_{spool_};
  Hasher tar_{HashAlgorithm::kSha256};
  std::unique_ptr<FinishSink> encoder_;  // writes to those before it until it is gone
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kStreamChunk);
};

// imgpkg gives every directory the bits of its root: the digest depends on it.
std::uint64_t directory_mode(const PushFile& directory, Permissions permissions) {
  switch (permissions) {
    case Permissions::kOwnerOnly:
      return kOwnerBits;
    case Permissions::kPreserve:
      return kGoDirectory | go_mode(mode_of(*directory.root));
    case Permissions::kAsTheyAre:
      return mode_of(directory.source) & kTarModeBits;
  }
  throw Error(ErrorKind::kInternal, "permissions of no kind");
}

std::uint64_t file_mode(mode_t mode, Permissions permissions) {
  switch (permissions) {
    case Permissions::kOwnerOnly:
      return mode & kOwnerBits;
    case Permissions::kPreserve:
      return go_mode(mode);
    case Permissions::kAsTheyAre:
      return mode & kTarModeBits;
  }
  throw Error(ErrorKind::kInternal, "permissions of no kind");
}

// What a container's "/" is like is not for the directory to say that its files were gathered in: a
// private one would lock everybody out.
bool is_left_out(const PushFile& file, Permissions permissions) {
  return permissions == Permissions::kAsTheyAre && file.is_directory && file.name == ".";
}

void add(const PushFile& file, Permissions permissions, LayerWriter& layer,
         const std::stop_token& stop) {
  if (is_left_out(file, permissions)) return;
  TarHeader header{.name = file.name,
                   .type = file.is_directory ? TarType::kDirectory : TarType::kFile,
                   .user = file.owner.user,
                   .group = file.owner.group};
  if (file.is_directory) {
    header.mode = directory_mode(file, permissions);
    return layer.add(header);
  }
  FilePtr opened = open_for_reading(file.source);
  const struct stat info = opened->status();
  header.mode = file_mode(info.st_mode, permissions);
  header.size = static_cast<std::uint64_t>(info.st_size);
  RangeSource whole(std::move(opened), 0, header.size);
  StoppableSource content(whole, stop);
  layer.add(header, content);
}

}  // namespace

PackedLayer pack_layer(const std::vector<PushFile>& files, Permissions permissions,
                       std::stop_token stop, const std::filesystem::path& temporary,
                       LayerCompression compression) {
  LayerWriter layer(temporary, compression);
  for (const PushFile& file : files)
    while_doing([&] { return fmt::format("Adding file '{}' to tar", file.source); },
                [&] { add(file, permissions, layer, stop); });
  return layer.finish();
}

PackedLayer pack_text(const std::string& name, const std::string& text) {
  LayerWriter layer("/tmp", LayerCompression::kGzip);
  layer.add({.name = ".", .type = TarType::kDirectory, .mode = kOwnerBits});
  BytesSource content{std::string_view(text)};
  layer.add({.name = name, .mode = kPrivateFile, .size = text.size()}, content);
  return layer.finish();
}

}  // namespace tote::bundle
