// Another name for one image, index, chart or other artifact: in its repository, or in another one.
#pragma once

#include "bundle/transfer.h"
#include "oci/reference.h"

namespace tote::bundle {

struct Promotion {
  oci::Reference source;
  oci::Reference target;         // a tag
  TransferOptions options = {};  // with the annotations that it gets
};

struct Promoted {
  oci::Digest digest;               // to which the tag leads now
  bool has_index = false;           // it is one
  bool leaves_images_here = false;  // a bundle in another repository, without what it names
};

// A copy that names nothing but the target: without annotations every byte is what it was, and what
// is there already is not sent. Throws Error that begins `failed to get source artifact "X"` or
// `failed to push image to "X"`, and Cancelled.
Promoted promote(const Promotion& promotion, registry::Client& client, const Session& session);

}  // namespace tote::bundle
