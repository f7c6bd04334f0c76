#include "bundle/transfer_to_each.h"

#include "base/mutex.h"
#include "bundle/shared_reads.h"

#include <exception>
#include <thread>

namespace tote::bundle {
namespace {

// Each waits for what its copy does, so each has a thread of its own beside the pool. Every failure
// stays with its copy; what lacks a part in one repository need not in another.
void carry(const TransferSource& source, const TransferOptions& options, registry::Client& client,
           const Session& session, Arrival& arrival) {
  copy::Failures failures;
  Session own = session;
  if (own.failures != nullptr) own.failures = &failures;
  try {
    arrival.result = transfer(source, arrival.target, options, client, own);
  } catch (const Error& error) {
    arrival.failure = error;
  } catch (const Cancelled&) {
    // It shows in the stop token.
  } catch (const std::exception& failure) {
    arrival.failure = Error(ErrorKind::kInternal, failure.what());
  }
}

}  // namespace

std::vector<Arrival> transfer_to_each(const TransferSource& source,
                                      const std::vector<RepositoryTarget>& targets,
                                      const TransferOptions& options, registry::Client& client,
                                      const Session& session) {
  Mutex mutex;
  TransferOptions of_each = options;
  of_each.observer = [&](const Event& event) {
    const Lock lock(mutex);
    tell(options.observer, event);
  };
  SharedReads reads(
      [&client](const oci::Repository& name) -> oci::ImageReader& { return client.source(name); },
      session.reading.temporary, session.stop);
  Session shared = session;
  shared.reads = &reads;
  std::vector<Arrival> arrivals;
  for (const RepositoryTarget& target : targets) arrivals.push_back({target});
  {
    std::vector<std::jthread> threads;
    for (Arrival& arrival : arrivals)
      threads.emplace_back([&] { carry(source, of_each, client, shared, arrival); });
  }
  if (session.stop.stop_requested()) throw Cancelled();
  return arrivals;
}

}  // namespace tote::bundle
