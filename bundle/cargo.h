// What is to be sent somewhere, and where it is read.
#pragma once

#include "bundle/event.h"
#include "oci/contents.h"
#include "oci/store.h"

#include <functional>
#include <string>

namespace tote::bundle {

struct Cargo {
  oci::Contents contents;
  oci::OpenRepository from;
  // Which blobs a registry may mount from where the contents say that they are; empty: all.
  std::function<bool(const oci::Descriptor&)> may_mount = {};
  std::string images_lock = {};  // the text of the lock that named the images; empty: none did
  Observer observer = {};
};

}  // namespace tote::bundle
