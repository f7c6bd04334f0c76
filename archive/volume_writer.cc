#include "archive/volume_writer.h"

#include "archive/volume_set.h"
#include "base/codec/reed_solomon.h"
#include "base/error.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <optional>
#include <system_error>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPart = ".part";

std::vector<fs::path> part_paths(const fs::path& file, const VolumeGeometry& geometry) {
  std::vector<fs::path> paths;
  for (std::uint32_t i = 0; i < geometry.volumes(); ++i)
    paths.push_back(geometry.name(file, i).string() + kPart);
  return paths;
}

std::optional<VolumeHeader> header_of(const fs::path& path) {
  std::error_code failed;
  if (!fs::exists(path, failed)) return std::nullopt;
  return read_volume_header(path);
}

}  // namespace

VolumeWriter::VolumeWriter(fs::path file, const VolumeGeometry& geometry)
    : file_(std::move(file)),
      geometry_(geometry),
      first_(open_part(geometry_.name(file_, 0).string() + kPart)),
      parts_(part_paths(file_, geometry_), O_RDWR | O_CREAT | O_NOFOLLOW) {
  if (finish_renames()) first_ = open_part(parts_.path(0));
  for (const fs::path& path : part_paths(file_, geometry_)) {
    std::error_code failed;
    if (fs::exists(path, failed) && fs::file_size(path, failed) > 0 && !header_of(path))
      throw_in_the_way(path);
  }
  is_begun_ = looks_begun();
}

// The first volume is renamed last: while it is a part whose set is whole, others may have their
// names already.
bool VolumeWriter::finish_renames() const {
  const auto first = header_of(first_->name());
  if (!first || !first->is_finished) return false;
  const auto has = [&](const fs::path& path, std::uint32_t volume) {
    const auto header = header_of(path);
    return header && header->is_finished && header->set == first->set && header->volume == volume;
  };
  std::vector<std::uint32_t> parts;
  for (std::uint32_t i = first->geometry.volumes(); i-- > 0;) {
    const fs::path name = first->geometry.name(file_, i);
    if (has(name.string() + kPart, i))
      parts.push_back(i);
    else if (!has(name, i))
      return false;
  }
  if (parts.size() == first->geometry.volumes()) return false;  // it had not begun to rename
  for (const std::uint32_t volume : parts) {
    const fs::path name = first->geometry.name(file_, volume);
    rename_file(name.string() + kPart, name);
  }
  sync_directory(file_.parent_path());
  return true;
}

bool VolumeWriter::looks_begun() const {
  for (std::uint32_t i = 0; i < geometry_.data; ++i) {
    const auto header = header_of(parts_.path(i));
    std::error_code failed;
    if (!header || header->geometry != geometry_ || header->volume != i ||
        fs::file_size(parts_.path(i), failed) != geometry_.file_size(i))
      return false;
  }
  return true;
}

VolumeWriter::Piece VolumeWriter::piece_at(std::uint64_t offset, std::uint64_t size) const {
  const auto volume = static_cast<std::uint32_t>(offset / geometry_.payload);
  const std::uint64_t within = offset % geometry_.payload;
  return {volume, kVolumeHeader + within, std::min(size, geometry_.payload_of(volume) - within)};
}

std::size_t VolumeWriter::read_at(MutableBytes out, std::uint64_t offset) const {
  std::size_t filled = 0;
  while (filled < out.size() && offset < geometry_.archive_size) {
    const Piece piece = piece_at(offset, out.size() - filled);
    const std::size_t n =
        parts_.open(piece.volume)->read_at(out.subspan(filled, piece.size), piece.offset);
    filled += n;
    offset += n;
    if (n < piece.size) break;
  }
  return filled;
}

void VolumeWriter::write_at(ConstBytes data, std::uint64_t offset) const {
  while (!data.empty()) {
    const Piece piece = piece_at(offset, data.size());
    parts_.open(piece.volume)->write_at(data.first(piece.size), piece.offset);
    data = data.subspan(piece.size);
    offset += piece.size;
  }
}

void VolumeWriter::begin(std::uint64_t) {
  remove_other_parts();
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < geometry_.volumes(); ++i) total += geometry_.file_size(i);
  expect_room(*first_, total);
  for (std::uint32_t i = 0; i < geometry_.data; ++i) begin_volume(i);
  is_begun_ = true;
}

// The header first: by it a later run knows the file for one of ours.
void VolumeWriter::begin_volume(std::uint32_t volume) const {
  const FilePtr part = parts_.open(volume);
  resize_file(*part, 0);
  part->write_at(as_bytes(VolumeHeader{geometry_, volume}.encode()), 0);
  resize_file(*part, geometry_.file_size(volume));
}

// Of sets of other sizes. What is locked stays.
void VolumeWriter::remove_other_parts() const {
  for (const auto& [path, header] : volumes_in(file_.parent_path()))
    if (path.string().ends_with(kPart) && name_without_number(path) == file_ &&
        path != fs::path(first_->name()))
      ::unlink(path.c_str());
}

