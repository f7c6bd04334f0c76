#include "template/decimal.h"

#include "base/error.h"
#include "template/number_text.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

namespace tote::go_template {
namespace {

constexpr std::int64_t kDivisionDigits = 16;

using Scratch = std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)>;

Scratch scratch() {
  return {BN_CTX_new(), &BN_CTX_free};
}

// OpenSSL's numbers fail only where there is no memory.
void require(int result) {
  if (result != 1) throw std::bad_alloc();
}

}  // namespace

void Decimal::Free::operator()(bignum_st* number) const noexcept {
  BN_free(number);
}

Decimal::Number Decimal::zero() {
  Number number(BN_new());
  if (number == nullptr) throw std::bad_alloc();
  BN_zero(number.get());
  return number;
}

// Times ten to the power `by`.
Decimal::Number Decimal::shifted(const bignum_st& number, std::int64_t by) {
  Number out(BN_dup(&number));
  const Number ten = zero();
  const Number power = zero();
  const Number exponent = zero();
  const Scratch space = scratch();
  require(BN_set_word(ten.get(), 10));
  require(BN_set_word(exponent.get(), static_cast<BN_ULONG>(by)));
  require(BN_exp(power.get(), ten.get(), exponent.get(), space.get()));
  require(BN_mul(out.get(), &number, power.get(), space.get()));
  return out;
}

Decimal::Decimal(double value) : digits_(zero()), exponent_(0) {
  if (!std::isfinite(value))
    throw Error(ErrorKind::kParse,
                fmt::format("Cannot create a Decimal from {}", format_float(value, 'g')));
  if (value == 0) return;
  std::string text = format_float(value, 'e');
  const std::size_t mark = text.find('e');
  const std::string_view sign_and_digits = std::string_view(text).substr(mark + 1);
  exponent_ = parse_integer(sign_and_digits, 10).value_or(0);
  text.resize(mark);
  if (const std::size_t point = text.find('.'); point != std::string::npos) {
    exponent_ -= static_cast<std::int64_t>(text.size() - point - 1);
    text.erase(point, 1);
  }
  BIGNUM* number = digits_.get();
  BN_dec2bn(&number, text.c_str());
}

template <class Operate>
Decimal Decimal::aligned(const Decimal& other, Operate operate) const {
  const std::int64_t exponent = std::min(exponent_, other.exponent_);
  const Number a = shifted(*digits_, exponent_ - exponent);
  const Number b = shifted(*other.digits_, other.exponent_ - exponent);
  Number out = zero();
  require(operate(out.get(), a.get(), b.get()));
  return {std::move(out), exponent};
}

Decimal Decimal::plus(const Decimal& other) const {
  return aligned(other, BN_add);
}

Decimal Decimal::minus(const Decimal& other) const {
  return aligned(other, BN_sub);
}

Decimal Decimal::times(const Decimal& other) const {
  Number out = zero();
  const Scratch space = scratch();
  require(BN_mul(out.get(), digits_.get(), other.digits_.get(), space.get()));
  return {std::move(out), exponent_ + other.exponent_};
}

Decimal Decimal::divided_by(const Decimal& other) const {
  if (BN_is_zero(other.digits_.get())) throw Error(ErrorKind::kParse, "decimal division by 0");
  const std::int64_t shift = exponent_ - other.exponent_ + kDivisionDigits;
  const Number a = shifted(*digits_, std::max<std::int64_t>(shift, 0));
  const Number b = shifted(*other.digits_, std::max<std::int64_t>(-shift, 0));
  const bool is_negative = BN_is_negative(a.get()) != BN_is_negative(b.get());
  BN_set_negative(a.get(), 0);
  BN_set_negative(b.get(), 0);
  Number quotient = zero();
  const Number rest = zero();
  const Scratch space = scratch();
  require(BN_div(quotient.get(), rest.get(), a.get(), b.get(), space.get()));
  require(BN_lshift1(rest.get(), rest.get()));
  if (BN_cmp(rest.get(), b.get()) >= 0) require(BN_add_word(quotient.get(), 1));
  BN_set_negative(quotient.get(), is_negative ? 1 : 0);
  return {std::move(quotient), -kDivisionDigits};
}

double Decimal::value() const {
  char* const digits = BN_bn2dec(digits_.get());
  if (digits == nullptr) throw std::bad_alloc();
  const std::string text = fmt::format("{}e{}", digits, exponent_);
  OPENSSL_free(digits);
  return parse_float(text).value_or(0);
}

}  // namespace tote::go_template
