// Sprig's functions of fractions, which are computed with decimal digits.
#include "template/decimal.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

namespace tote::go_template {
namespace {

using Operation = Decimal (Decimal::*)(const Decimal&) const;

double computed(const Value& first, const std::vector<Value>& others, Operation operation) {
  Decimal out(to_float(first));
  for (const Value& other : others) out = (out.*operation)(Decimal(to_float(other)));
  return out.value();
}

FunctionPtr of_many(Operation operation) {
  return make_function([operation](const Value& first, const Rest<Value>& others) {
    return computed(first, others.items, operation);
  });
}

}  // namespace

void add_decimal_functions(FunctionMap& all) {
  all["add1f"] = make_function(
      [](const Value& value) { return computed(value, {Value::integer(1)}, &Decimal::plus); });
  all["addf"] = make_function([](const Rest<Value>& values) {
    return computed(Value::floating(0), values.items, &Decimal::plus);
  });
  all["subf"] = of_many(&Decimal::minus);
  all["divf"] = of_many(&Decimal::divided_by);
  all["mulf"] = of_many(&Decimal::times);
}

}  // namespace tote::go_template
