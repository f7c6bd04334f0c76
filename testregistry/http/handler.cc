#include "testregistry/http/handler.h"

#include "base/text.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

template <class Compare>
std::optional<std::string_view> find_value(const NameValues& list, std::string_view name,
                                           Compare same) noexcept {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& pair) { return same(pair.first, name); });
  if (found == list.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string_view> RequestHead::header(std::string_view name) const noexcept {
  return find_value(headers, name, equal_ignoring_case);
}

std::optional<std::string_view> RequestHead::parameter(std::string_view name) const noexcept {
  return find_value(query, name, std::equal_to<std::string_view>());
}

std::uint64_t Response::own_length() const noexcept {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* memory = std::get_if<MemoryRange>(&body)) return memory->length;
  return std::get<FileRange>(body).length;
}

std::uint64_t Response::body_length() const noexcept {
  const bool has_body = status != 204 && status != 304;
  return own_length() + (mishap && has_body ? mishap->extra : 0);
}

}  // namespace tote::testregistry
