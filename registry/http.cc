#include "registry/http.h"

#include "base/text.h"

namespace tote::registry {

std::optional<std::string> HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::vector<std::string> HttpReply::headers(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) values.push_back(value);
  return values;
}

}  // namespace tote::registry
