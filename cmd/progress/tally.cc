#include "cmd/progress/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace tote::cmd {

void Tally::add(const bundle::Event& event, Time now) {
  std::visit(
      [&](const auto& what) {
        using What = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<What, copy::WorkFound>)
          count(what);
        else if constexpr (std::is_same_v<What, copy::BlobBegun> ||
                           std::is_same_v<What, copy::BlobAdvanced> ||
                           std::is_same_v<What, copy::BlobFinished>)
          count(what, now);
        else if constexpr (std::is_same_v<What, bundle::ImagesSelected>)
          phase_ = fmt::format("looking at {} images", images_ = what.images);
        else if constexpr (std::is_same_v<What, bundle::TaggingBegun>)
          phase_ = "setting tags";
        else if constexpr (std::is_same_v<What, bundle::FileTaken>)
          phase_ = "packing files";
        else if constexpr (std::is_same_v<What, bundle::Counted>)
          count_ = {std::string(what.what), what.done, what.total};
      },
      event);
}

void Tally::count(const copy::WorkFound& event) {
  phase_ = "moving blobs";
  for (const copy::BlobWork& blob : event.work.blobs) {
    if (blob.state == copy::BlobState::kSend) to_send_.add(blob.blob.size);
    if (blob.state == copy::BlobState::kThere && blob.kind == copy::BlobKind::kLayer)
      there_.add(blob.blob.size);
  }
}

void Tally::count(const copy::BlobBegun& event, Time now) {
  const oci::Descriptor& blob = event.blob.blob;
  auto [found, is_new] =
      active_.try_emplace(&event.blob, Active{begun_blobs_, {blob.digest, 0, blob.size}});
  Active& active = found->second;
  if (is_new) {
    ++begun_blobs_;
    // A registry that was to mount it did not.
    if (event.blob.state == copy::BlobState::kMount) to_send_.add(blob.size);
  }
  positions_ += event.offset - active.blob.position;
  active.blob.position = event.offset;
  rate_.add(now, moved_);
}

void Tally::count(const copy::BlobAdvanced& event, Time now) {
  const auto found = active_.find(&event.blob);
  if (found == active_.end()) return;
  move_to(found->second, event.position, now);
}

void Tally::move_to(Active& active, std::uint64_t position, Time now) {
  // Whoever sends more than was announced is found out elsewhere.
  position = std::min(position, active.blob.size);
  if (position > active.blob.position) moved_ += position - active.blob.position;
  positions_ += position - active.blob.position;
  active.blob.position = position;
  rate_.add(now, moved_);
}

void Tally::count(const copy::BlobFinished& event, Time now) {
  const std::uint64_t size = event.blob.blob.size;
  if (event.outcome == copy::BlobOutcome::kMounted) return mounted_.add(size);
  const auto found = active_.find(&event.blob);
  if (event.outcome == copy::BlobOutcome::kAlreadyThere || found == active_.end()) {
    // The survey has counted those that it knew of.
    if (event.blob.state == copy::BlobState::kMount) there_.add(size);
    return;
  }
  move_to(found->second, size, now);
  positions_ -= size;
  active_.erase(found);
  finished_.add(size);
}

BlobCount Tally::sent() const {
  return {finished_.blobs, finished_.bytes + positions_};
}

std::vector<ActiveBlob> Tally::active() const {
  std::vector<const Active*> all;
  for (const auto& [work, active] : active_) all.push_back(&active);
  std::sort(all.begin(), all.end(),
            [](const Active* a, const Active* b) { return a->number < b->number; });
  std::vector<ActiveBlob> blobs;
  for (const Active* active : all) blobs.push_back(active->blob);
  return blobs;
}

std::optional<std::chrono::seconds> Tally::time_left(Time now) const {
  const double rate = bytes_per_second(now);
  if (rate < 1) return std::nullopt;
  const auto left = static_cast<double>(to_send_.bytes - sent().bytes) / rate;
  constexpr double kMost = 365.0 * 24 * 3600;
  if (left > kMost) return std::nullopt;
  return std::chrono::seconds(std::llround(left));
}

}  // namespace tote::cmd
