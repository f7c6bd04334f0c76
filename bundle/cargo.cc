#include "bundle/cargo.h"

#include "base/error.h"

#include <fmt/format.h>

namespace tote::bundle {

void expect_base(const Cargo& cargo, const copy::Work& work) {
  if (!cargo.leaves_out) return;
  std::string list;
  std::size_t count = 0;
  for (const copy::BlobWork& blob : work.blobs) {
    if (blob.state == copy::BlobState::kThere || blob.bytes != nullptr) continue;
    if (!cargo.leaves_out(blob.blob)) continue;
    list += (list.empty() ? "" : ", ") + blob.blob.digest.str();
    ++count;
  }
  if (count > 0)
    throw Error(ErrorKind::kNotFound,
                fmt::format("The archive holds only what was new, and the destination lacks {} of "
                            "the blobs that it leaves out: {}",
                            count, list))
        .with_hint(
            "copy there first what it was made after (--since), or give both with --tar; "
            "--fetch-missing asks where the images came from");
}

}  // namespace tote::bundle
