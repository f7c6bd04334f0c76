// Sprig's functions of numbers. Whole ones wrap around as Go's do.
#include "template/number_text.h"
#include "template/print.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace tote::go_template {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

// Without undefined overflow.
template <class Operate>
std::int64_t wrapped(std::int64_t a, std::int64_t b, Operate operate) {
  return static_cast<std::int64_t>(
      operate(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
}

std::int64_t add(std::int64_t a, std::int64_t b) {
  return wrapped(a, b, [](auto x, auto y) { return x + y; });
}

std::int64_t subtract(std::int64_t a, std::int64_t b) {
  return wrapped(a, b, [](auto x, auto y) { return x - y; });
}

std::int64_t multiply(std::int64_t a, std::int64_t b) {
  return wrapped(a, b, [](auto x, auto y) { return x * y; });
}

void check_divisor(std::int64_t divisor) {
  if (divisor == 0) fail_call("runtime error: integer divide by zero");
}

std::int64_t divide(std::int64_t a, std::int64_t b) {
  check_divisor(b);
  return a == kLeast && b == -1 ? kLeast : a / b;
}

std::int64_t modulo(std::int64_t a, std::int64_t b) {
  check_divisor(b);
  return b == -1 ? 0 : a % b;
}

template <class Operate>
FunctionPtr of_two(Operate operate) {
  return make_function([operate](const Value& a, const Value& b) {
    return Int64{operate(to_integer(a), to_integer(b))};
  });
}

// Folded over all arguments, from the first on.
template <class Operate>
FunctionPtr of_many(Operate operate) {
  return make_function([operate](const Value& first, const Rest<Value>& others) {
    std::int64_t out = to_integer(first);
    for (const Value& other : others.items) out = operate(out, to_integer(other));
    return Int64{out};
  });
}

// Go's math.Max and math.Min: not a number wins, and 0 is more than -0.
double greater_of(double a, double b) {
  if (std::isinf(a) && a > 0) return a;
  if (std::isinf(b) && b > 0) return b;
  if (std::isnan(a) || std::isnan(b)) return std::nan("");
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

double lesser_of(double a, double b) {
  return -greater_of(-a, -b);
}

template <class Choose>
FunctionPtr of_many_floats(Choose choose) {
  return make_function([choose](const Value& first, const Rest<Value>& others) {
    double out = to_float(first);
    for (const Value& other : others.items) out = choose(out, to_float(other));
    return out;
  });
}

double rounded(const Value& value, std::int64_t places, const Rest<double>& on) {
  const double power = std::pow(10.0, static_cast<double>(places));
  const double digits = power * to_float(value);
  double whole = 0;
  const double fraction = std::modf(digits, &whole);
  const double limit = on.items.empty() ? 0.5 : on.items.front();
  return (fraction >= limit ? std::ceil(digits) : std::floor(digits)) / power;
}

std::vector<std::int64_t> steps_between(Context& context, std::int64_t begin, std::int64_t end,
                                        std::int64_t step) {
  std::vector<std::int64_t> out;
  const bool is_falling = end < begin;
  if (is_falling ? step >= 0 : step <= 0) return out;
  const double count =
      (static_cast<double>(end) - static_cast<double>(begin)) / static_cast<double>(step);
  constexpr double kMany = 1e15;  // more than any bound
  context.take_bytes(static_cast<std::size_t>(std::min(count + 1, kMany)) * sizeof(Value));
  for (std::int64_t i = begin; is_falling ? i > end : i < end; i = add(i, step)) out.push_back(i);
  return out;
}

Typed<kIntsType> list_of(const std::vector<std::int64_t>& numbers) {
  std::vector<Value> items;
  items.reserve(numbers.size());
  for (const std::int64_t number : numbers) items.push_back(Value::integer(number));
  return {Value::list(std::move(items), kIntsType)};
}

std::string sequence(Context& context, const Rest<std::int64_t>& of) {
  const auto& all = of.items;
  if (all.empty() || all.size() > 3) return {};
  const std::int64_t begin = all.size() == 1 ? 1 : all.front();
  const std::int64_t end = all.back();
  const std::int64_t direction = end < begin ? -1 : 1;
  const std::int64_t step = all.size() == 3 ? all[1] : direction;
  if (all.size() == 3 && end < begin && step > 0) return {};
  std::string out;
  for (const std::int64_t number : steps_between(context, begin, add(end, direction), step))
    out += (out.empty() ? "" : " ") + std::to_string(number);
  return out;
}

// As Go's Atoi whose error nobody looks at: what is too large is the largest.
std::int64_t number_or_zero(std::string_view text) {
  if (const std::optional<std::int64_t> number = parse_integer(text, 10)) return *number;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const bool is_number =
      !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) return 0;
  return is_negative ? kLeast : std::numeric_limits<std::int64_t>::max();
}

void add_arithmetic(FunctionMap& all) {
  all["add1"] = make_function([](const Value& value) { return Int64{add(to_integer(value), 1)}; });
  all["add"] = make_function([](const Rest<Value>& values) {
    std::int64_t sum = 0;
    for (const Value& value : values.items) sum = add(sum, to_integer(value));
    return Int64{sum};
  });
  all["sub"] = of_two(subtract);
  all["div"] = of_two(divide);
  all["mod"] = of_two(modulo);
  all["mul"] = of_many(multiply);
  all["max"] = of_many([](std::int64_t a, std::int64_t b) { return std::max(a, b); });
  all["biggest"] = all["max"];
  all["min"] = of_many([](std::int64_t a, std::int64_t b) { return std::min(a, b); });
  all["maxf"] = of_many_floats(greater_of);
  all["minf"] = of_many_floats(lesser_of);
}

}  // namespace

void add_number_functions(FunctionMap& all) {
  add_arithmetic(all);
  all["ceil"] = make_function([](const Value& value) { return std::ceil(to_float(value)); });
  all["floor"] = make_function([](const Value& value) { return std::floor(to_float(value)); });
  all["round"] = make_function(rounded);
  all["int"] = make_function([](const Value& value) { return to_integer(value); });
  all["int64"] = make_function([](const Value& value) { return Int64{to_integer(value)}; });
  all["float64"] = make_function([](const Value& value) { return to_float(value); });
  all["atoi"] = make_function(number_or_zero);
  all["toDecimal"] = make_function(
      [](const Value& value) { return Int64{parse_integer(print(value), 8).value_or(0)}; });
  all["until"] = make_function([](Context& context, std::int64_t end) {
    return list_of(steps_between(context, 0, end, end < 0 ? -1 : 1));
  });
  all["untilStep"] =
      make_function([](Context& context, std::int64_t begin, std::int64_t end, std::int64_t step) {
        return list_of(steps_between(context, begin, end, step));
      });
  all["seq"] = make_function(sequence);
}

}  // namespace tote::go_template
