#include "transport/http.h"

#include "base/text.h"

namespace tote::transport {

std::optional<std::string> Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::vector<std::string> Reply::headers(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) values.push_back(value);
  return values;
}

}  // namespace tote::transport
