// What verify prints, for people and for programs.
#pragma once

#include "bundle/verify.h"

#include <string>
#include <vector>

namespace tote::cmd {

struct VerifyResult {
  bundle::Verified verified;              // as it is at the end
  std::vector<bundle::Finding> repaired;  // what was wrong before
  std::vector<bundle::Finding> removed;

  std::string as_text(const std::string& place) const;
  // One JSON object (docs/machine-output.md).
  std::string as_data(const std::string& place) const;
  // A test case for each thing that is, or was, not as it should be, and one for the rest.
  std::string as_junit(const std::string& place) const;
};

}  // namespace tote::cmd