bool VolumeWriter::was_written(std::uint64_t offset, std::uint64_t size) const {
  while (size > 0) {
    const Piece piece = piece_at(offset, size);
    if (!has_no_hole(*parts_.open(piece.volume), piece.offset, piece.size)) return false;
    offset += piece.size;
    size -= piece.size;
  }
  return true;
}

// ---- the end -----------------------------------------------------------------------------------

void VolumeWriter::finish() {
  for (std::uint32_t i = geometry_.data; i < geometry_.volumes(); ++i) begin_volume(i);
  std::vector<std::string> sums(geometry_.volumes());
  for (std::uint32_t group = 0; group < geometry_.groups(); ++group) sum_group(group, sums);
  write_ends(sums);
  for (std::uint32_t i = 0; i < geometry_.volumes(); ++i) parts_.open(i)->sync();
  sync_directory(file_.parent_path());
  const VolumeSetId set = set_id();
  is_whole_ = true;
  rename_all();
  remove_older_sets(set);
}

std::string VolumeWriter::read_block(std::uint32_t volume, std::uint64_t block) const {
  std::string bytes(geometry_.block_size(volume, block), '\0');
  parts_.open(volume)->read_at(std::as_writable_bytes(std::span(bytes)), block_offset(block));
  return bytes;
}

// One stripe after the other: in memory are a block with data and those with parity.
void VolumeWriter::sum_group(std::uint32_t group, std::vector<std::string>& sums) const {
  const std::uint32_t members = geometry_.members(group);
  const BlockSums parity = parity_sums(members, geometry_.parity);
  const std::uint64_t stripes = geometry_.blocks_of(geometry_.member(group, 0));
  for (std::uint64_t stripe = 0; stripe < stripes; ++stripe) {
    const std::uint64_t size = geometry_.block_size(geometry_.member(group, 0), stripe);
    std::vector<std::vector<std::byte>> blocks(geometry_.parity, std::vector<std::byte>(size));
    for (std::uint32_t i = 0; i < members; ++i) {
      const std::uint32_t volume = geometry_.member(group, i);
      const std::string bytes = read_block(volume, stripe);
      if (bytes.empty()) continue;  // the last volume is shorter: zeros
      sums[volume] += as_text(sha256_of(as_bytes(bytes)));
      if (!blocks.empty()) parity.add(i, as_bytes(bytes), blocks);
    }
    for (std::uint32_t i = 0; i < geometry_.parity; ++i) {
      const std::uint32_t volume = geometry_.member(group, members + i);
      const ConstBytes bytes = ConstBytes(blocks[i]).first(geometry_.block_size(volume, stripe));
      sums[volume] += as_text(sha256_of(bytes));
      parts_.open(volume)->write_at(bytes, block_offset(stripe));
    }
  }
}

VolumeSetId VolumeWriter::id_of(const std::vector<Sha256>& digests) const {
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.update(as_bytes(VolumeHeader{geometry_, 0}.encode()));
  for (std::uint32_t i = 0; i < geometry_.data; ++i) hasher.update(digests[i]);
  VolumeSetId id{};
  copy_bytes(ConstBytes(hasher.finish()).first(id.size()), id);
  return id;
}

void VolumeWriter::write_ends(const std::vector<std::string>& sums) const {
  std::vector<Sha256> digests;
  digests.reserve(sums.size());
  for (const std::string& of_volume : sums) digests.push_back(sha256_of(as_bytes(of_volume)));
  const VolumeSetId id = id_of(digests);
  for (std::uint32_t i = 0; i < geometry_.volumes(); ++i) {
    const FilePtr part = parts_.open(i);
    part->write_at(as_bytes(sums[i]), kVolumeHeader + geometry_.payload_of(i));
    part->write_at(as_bytes(VolumeHeader{geometry_, i, true, id, digests[i]}.encode()), 0);
  }
}

VolumeSetId VolumeWriter::set_id() const {
  return read_volume_header(first_->name()).value_or(VolumeHeader{}).set;
}

void VolumeWriter::rename_all() const {
  for (std::uint32_t i = geometry_.volumes(); i-- > 0;)
    rename_file(parts_.path(i), geometry_.name(file_, i));
  sync_directory(file_.parent_path());
}

// Those of these names that had more volumes.
void VolumeWriter::remove_older_sets(const VolumeSetId& set) const {
  for (const auto& [path, header] : volumes_in(file_.parent_path()))
    if (name_without_number(path) == file_ && header.set != set) ::unlink(path.c_str());
}

void VolumeWriter::remove() noexcept {
  if (is_whole_) return;
  for (std::uint32_t i = geometry_.volumes(); i-- > 0;) ::unlink(parts_.path(i).c_str());
}

}  // namespace tote::archive
