// Numbers with decimal digits, exact but for division: what Sprig computes fractions with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct bignum_st;

namespace tote::go_template {

class Decimal {
 public:
  // The shortest digits that say the number. Error{kParse} for what is no number.
  explicit Decimal(double value);

  Decimal plus(const Decimal& other) const;
  Decimal minus(const Decimal& other) const;
  Decimal times(const Decimal& other) const;
  // To 16 digits behind the point, halves away from zero. Error{kParse} for a division by 0.
  Decimal divided_by(const Decimal& other) const;
  double value() const;  // the nearest

 private:
  struct Free {
    void operator()(bignum_st* number) const noexcept;
  };
  using Number = std::unique_ptr<bignum_st, Free>;

  Decimal(Number digits, std::int64_t exponent) : digits_(std::move(digits)), exponent_(exponent) {}
  static Number zero();
  static Number shifted(const bignum_st& number, std::int64_t by);
  template <class Operate>
  Decimal aligned(const Decimal& other, Operate operate) const;

  Number digits_;  // times ten to the exponent
  std::int64_t exponent_;
};

}  // namespace tote::go_template
