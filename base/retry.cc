#include "base/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace tote {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kProgress = 64U * 1024;
constexpr int kMaxResets = 1000;
constexpr int kMaxLessons = 16;

double random_unit() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace

std::optional<milliseconds> retry_delay(const RetryPolicy& policy, int attempt,
                                        std::optional<milliseconds> retry_after, double jitter) {
  if (attempt >= policy.max_attempts) return std::nullopt;
  if (retry_after && *retry_after > policy.max_retry_after) return std::nullopt;
  constexpr int kMaxDoublings = 16;
  const milliseconds doubled =
      policy.first_delay * (1 << std::clamp(attempt - 1, 0, kMaxDoublings));
  const milliseconds delay =
      std::max(std::min(doubled, policy.max_delay), retry_after.value_or(milliseconds(0)));
  return delay + milliseconds(static_cast<milliseconds::rep>(
                     jitter * static_cast<double>(policy.first_delay.count())));
}

void Retries::wait_or_rethrow(Error& failure, std::stop_token stop) {
  if (failure.retry() == Retry::kNo) throw;
  if (failure.retry() == Retry::kAtOnce && lessons_++ < kMaxLessons) return;
  const std::optional<milliseconds> retry_after = failure.retry_after();
  const auto delay = retry_delay(policy_, ++attempt_, retry_after, random_unit());
  if (!delay) {
    failure.give_up();
    if (retry_after)
      failure.with_hint(
          fmt::format("the registry asks to wait {} s",
                      std::chrono::duration_cast<std::chrono::seconds>(*retry_after).count()));
    throw;
  }
  if (policy_.on_retry && !stop.stop_requested()) policy_.on_retry(*delay, failure);
  clock_.sleep(*delay, std::move(stop));
}

void Retries::advanced_to(std::uint64_t position) noexcept {
  if (attempt_ == 0) {
    counted_ = std::max(counted_, position);
  } else if (position >= counted_ + kProgress && resets_ < kMaxResets) {
    counted_ = position;
    attempt_ = 0;
    ++resets_;
  }
}

}  // namespace tote
