#include "bundle/cargo.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::bundle {

void throw_lacks_base(const std::set<oci::Digest>& lacking) {
  std::string list;
  for (const oci::Digest& digest : lacking) list += (list.empty() ? "" : ", ") + digest.str();
  throw Error(ErrorKind::kNotFound,
              fmt::format("The archive holds only what was new, and the destination lacks {} of "
                          "the blobs that it builds on: {}",
                          lacking.size(), list))
      .with_hint(
          "copy there first what it was made after (--since), or give both with --tar; "
          "--fetch-missing asks where the images came from");
}

void expect_base(const Cargo& cargo, const copy::Work& work) {
  if (!cargo.leaves_out) return;
  std::set<oci::Digest> lacking;
  for (const copy::BlobWork& blob : work.blobs)
    if (blob.state != copy::BlobState::kThere && blob.bytes == nullptr &&
        cargo.leaves_out(blob.blob))
      lacking.insert(blob.blob.digest);
  if (!lacking.empty()) throw_lacks_base(lacking);
}

}  // namespace tote::bundle
