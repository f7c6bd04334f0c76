#include "oci/verify.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace tote::oci {
namespace {

using test::ThrowsError;

// Gives its bytes in pieces of one size, and notices when it is read after its end.
class PiecewiseSource final : public Source {
 public:
  PiecewiseSource(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
  std::size_t read_some(MutableBytes out) override {
    EXPECT_FALSE(ended_) << "read after the end";
    const std::size_t n = std::min({piece_, out.size(), bytes_.size() - at_});
    std::copy_n(as_bytes(bytes_).begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    ended_ = n == 0;
    return n;
  }

 private:
  std::string bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

std::string read_through(const std::string& sent, const Descriptor& want, std::size_t piece) {
  VerifyingSource verified(std::make_unique<PiecewiseSource>(sent, piece), want);
  std::string text = read_all(verified, 1'000'000, "x");
  std::array<std::byte, 1> more{};
  EXPECT_EQ(verified.read_some(more), 0U) << "the end has to stay the end";
  return text;
}

class Verify : public testing::TestWithParam<std::size_t> {
 protected:
  const std::string content_ = std::string(10'000, 'x') + "end";
  const Descriptor want_{"t", Digest::of(content_), content_.size()};
};

TEST_P(Verify, PassesWhatIsRight) {
  EXPECT_EQ(read_through(content_, want_, GetParam()), content_);
}

TEST_P(Verify, RefusesTooLittleTooMuchAndAltered) {
  EXPECT_THAT([&] { read_through(content_.substr(1), want_, GetParam()); },
              ThrowsError(ErrorKind::kDigestMismatch, "got 10002 bytes, want 10003"));
  EXPECT_THAT([&] { read_through(content_ + "!", want_, GetParam()); },
              ThrowsError(ErrorKind::kDigestMismatch, "got more than 10003 bytes"));
  std::string altered = content_;
  altered[5000] = 'y';
  EXPECT_THAT([&] { read_through(altered, want_, GetParam()); },
              ThrowsError(ErrorKind::kDigestMismatch,
                          "error verifying sha256 checksum after reading 10003 bytes; got \""));
}

INSTANTIATE_TEST_SUITE_P(Pieces, Verify, testing::Values(1, 7, 1000, 4096, 100'000));

TEST(VerifyingSource, AcceptsEmptyContent) {
  EXPECT_EQ(read_through("", {"t", Digest::of(""), 0}, 10), "");
}

TEST(ReadVerified, RefusesLargeClaimsBeforeReading) {
  EXPECT_THAT(
      [] {
        read_verified(std::make_unique<StringSource>(""), {"t", Digest::of(""), 5U << 20U});
      },
      ThrowsError(ErrorKind::kParse, "larger than"));
}

}  // namespace
}  // namespace tote::oci
