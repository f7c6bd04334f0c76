// The random bytes of the system.
#pragma once

#include "template/functions.h"

namespace tote::go_template {

class SystemRandom final : public RandomSource {
 public:
  void fill(char* bytes, std::size_t count) override;
};

}  // namespace tote::go_template
