// The program's stdin.
#pragma once

#include "base/stream.h"

namespace tote {

// Error{kIo}. Nobody else is to read it.
class StandardInput final : public Source {
 public:
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;
};

}  // namespace tote
