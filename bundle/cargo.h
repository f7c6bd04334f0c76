// What is to be sent somewhere, and where it is read.
#pragma once

#include "bundle/event.h"
#include "copy/work.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <functional>
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
  // What is left out when a delta is written.
  std::vector<oci::Descriptor> needs = {};
  std::string images_lock = {};  // the text of the lock that named the images; empty: none did
  Observer observer = {};
};

// Error{kNotFound} that lists what a delta leaves out and the target does not have.
void expect_base(const Cargo& cargo, const copy::Work& work);

}  // namespace tote::bundle
