// Checking bytes against their descriptor while they are read.
#pragma once

#include "base/stream.h"
#include "oci/manifest.h"

#include <memory>

namespace tote::oci {

// Passes bytes through and reports their end only if size and digest are right; otherwise throws
// Error{kDigestMismatch} with got and want. Reads at most size + 1 bytes of `inner`, so a sender
// of too much is noticed and can not fill a disk.
class VerifyingSource final : public Source {
 public:
  VerifyingSource(std::unique_ptr<Source> inner, const Descriptor& expected);
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  void check_end();

  std::unique_ptr<Source> inner_;
  Digest want_;
  std::uint64_t size_;
  std::uint64_t seen_ = 0;
  bool ended_ = false;
  Hasher hasher_;
};

// For content that arrives in order but is not pulled (an archive being written).
// Error{kDigestMismatch} as above.
[[noreturn]] void throw_wrong_size(std::uint64_t got, std::uint64_t want);
void check_digest(const Digest& got, const Digest& want, std::uint64_t bytes);

// Small content (a config) as verified text; over kMaxManifestSize is Error{kParse}.
std::string read_verified(std::unique_ptr<Source> content, const Descriptor& expected);

}  // namespace tote::oci
