// An archive in volumes, read in place: every block is verified, and rebuilt from parity where it
// is lost or damaged.
#pragma once

#include "archive/open_archive.h"
#include "archive/volume_files.h"
#include "archive/volume_set.h"
#include "base/block_reader.h"
#include "base/codec/reed_solomon.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tote::archive {

// Keeps 8 MiB of blocks. A block that is lost takes one of each other volume of its group to
// rebuild. Thread-safe. Reading throws Error{kParse} that names the volume when parity can not make
// up.
class VolumeReader final : public BlockReader {
 public:
  // `notice` is told once of each volume that is not as it was. Error{kParse} if more are lost than
  // parity can make up for, with the names of all of them.
  explicit VolumeReader(VolumeSet set, TellNotice notice = {});

  const std::string& name() const noexcept override { return name_; }
  std::uint64_t size() const override { return set_.geometry.archive_size; }

  const VolumeSet& set() const noexcept { return set_; }
  // Reads all of a volume. Empty: nothing is wrong with it.
  std::string check(std::uint32_t volume) const;

 private:
  Block block_at(std::uint64_t offset) const override;
  std::string load(const Block& block) const override;

  void refuse_what_is_lost() const;
  // Nullptr: the volume is of no use.
  std::shared_ptr<const std::string> sums_of(std::uint32_t volume) const;
  std::shared_ptr<const std::string> read_sums(std::uint32_t volume) const;
  // nullopt: it is lost or damaged.
  std::optional<std::string> read_block(std::uint32_t volume, std::uint64_t block) const;
  std::optional<std::string> try_read_block(std::uint32_t volume, std::uint64_t block) const;
  std::string rebuild(std::uint32_t volume, std::uint64_t block) const;
  std::vector<unsigned> sources_for(std::uint32_t volume, std::uint64_t block,
                                    const std::set<unsigned>& bad) const;
  std::shared_ptr<const BlockSums> sum_of(std::uint32_t volume,
                                          const std::vector<unsigned>& sources) const;
  void report(std::uint32_t volume, const std::string& wrong) const;
  std::string wrong_with(std::uint32_t volume) const;

  const VolumeSet set_;
  const std::string name_;
  const TellNotice notice_;
  const VolumeFiles files_;
  mutable Mutex mutex_;
  mutable std::vector<std::string> wrong_ TOTE_GUARDED_BY(mutex_);  // by volume
  mutable std::vector<bool> is_useless_ TOTE_GUARDED_BY(mutex_);    // by volume
  mutable std::vector<std::shared_ptr<const std::string>> sums_ TOTE_GUARDED_BY(mutex_);
  // What was rebuilt last, and how: blocks of one volume come one after the other.
  mutable std::pair<std::uint32_t, std::vector<unsigned>> rebuilt_ TOTE_GUARDED_BY(mutex_);
  mutable std::shared_ptr<const BlockSums> rebuilding_ TOTE_GUARDED_BY(mutex_);
};

// The archive that `path` is a volume of (find_volume_set()); nullptr: it is none.
std::shared_ptr<const VolumeReader> find_volumes(const std::filesystem::path& path,
                                                 TellNotice notice);

}  // namespace tote::archive
