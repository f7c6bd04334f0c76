// From files to a layer: the same files give the same bytes, for ever (docs/formats.md).
#pragma once

#include "base/spool.h"
#include "bundle/push_files.h"
#include "oci/digest.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace tote::bundle {

enum class Permissions {
  kOwnerOnly,  // imgpkg's: nothing for group and others
  kPreserve,   // imgpkg's --preserve-permissions: Go's mode bits, directories as their root
  kAsTheyAre,  // each as it is here, in tar's bits; roots have no entry
};

enum class LayerCompression {
  kGzip,  // imgpkg's, for ever the same bytes
  kZstd,  // the bytes of this libzstd
};

struct PackedLayer {
  oci::Digest digest;   // of the compressed bytes
  oci::Digest diff_id;  // of the tar
  LayerCompression compression = LayerCompression::kGzip;
  Spool content;
};

// A tar of the files in the order given, compressed by GzipWriter or ZstdWriter. A file that
// becomes shorter while it is read is Error{kIo}; `stop` ends it with Cancelled. What is too much
// for memory is kept in `temporary`.
PackedLayer pack_layer(const std::vector<PushFile>& files, Permissions permissions,
                       std::stop_token stop = {}, const std::filesystem::path& temporary = "/tmp",
                       LayerCompression compression = LayerCompression::kGzip);
// A layer of one file, as if it lay in a directory with mode 0600.
PackedLayer pack_text(const std::string& name, const std::string& text);

}  // namespace tote::bundle
