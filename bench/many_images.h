// Images in memory, as many as are wanted: what decisions about images are measured on.
#pragma once

#include "copy/plan.h"
#include "oci/memory_place.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tote::bench {

// An OCI image manifest with made-up layers, the same for the same numbers.
std::string manifest_text(const oci::Descriptor& config, std::size_t number, std::size_t layers);

class ManyImages {
 public:
  explicit ManyImages(std::size_t count);

  // Reads each of them anew, on two threads.
  copy::Plan plan();

 private:
  oci::MemoryPlace place_;
  std::vector<oci::CarriedImage> images_;
};

}  // namespace tote::bench
