#include "bundle/working_copy/increment.h"

#include "base/error.h"
#include "oci/reference.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::bundle::working_copy {
namespace {

constexpr std::size_t kMostNumbers = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One to three numbers with dots between them.
bool is_version(std::string_view core) {
  const auto dots = static_cast<std::size_t>(std::count(core.begin(), core.end(), '.'));
  return !core.empty() && is_digit(core.front()) && is_digit(core.back()) && dots < kMostNumbers &&
         core.find("..") == std::string_view::npos;
}

// A decimal number of any length, one more.
std::string raised(std::string number) {
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return number;
    }
    *digit = '0';
  }
  return "1" + number;
}

}  // namespace

std::string incremented(std::string_view tag) {
  const std::size_t begin = tag.starts_with('v') ? 1 : 0;
  const auto* const end_of_core = std::find_if_not(tag.begin() + begin, tag.end(),
                                                   [](char c) { return is_digit(c) || c == '.'; });
  const auto end = static_cast<std::size_t>(end_of_core - tag.begin());
  const std::string_view core = tag.substr(begin, end - begin);
  const std::string_view behind = tag.substr(end);
  std::string result;
  if (is_version(core) && (behind.empty() || behind.front() == '-')) {
    const std::size_t last = tag.substr(0, end).find_last_of("v.") + 1;  // npos + 1 is 0
    result = std::string(tag.substr(0, last)) + raised(std::string(tag.substr(last, end - last))) +
             std::string(behind);
  }
  if (!oci::is_tag(result))
    throw Error(ErrorKind::kUsage, fmt::format("unable to increment '{}'", tag))
        .with_hint("a version is one to three numbers, as in v1.2.3; @VERSION names another tag");
  return result;
}

}  // namespace tote::bundle::working_copy
