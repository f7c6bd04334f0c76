// Writing an archive straight into volumes: FILE.001.part, FILE.002.part, ..., which get their
// names when all of them are whole.
#pragma once

#include "archive/archive_part.h"
#include "archive/volume_files.h"
#include "archive/volume_header.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tote::archive {

// Bytes come in any order, by several threads. finish() reads them once for the sums and the
// parity; FILE.001.part, which is locked, is renamed last. When a process was stopped between two
// renames, the next one that writes there goes on with them.
class VolumeWriter final : public ArchivePart {
 public:
  // Error{kIo}: another process writes there, or a file that is none of ours is in the way.
  VolumeWriter(std::filesystem::path file, const VolumeGeometry& geometry);

  const std::string& name() const noexcept override { return first_->name(); }
  // 0: it was not begun, or not like this.
  std::uint64_t size() const override { return is_begun_ ? geometry_.archive_size : 0; }
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override;
  void write_at(ConstBytes data, std::uint64_t offset) const override;
  // REQUIRES: `size` is that of the geometry
  void begin(std::uint64_t size) override;
  bool was_written(std::uint64_t offset, std::uint64_t size) const override;
  void finish() override;
  void remove() noexcept override;

 private:
  // A range that lies in one volume.
  struct Piece {
    std::uint32_t volume;
    std::uint64_t offset;  // in its file
    std::uint64_t size;
  };
  Piece piece_at(std::uint64_t offset, std::uint64_t size) const;
  bool finish_renames() const;
  bool looks_begun() const;
  void remove_other_parts() const;
  void begin_volume(std::uint32_t volume) const;
  std::string read_block(std::uint32_t volume, std::uint64_t block) const;
  void sum_group(std::uint32_t group, std::vector<std::string>& sums) const;
  VolumeSetId id_of(const std::vector<Sha256>& digests) const;
  void write_ends(const std::vector<std::string>& sums) const;
  void rename_all() const;
  void remove_older_sets(const VolumeSetId& set) const;
  VolumeSetId set_id() const;

  const std::filesystem::path file_;
  const VolumeGeometry geometry_;
  FilePtr first_;  // locked
  const VolumeFiles parts_;
  bool is_begun_ = false;
  bool is_whole_ = false;  // from here on nothing is given up
};

}  // namespace tote::archive
