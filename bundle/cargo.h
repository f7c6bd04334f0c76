// What is to be sent somewhere, and where it is read.
#pragma once

#include "archive/delta.h"
#include "bundle/event.h"
#include "copy/work.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tote::bundle {

struct Cargo {
  oci::Contents contents;
  oci::OpenRepository from;
  // Which blobs a registry may mount from where the contents say that they are; empty: all.
  std::function<bool(const oci::Descriptor&)> may_mount = {};
  // Of a delta: whether it leaves out a blob, which has to be at the target then; empty: it does
  // not.
  std::function<bool(const oci::Descriptor&)> leaves_out = {};
  // What is left out when a delta is written; patches are among the layers of the contents.
  archive::Delta delta = {};
  std::string images_lock = {};  // the text of the lock that named the images; empty: none did
  Observer observer = {};
};

// Error{kNotFound} that lists what the target of a delta lacks.
[[noreturn]] void throw_lacks_base(const std::set<oci::Digest>& lacking);
// Throws that for what is left out, is to be sent, and is not there.
void expect_base(const Cargo& cargo, const copy::Work& work);

}  // namespace tote::bundle
