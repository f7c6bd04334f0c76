#include "archive/archive_writer.h"

#include "archive/file_upload.h"
#include "archive/open_archive.h"
#include "archive/volume_reader.h"
#include "archive/volume_writer.h"
#include "archive/zstd_part.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/paths.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace tote::archive {
namespace {

constexpr std::size_t kReadAtATime = 5;             // layers of earlier runs
constexpr std::uint64_t kWorthKeeping = 1U << 20U;  // of a layer that is not whole

// How much of a layer an earlier run may have written: it did so from front to back, and what it
// did not come to reads as zeros.
std::uint64_t written_of(const ArchivePart& part, const LayerPlace& place,
                         const std::stop_token& stop) {
  std::uint64_t end = part.before_hole(place.offset, place.size);
  std::vector<std::byte> piece(kStreamChunk);
  while (end > 0) {
    if (stop.stop_requested()) throw Cancelled();
    const std::uint64_t begin = end - std::min<std::uint64_t>(end, piece.size());
    const MutableBytes bytes = std::span(piece).first(static_cast<std::size_t>(end - begin));
    part.read_at(bytes, place.offset + begin);
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(),
                                   [](std::byte byte) { return byte != std::byte{0}; });
    if (last != bytes.rend()) return begin + static_cast<std::uint64_t>(bytes.rend() - last);
    end = begin;
  }
  return 0;
}

}  // namespace

bool ArchiveWriter::would_write(const std::filesystem::path& file,
                                const std::filesystem::path& path) {
  const std::string part = real_path(path.string() + ".part").string();
  const std::string name = real_path(file).string();
  return is_same_or_below(path, file) || name == part || name == part + ".tar" ||
         name.starts_with(part + ".old");
}

ArchiveWriter::ArchiveWriter(const std::filesystem::path& path, const oci::Contents& contents,
                             ArchiveWriterOptions options)
    : path_(follow_links(path)),
      part_path_(path_.string() + ".part"),
      options_(std::move(options)),
      layout_(lay_out(contents, options_.format, options_.images_lock, options_.delta)) {
  if (options_.resume) find_earlier_files();
  while_doing([&] { return fmt::format("Creating file '{}'", path_.string()); }, [&] { create(); });
}

void ArchiveWriter::find_earlier_files() {
  std::error_code failed;
  if (std::filesystem::is_regular_file(path_, failed)) add_earlier_file(path_);
  if (is_split()) return add_earlier_volumes();
  if (is_compressed()) return;
  while (std::filesystem::exists(next_old_part(), failed)) {
    const std::filesystem::path part = next_old_part();
    if (!add_earlier_file(part).is_archive()) throw_in_the_way(part);
    old_parts_.push_back(part);
  }
}

const EarlierLayers& ArchiveWriter::add_earlier_file(const std::filesystem::path& path) {
  return while_doing(
      [&] { return fmt::format("Reading previously created tar '{}'", path.string()); },
      [&]() -> const EarlierLayers& {
        return earlier_.emplace_back(unpack_in_place(open_for_reading(path)));
      });
}

// Of a set that is no longer whole nothing is taken.
void ArchiveWriter::add_earlier_volumes() {
  try {
    if (const ReaderPtr volumes = find_volumes(path_, {})) earlier_.emplace_back(volumes);
  } catch (const Error&) {
  }
}

// FILE.part.old, then FILE.part.old2, ...
std::filesystem::path ArchiveWriter::next_old_part() const {
  return fmt::format("{}.old{}", part_path_.string(),
                     old_parts_.empty() ? "" : std::to_string(old_parts_.size() + 1));
}

void ArchiveWriter::create() {
  std::error_code absent;
  const auto status = std::filesystem::status(path_, absent);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw Error(ErrorKind::kIo, "it exists and is no regular file");
  part_ = open_part();
  continues_part_ = options_.resume && part_has_this_layout();
  if (!continues_part_ && part_->size() > 0 && !is_split() && !is_compressed()) set_part_aside();
  write_layout();
  layout_.for_each_piece = nullptr;  // the contents need not stay
}

std::shared_ptr<ArchivePart> ArchiveWriter::open_part() const {
  if (is_compressed())
    return std::make_shared<ZstdPart>(
        path_, options_.resume ? ZstdPart::Earlier::kKeep : ZstdPart::Earlier::kForget);
  if (!is_split()) return std::make_shared<PlainPart>(path_);
  const auto& [size, parity] = options_.volumes;
  return std::make_shared<VolumeWriter>(path_, VolumeGeometry::plan(layout_.size, size, parity));
}

// An old part may still be of use if it is of other contents; its name is free for the new one.
void ArchiveWriter::set_part_aside() {
  std::optional<EarlierLayers> layers;
  try {
    layers.emplace(part_);
  } catch (const Error&) {
  }
  if (!layers || !layers->is_archive()) throw_in_the_way(part_path_);
  std::error_code failed;
  if (options_.resume) {
    old_parts_.push_back(next_old_part());
    std::filesystem::rename(part_path_, old_parts_.back(), failed);
    earlier_.push_back(*std::move(layers));
  } else {
    std::filesystem::remove(part_path_, failed);
  }
  if (failed)
    throw Error(ErrorKind::kIo,
                fmt::format("replace {}: {}", part_path_.string(), to_lower(failed.message())));
  part_ = open_part();
}

