// Templates made by chance, by the grammar of the language.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tote::go_template {

// The data that they are about, as JSON.
inline constexpr std::string_view kRandomTemplateData =
    R"({"i":7,"n":-3,"f":2.5,"s":"some text","e":"","t":true,"no":false,"nil":null,"u":"äö€",)"
    R"("l":[3,"x",null,1.5,[1,2],{"k":"v"}],"none":[],"m":{"a":1,"b":{"c":"deep","d":null},"z":"q"},)"
    R"("em":{},"big":9223372036854775807,"strs":["b","a","c"],"nums":[5,1,3]})";

class RandomTemplate {
 public:
  explicit RandomTemplate(std::uint64_t seed) : random_(seed) {}

  // Now and then with a character too many or too few.
  std::string make();

 private:
  std::size_t below(std::size_t end);
  bool one_in(std::size_t count) { return below(count) == 0; }
  std::string pick(const std::vector<std::string>& all) { return all[below(all.size())]; }

  std::string list(int depth);
  std::string item(int depth);
  std::string block(int depth);
  std::string action(const std::string& inner);
  std::string pipeline(int depth);
  std::string command(int depth);
  std::string operand(int depth);
  std::string constant();
  std::string field();
  std::string format();
  std::string damaged(std::string text);

  std::mt19937_64 random_;
};

}  // namespace tote::go_template
