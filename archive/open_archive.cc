#include "archive/open_archive.h"

#include "archive/volume_reader.h"
#include "base/codec/decompressor.h"
#include "base/codec/seekable_zstd.h"
#include "base/codec/zstd_frame.h"
#include "base/error.h"
#include "base/file.h"
#include "base/standard_input.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tote::archive {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;

// All of `content`, at most `limit` bytes of it.
ReaderPtr spool(Source& content, std::uint64_t limit, const ReadOptions& options) {
  const FilePtr file = open_unnamed_file(options.temporary);
  std::vector<std::byte> buffer(kBuffer);
  std::uint64_t size = 0;
  while (const std::size_t n = content.read_some(buffer)) {
    if (options.stop.stop_requested()) throw Cancelled();
    if (n > limit - size)
      throw Error(
          ErrorKind::kParse,
          fmt::format("it unpacks to more than {} bytes, {} times its size", limit, kMaxExpansion))
          .with_hint("if that is right, decompress it first");
    while_doing([] { return "temporary file"; },
                [&] { file->write_at(ConstBytes(buffer).first(n), size); });
    size += n;
  }
  return file;
}

ReaderPtr unpack_if_compressed(ReaderPtr packed, const ReadOptions& options) {
  ReaderPtr bytes = unpack_in_place(std::move(packed));
  std::array<std::byte, 6> first{};
  const ConstBytes magic = ConstBytes(first).first(bytes->read_at(first, 0));
  if (!is_gzip_or_zstd(magic) && !is_xz(magic)) return bytes;
  if (options.notice)
    options.notice(fmt::format("the archive is compressed: it is unpacked to '{}' first",
                               options.temporary.string()));
  const std::uint64_t size = bytes->size();
  RangeSource compressed(bytes, 0, size);
  DecompressedSource content(compressed, DecompressedSource::Xz::kToo);
  return spool(content, size > UINT64_MAX / kMaxExpansion ? size : size * kMaxExpansion, options);
}

ReaderPtr read_standard_input(const ReadOptions& options) {
  if (options.notice)
    options.notice(
        fmt::format("standard input is written to '{}' first", options.temporary.string()));
  StandardInput input;
  return spool(input, UINT64_MAX, options);
}

}  // namespace

ReaderPtr unpack_in_place(ReaderPtr bytes) {
  std::array<std::byte, 4> first{};
  if (!begins_zstd_frame(ConstBytes(first).first(bytes->read_at(first, 0)))) return bytes;
  ReaderPtr content = SeekableZstd::try_open(bytes);
  return content ? content : bytes;
}

ReaderPtr open_archive(const std::filesystem::path& path, const ReadOptions& options) {
  if (options.dash_is_stdin && path == "-")
    return unpack_if_compressed(read_standard_input(options), options);
  if (ReaderPtr volumes = find_volumes(path, options.notice))
    return unpack_if_compressed(std::move(volumes), options);
  return unpack_if_compressed(open_for_reading(path), options);
}

}  // namespace tote::archive
