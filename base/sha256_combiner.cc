#include "base/sha256_combiner.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace tote {
namespace {

// Between two looks at who waits, in blocks: some 30 us.
constexpr std::size_t kSlice = (16U << 10U) / kSha256Block;

}  // namespace

// A thread's piece of its message; lives on its stack while it is in advance().
struct Sha256Combiner::Job {
  enum class Turn { kWaits, kRuns, kDone };

  Sha256State* state;
  const std::byte* data;
  std::size_t blocks;  // still to be done
  Turn turn = Turn::kWaits;
  Condition changed = {};

  void set(Turn next) {
    turn = next;
    changed.notify_one();
  }
};

// Those that one thread advances together; the first is its own.
class Sha256Combiner::Lanes {
 public:
  Job** begin() { return jobs_.data(); }
  Job** end() { return jobs_.data() + size_; }
  Job* const* begin() const { return jobs_.data(); }
  Job* const* end() const { return jobs_.data() + size_; }
  std::size_t size() const { return size_; }
  void add(Job* job) { jobs_[size_++] = job; }
  void resize(std::size_t size) { size_ = size; }

 private:
  std::array<Job*, kMostSha256Lanes> jobs_{};
  std::size_t size_ = 0;
};

Sha256Combiner::Sha256Combiner(const Sha256Ways& ways)
    : ways_(ways),
      few_(getenv("FEW") ? static_cast<std::size_t>(atoi(getenv("FEW"))) : std::max(ways.kernel.worth, ways.kernel.crowd * ways.cores / 2) - 1),
      most_(ways.kernel.lanes * std::max<std::size_t>(ways.cores, 2)) {
  waiting_.reserve(most_);  // so that nothing fails later
}

std::size_t Sha256Combiner::present() const {
  const Lock lock(mutex_);
  return present_;
}

void Sha256Combiner::advance(Sha256State& state, const std::byte* data, std::size_t blocks) {
  Job job{.state = &state, .data = data, .blocks = blocks};
  Lock lock(mutex_);
  if (present_ == most_) {
    lock.unlock();
    return ways_.alone(state, data, blocks);
  }
  ++present_;
  if (runners_ < wanted_runners()) {
    ++runners_;
    job.turn = Job::Turn::kRuns;
  } else {
    waiting_.push_back(&job);
  }
  for (;;) {
    job.changed.wait(lock, [&] { return job.turn != Job::Turn::kWaits; });
    if (job.turn == Job::Turn::kDone) return;
    run(lock, job);
  }
}

std::size_t Sha256Combiner::wanted_runners() const {
  if (present_ <= few_) return present_;
  return (present_ + ways_.kernel.lanes - 1) / ways_.kernel.lanes;
}

// The analysis does not know that `lock` is of the mutex.
void Sha256Combiner::run(Lock& lock, Job& own) TOTE_NO_THREAD_SAFETY_ANALYSIS {
  Lanes lanes;
  lanes.add(&own);
  while (own.blocks != 0 && runners_ <= wanted_runners()) {
    fill(lanes);
    lock.unlock();
    advance_all(lanes);
    lock.lock();
    dismiss_done(lanes);
  }
  stop_running(lanes);
}

// There is a lane for everybody: no fewer threads run than that takes.
void Sha256Combiner::fill(Lanes& lanes) {
  const std::size_t more = std::min(waiting_.size(), ways_.kernel.lanes - lanes.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(more);
  for (auto job = waiting_.begin(); job != end; ++job) lanes.add(*job);
  waiting_.erase(waiting_.begin(), end);
}

void Sha256Combiner::advance_all(const Lanes& lanes) const {
  std::size_t blocks = kSlice;
  for (const Job* job : lanes) blocks = std::min(blocks, job->blocks);
  if (lanes.size() >= ways_.kernel.worth) {
    std::array<Sha256Lane, kMostSha256Lanes> all;
    std::transform(lanes.begin(), lanes.end(), all.begin(),
                   [](const Job* job) { return Sha256Lane{job->state, job->data}; });
    ways_.kernel.run(std::span(all).first(lanes.size()), blocks);
  } else {
    for (const Job* job : lanes) ways_.alone(*job->state, job->data, blocks);
  }
  for (Job* job : lanes) {
    job->data += blocks * kSha256Block;
    job->blocks -= blocks;
  }
}

void Sha256Combiner::dismiss_done(Lanes& lanes) {
  std::size_t kept = 0;
  for (Job* job : lanes) {
    if (job->blocks != 0) {
      lanes.begin()[kept++] = job;
      continue;
    }
    --present_;
    job->set(Job::Turn::kDone);
  }
  lanes.resize(kept);
}

// What is not done goes to whoever else runs, or to one of those that wait.
void Sha256Combiner::stop_running(Lanes& lanes) {
  --runners_;
  for (Job* job : lanes) job->turn = Job::Turn::kWaits;
  waiting_.insert(waiting_.begin(), lanes.begin(), lanes.end());
  while (!waiting_.empty() &&
         runners_ < (present_ + ways_.kernel.lanes - 1) / ways_.kernel.lanes) {
    Job* next = waiting_.front();
    waiting_.erase(waiting_.begin());
    ++runners_;
    next->set(Job::Turn::kRuns);
  }
}

}  // namespace tote
