// What a gzip file (RFC 1952) holds. Internal to base/codec/.
#pragma once

#include "base/codec/inflater.h"

#include <cstdint>

namespace tote {

// All members, one after the other; behind one, what is no other is left alone. Whatever zlib
// would refuse is Error{kParse}, wrong checksums and lengths too; what `source`, which must outlive
// it, throws comes out as it is.
class GzipReader final : public Source {
 public:
  explicit GzipReader(Source& source) : in_(source), inflater_(in_) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  enum class State { kHeader, kContent, kEnd };

  void read_header();
  void read_trailer();
  bool is_member_next();
  std::uint32_t take_header_byte();
  void skip_header_text();

  deflate::BitReader in_;
  deflate::Inflater inflater_;
  State state_ = State::kHeader;
  ConstBytes rest_;               // decoded, and not given out
  std::uint32_t header_crc_ = 0;  // of the header so far
  std::uint32_t crc_ = 0;         // of the member's content so far
  std::uint32_t length_ = 0;      // of it, modulo 2^32
};

}  // namespace tote
