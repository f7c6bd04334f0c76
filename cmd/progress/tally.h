// What has been done and what is left, added up from events.
#pragma once

#include "bundle/event.h"
#include "cmd/progress/smoothed_rate.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tote::cmd {

struct BlobCount {
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;

  void add(std::uint64_t size) {
    ++blobs;
    bytes += size;
  }
};

// A blob that is on its way.
struct ActiveBlob {
  oci::Digest digest;
  std::uint64_t position;
  std::uint64_t size;
};

// Not thread-safe.
class Tally {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Tally(Time begun) : begun_(begun) { rate_.add(begun, 0); }

  void add(const bundle::Event& event, Time now);

  // What is being done at the moment, "moving blobs"; empty: nothing that has a name.
  const std::string& phase() const { return phase_; }
  std::uint64_t images() const { return images_; }
  // Of what has to be sent: all of it, and what the far side has of it. done <= total.
  BlobCount to_send() const { return to_send_; }
  BlobCount sent() const;
  // In the order in which they have begun.
  std::vector<ActiveBlob> active() const;
  BlobCount mounted() const { return mounted_; }
  BlobCount there() const { return there_; }
  bool is_on_its_way(const copy::BlobWork& blob) const { return active_.contains(&blob); }
  // Bytes that were moved by this run, those of retries too.
  std::uint64_t moved() const { return moved_; }
  // Things that are looked at, if the command does that: "images", done, total.
  struct Count {
    std::string what;
    std::size_t done;
    std::size_t total;
  };
  const std::optional<Count>& count() const { return count_; }

  double bytes_per_second(Time now) const { return rate_.bytes_per_second(now); }
  // nullopt: nobody knows.
  std::optional<std::chrono::seconds> time_left(Time now) const;
  std::chrono::duration<double> elapsed(Time now) const { return now - begun_; }

 private:
  struct Active {
    std::uint64_t number;  // the how-manyeth that began
    ActiveBlob blob;
  };

  void count(const copy::WorkFound& event);
  void count(const copy::BlobBegun& event, Time now);
  void count(const copy::BlobAdvanced& event, Time now);
  void count(const copy::BlobFinished& event, Time now);
  void move_to(Active& active, std::uint64_t position, Time now);

  const Time begun_;
  SmoothedRate rate_;
  std::string phase_;
  std::uint64_t images_ = 0;
  BlobCount to_send_;
  BlobCount finished_;  // of those that were sent
  BlobCount mounted_;
  BlobCount there_;
  std::uint64_t moved_ = 0;
  std::uint64_t positions_ = 0;  // of all active blobs together
  std::uint64_t begun_blobs_ = 0;
  std::map<const copy::BlobWork*, Active> active_;
  std::optional<Count> count_;
};

}  // namespace tote::cmd
