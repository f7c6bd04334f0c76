#include "oci/verify.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::oci {

void throw_wrong_size(std::uint64_t got, std::uint64_t want) {
  throw Error(ErrorKind::kDigestMismatch,
              got > want ? fmt::format("error verifying size; got more than {} bytes", want)
                         : fmt::format("error verifying size; got {} bytes, want {}", got, want));
}

void check_digest(const Digest& got, const Digest& want, std::uint64_t bytes) {
  if (got != want)
    throw Error(
        ErrorKind::kDigestMismatch,
        fmt::format("error verifying {} checksum after reading {} bytes; got \"{}\", want \"{}\"",
                    want.algorithm_name(), bytes, got.str(), want.str()));
}

VerifyingSource::VerifyingSource(std::unique_ptr<Source> inner, const Descriptor& expected)
    : inner_(std::move(inner)),
      want_(expected.digest),
      size_(expected.size),
      hasher_(expected.digest.algorithm()) {}

std::size_t VerifyingSource::read_some(MutableBytes out) {
  if (ended_) return 0;
  if (seen_ == size_) {
    check_end();
    return 0;
  }
  const std::uint64_t left = size_ - seen_;
  const std::size_t n = inner_->read_some(
      out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left))));
  if (n == 0) throw_wrong_size(seen_, size_);
  hasher_.update(out.first(n));
  seen_ += n;
  return n;
}

void VerifyingSource::check_end() {
  std::array<std::byte, 1> extra{};
  if (inner_->read_some(extra) != 0) throw_wrong_size(seen_ + 1, size_);
  check_digest(Digest::of(hasher_), want_, seen_);
  ended_ = true;
}

std::string read_verified(std::unique_ptr<Source> content, const Descriptor& expected) {
  if (expected.size > kMaxManifestSize)
    throw Error(ErrorKind::kParse, fmt::format("'{}' is larger than {} bytes",
                                               expected.digest.str(), kMaxManifestSize));
  VerifyingSource verified(std::move(content), expected);
  return read_all(verified, kMaxManifestSize, expected.digest.str());
}

}  // namespace tote::oci
