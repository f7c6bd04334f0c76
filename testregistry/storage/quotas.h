// How many bytes the repositories under a prefix may hold together.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tote::testregistry {

class Storage;

// Thread-safe once every limit is set.
class Quotas {
 public:
  // "team" holds for repository "team" and all "team/...". "" holds for all.
  void set_limit(std::string prefix, std::uint64_t bytes);
  // Counts what is there (slow) and from then on follows every change.
  void watch(Storage& storage);

  struct Use {
    std::string prefix;  // "" is everything
    std::uint64_t limit;
    std::uint64_t used;
  };
  std::vector<Use> uses() const;

  // Why `bytes` more do not fit into the repository; nullopt: they do. A blob that is there already
  // counts once in every repository that has it. Requests that run at the same time may together
  // go over a limit by what they bring; the next is refused.
  std::optional<std::string> refusal(std::string_view repository, std::uint64_t bytes) const;

 private:
  struct Limit {
    std::string prefix;
    std::uint64_t bytes;
    std::atomic<std::int64_t> used = 0;
  };
  void grow(std::string_view repository, std::int64_t bytes);

  std::deque<Limit> limits_;
};

}  // namespace tote::testregistry