bool ArchiveWriter::part_has_this_layout() const {
  if (part_->size() != layout_.size) return false;
  bool is_same = true;
  std::string found;
  layout_.for_each_piece([&](std::uint64_t offset, std::string_view bytes) {
    if (!is_same) return;
    found.assign(bytes.size(), '\0');
    part_->read_at(std::as_writable_bytes(std::span(found)), offset);
    is_same = found == bytes;
  });
  return is_same;
}

// A part that is continued has it.
void ArchiveWriter::write_layout() {
  try {
    if (!continues_part_) part_->begin(layout_.size);
    layout_.for_each_piece([this](std::uint64_t offset, std::string_view bytes) {
      if (!continues_part_) part_->write_at(as_bytes(bytes), offset);
      part_->settle(offset, bytes.size(), {});
    });
  } catch (const Error&) {
    if (!continues_part_) part_->remove();  // the destructor will not run
    throw;
  }
}

ArchiveWriter::~ArchiveWriter() {
  if (part_ && !is_worth_keeping()) part_->remove();
}

bool ArchiveWriter::is_worth_keeping() const {
  if (!options_.keep_part) return false;
  if (continues_part_) return true;
  const Lock lock(mutex_);
  if (!done_.empty()) return true;
  return has_begun_ &&
         std::any_of(layout_.layers.begin(), layout_.layers.end(), [this](const auto& layer) {
           return written_of(*part_, layer.second, {}) >= kWorthKeeping;
         });
}

std::optional<std::size_t> ArchiveWriter::reuse_layers(ThreadPool& pool, std::stop_token stop) {
  if (earlier_.empty() && !continues_part_) return std::nullopt;
  std::vector<oci::Descriptor> layers;
  for (const auto& [digest, place] : layout_.layers) layers.push_back({"", digest, place.size});
  for_each_index(layers.size(), kReadAtATime, pool, std::move(stop),
                 [&](std::size_t i, const std::stop_token& token) { reuse(layers[i], token); });
  const Lock lock(mutex_);
  return done_.size();
}

void ArchiveWriter::reuse(const oci::Descriptor& layer, const std::stop_token& stop) {
  if (continues_part_ && try_in_place(layer, stop)) return;
  for (const EarlierLayers& archive : earlier_) {
    const std::unique_ptr<Source> content = archive.open(layer);
    if (!content) continue;
    try {
      const auto upload = upload_behind(0, layer, stop);
      upload->append(*content, layer.size);
      return upload->commit();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kDigestMismatch) throw;  // the next one, or a transfer
    }
  }
}

bool ArchiveWriter::try_in_place(const oci::Descriptor& layer, const std::stop_token& stop) {
  const LayerPlace place = layout_.layers.at(layer.digest);
  if (!part_->was_written(place.offset, place.size)) return false;
  if (!holds(part_, place.offset, layer, stop)) return false;
  mark_done(layer.digest, stop);
  return true;
}

bool ArchiveWriter::is_done(const oci::Digest& layer) const {
  const Lock lock(mutex_);
  return done_.contains(layer);
}

std::uint64_t ArchiveWriter::offset_of(const oci::Digest& blob) const {
  const auto found = layout_.layers.find(blob);
  return found == layout_.layers.end() ? 0 : found->second.offset;
}

bool ArchiveWriter::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return !layout_.layers.contains(blob.digest) || is_done(blob.digest);
}

std::unique_ptr<oci::Upload> ArchiveWriter::begin_upload(const oci::Descriptor& blob,
                                                         std::stop_token stop) {
  const LayerPlace& place = layout_.layers.at(blob.digest);
  return upload_behind(continues_part_ ? written_of(*part_, place, stop) : 0, blob, stop);
}

std::unique_ptr<oci::Upload> ArchiveWriter::upload_behind(std::uint64_t found,
                                                          const oci::Descriptor& blob,
                                                          const std::stop_token& stop) {
  has_begun_ = true;
  return std::make_unique<FileUpload>(
      part_, layout_.layers.at(blob.digest).offset, blob, found,
      [this, digest = blob.digest, stop] { mark_done(digest, stop); }, stop);
}

void ArchiveWriter::mark_done(const oci::Digest& layer, const std::stop_token& stop) {
  const LayerPlace& place = layout_.layers.at(layer);
  part_->settle(place.offset, place.size, stop);
  const Lock lock(mutex_);
  done_.insert(layer);
}

void ArchiveWriter::finish() {
  for (const auto& [digest, place] : layout_.layers)
    if (!is_done(digest))
      throw Error(ErrorKind::kInternal, fmt::format("layer '{}' was never written", digest.str()));
  part_->finish();
  part_.reset();
  for (const std::filesystem::path& path : old_parts_) ::unlink(path.c_str());
  sync_directory(path_.parent_path());
}

}  // namespace tote::archive
