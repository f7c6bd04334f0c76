// What a gzip file (RFC 1952) holds. Internal to base/codec/.
#pragma once

#include "base/stream.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace tote {

// All members, one after the other; behind one, what is no other is left alone. What is damaged or
// cut short is Error{kParse}, wrong checksums and lengths too; what `source`, which must outlive
// it, throws comes out as it is.
class GzipReader final : public Source {
 public:
  explicit GzipReader(Source& source);
  ~GzipReader() override;
  [[nodiscard]] std::size_t read_some(MutableBytes out) override;

 private:
  enum class State { kHeader, kContent, kTrailer, kEnd };
  struct Inflate;  // ISA-L's

  void read_header();
  void read_trailer();
  bool is_member_next();
  std::size_t inflate(MutableBytes out);
  void take_back_unused();
  std::uint32_t take_byte();
  std::uint32_t take_header_byte();
  std::uint32_t take_number();
  void skip_header_text();
  bool refill();

  Source& source_;
  std::vector<std::byte> buffer_;
  ConstBytes unread_;  // of it
  std::unique_ptr<Inflate> inflate_;
  State state_ = State::kHeader;
  std::uint32_t header_crc_ = 0;  // of the header so far
  std::uint32_t crc_ = 0;         // of the member's content so far
  std::uint32_t length_ = 0;      // of it, modulo 2^32
};

}  // namespace tote
