// Connections that are kept alive and used again. For the other curl_*.cc files of this folder
// only.
#pragma once

#include "base/mutex.h"
#include "transport/curl_handles.h"

#include <array>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace tote::transport {

// A transfer handle with the multi handle that drives it and that holds its live connections.
struct Connection {
  // In this order: the easy handle has to go first.
  UniqueMulti multi{curl_multi_init()};
  UniqueEasy easy{curl_easy_init()};
};

// Thread-safe. Connections are used by one transfer at a time, last used first.
class ConnectionPool {
 public:
  // Error{kInternal} when libcurl can not be initialised.
  ConnectionPool();

  // What transfers share: names and TLS sessions.
  CURLSH* share() const { return share_.get(); }

  std::unique_ptr<Connection> take(const std::string& origin);
  void give_back(const std::string& origin, std::unique_ptr<Connection> connection) noexcept;

 private:
  static void on_lock(CURL*, curl_lock_data data, curl_lock_access, void* self);
  static void on_unlock(CURL*, curl_lock_data data, void* self);

  // Taken and given back by libcurl, in different calls.
  std::array<std::mutex, CURL_LOCK_DATA_LAST> share_locks_;
  UniqueShare share_;
  Mutex mutex_;
  struct Idle {
    std::string origin;
    std::unique_ptr<Connection> connection;
  };
  std::deque<Idle> free_ TOTE_GUARDED_BY(mutex_);  // last used at the back; gone before share_
};

}  // namespace tote::transport
