// An archive as the place that something is sent to.
#pragma once

#include "archive/archive_writer.h"
#include "bundle/cargo.h"
#include "bundle/session.h"

#include <filesystem>

namespace tote::bundle {

struct ArchiveTarget {
  std::filesystem::path path;
  archive::ArchiveFormat format = archive::ArchiveFormat::kImgpkg;
  // Takes the layers of an archive that is there already, and of a run that failed: that leaves
  // what it had.
  bool resume = false;
  archive::SplitOptions volumes = {};
  archive::Compression compression = archive::Compression::kNone;  // not of volumes
};

// Errors of archive::ArchiveWriter and copy::execute(), with a hint where a later run can go on.
void write_archive(const Cargo& cargo, const ArchiveTarget& target, const Session& session);

}  // namespace tote::bundle
