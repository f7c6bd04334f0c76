#include "copy/failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace tote::copy {
namespace {

constexpr std::size_t kShown = 20;

}  // namespace

void Failures::add(const oci::Digest& what, const Error& why) {
  const Lock lock(mutex_);
  failed_.insert(what);
  errors_.push_back(why);
}

void Failures::add(const Error& why) {
  const Lock lock(mutex_);
  errors_.push_back(why);
}

void Failures::add_incomplete(const oci::Digest& what) {
  const Lock lock(mutex_);
  incomplete_.insert(what);
}

bool Failures::is_incomplete(const oci::Digest& what) const {
  const Lock lock(mutex_);
  return failed_.contains(what) || incomplete_.contains(what);
}

bool Failures::has_failed(const oci::Digest& what) const {
  const Lock lock(mutex_);
  return failed_.contains(what);
}

std::set<oci::Digest> Failures::incomplete() const {
  const Lock lock(mutex_);
  std::set<oci::Digest> all = failed_;
  all.insert(incomplete_.begin(), incomplete_.end());
  return all;
}

void Failures::rethrow() const {
  const Lock lock(mutex_);
  if (errors_.empty()) return;
  std::set<std::string> messages;  // sorted, since they came at any time
  for (const Error& error : errors_) messages.insert(error.message());
  std::string list;
  std::size_t shown = 0;
  for (const std::string& message : messages)
    if (++shown <= kShown) list += (list.empty() ? "" : "; ") + message;
  if (messages.size() > kShown) list += fmt::format("; and {} more", messages.size() - kShown);
  throw Error(errors_.front().kind(),
              fmt::format("All has been copied but for {} {}: {}", messages.size(),
                          messages.size() == 1 ? "failure" : "failures", list))
      .with_hint(errors_.front().hint());
}

}  // namespace tote::copy
