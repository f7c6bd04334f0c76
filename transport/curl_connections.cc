#include "transport/curl_connections.h"

#include "base/error.h"
#include "base/mutex.h"

#include <algorithm>
#include <new>

namespace tote::transport {
namespace {

constexpr std::size_t kMaxIdleConnections = 64;

}  // namespace

ConnectionPool::ConnectionPool() {
  static const CURLcode kInitialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  share_.reset(curl_share_init());
  if (kInitialised != CURLE_OK || !share_)
    throw Error(ErrorKind::kInternal, "libcurl could not be initialised");
  // Sharing live connections between threads does not work well in libcurl; names and TLS sessions
  // do.
  curl_share_setopt(share_.get(), CURLSHOPT_LOCKFUNC, &ConnectionPool::on_lock);
  curl_share_setopt(share_.get(), CURLSHOPT_UNLOCKFUNC, &ConnectionPool::on_unlock);
  curl_share_setopt(share_.get(), CURLSHOPT_USERDATA, this);
  curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

std::unique_ptr<Connection> ConnectionPool::take(const std::string& origin) {
  const Lock lock(mutex_);
  const auto found = std::find_if(free_.rbegin(), free_.rend(),
                                  [&](const Idle& idle) { return idle.origin == origin; });
  if (found == free_.rend()) return std::make_unique<Connection>();
  std::unique_ptr<Connection> connection = std::move(found->connection);
  free_.erase(std::next(found).base());
  return connection;
}

void ConnectionPool::give_back(const std::string& origin,
                               std::unique_ptr<Connection> connection) noexcept {
  try {
    const Lock lock(mutex_);
    free_.push_back({origin, std::move(connection)});
    if (free_.size() > kMaxIdleConnections) free_.pop_front();
  } catch (const std::bad_alloc&) {
    // Then it is closed instead of kept.
  }
}

void ConnectionPool::on_lock(CURL*, curl_lock_data data, curl_lock_access, void* self) {
  static_cast<ConnectionPool*>(self)->share_locks_[data].lock();
}

void ConnectionPool::on_unlock(CURL*, curl_lock_data data, void* self) {
  static_cast<ConnectionPool*>(self)->share_locks_[data].unlock();
}

}  // namespace tote::transport
