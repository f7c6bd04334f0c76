#include "testregistry/storage/quotas.h"

#include "testregistry/storage/storage.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::testregistry {
namespace {

bool covers(std::string_view prefix, std::string_view repository) {
  return prefix.empty() || repository == prefix ||
         (repository.starts_with(prefix) && repository[prefix.size()] == '/');
}

}  // namespace

void Quotas::set_limit(std::string prefix, std::uint64_t bytes) {
  Limit& limit = limits_.emplace_back();
  limit.prefix = std::move(prefix);
  limit.bytes = bytes;
}

void Quotas::watch(Storage& storage) {
  // What was dropped into a directory is taken over first, or it would count twice.
  for (const std::string& repository : storage.repositories("", SIZE_MAX))
    storage.has_repository(repository);
  storage.on_growth(
      [this](const std::string& repository, std::int64_t bytes) { grow(repository, bytes); });
  for (const std::string& repository : storage.repositories("", SIZE_MAX))
    grow(repository, static_cast<std::int64_t>(storage.size_of(repository)));
}

void Quotas::grow(std::string_view repository, std::int64_t bytes) {
  for (Limit& limit : limits_)
    if (covers(limit.prefix, repository)) limit.used += bytes;
}

std::vector<Quotas::Use> Quotas::uses() const {
  std::vector<Use> all;
  for (const Limit& limit : limits_)
    all.push_back({limit.prefix, limit.bytes,
                   static_cast<std::uint64_t>(std::max<std::int64_t>(0, limit.used))});
  return all;
}

std::optional<std::string> Quotas::refusal(std::string_view repository, std::uint64_t bytes) const {
  for (const Limit& limit : limits_) {
    if (!covers(limit.prefix, repository)) continue;
    const auto used = static_cast<std::uint64_t>(std::max<std::int64_t>(0, limit.used));
    if (used <= limit.bytes && bytes <= limit.bytes - used) continue;
    return fmt::format("the quota of '{}' is {} bytes: {} are used, {} more were asked for",
                       limit.prefix.empty() ? "*" : limit.prefix, limit.bytes, used, bytes);
  }
  return std::nullopt;
}

}  // namespace tote::testregistry
