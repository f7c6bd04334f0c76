// What connections share: who answers them, who does their work, and how they are told to end.
// Internal to server.cc, like session.h.
#pragma once

#include "base/mutex.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/server_options.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace tote::testregistry {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
// The concrete executor: type erasure costs a third of the request rate.
using Socket = net::basic_stream_socket<net::ip::tcp, net::io_context::executor_type>;
using TlsStream = net::ssl::stream<Socket>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>,
                                        net::io_context::executor_type>;

// Threads for what may block, made when the first of them is needed. Those who post to it outlive
// nothing that it uses: join() is called when no session is left.
class Workers {
 public:
  // `limit`: how much may wait for a thread.
  Workers(unsigned threads, std::size_t limit) : threads_(threads), limit_(limit) {}

  // False, and `work` is not run: too much waits already.
  template <class Work>
  bool try_run(Work work) {
    if (++waiting_ > limit_) {
      --waiting_;
      return false;
    }
    std::call_once(is_made_, [this] { pool_.emplace(threads_); });
    net::post(*pool_, [this, work = std::move(work)]() mutable {
      --waiting_;
      work();
    });
    return true;
  }

  void join() {
    if (pool_) pool_->join();
  }

 private:
  const unsigned threads_;
  std::once_flag is_made_;
  std::optional<net::thread_pool> pool_;
  const std::size_t limit_;
  std::atomic<std::size_t> waiting_ = 0;
};

// What every I/O thread can do with a session.
class SessionBase {
 public:
  virtual ~SessionBase() = default;
  virtual void close() = 0;
  // No further request: ends now if there is none in flight, else after its answer.
  virtual void drain() = 0;
  // Called once per tick of the I/O thread's one timer.
  void tick() {
    if (!working_ && ++idle_ticks_ > allowed_ticks_) close();
  }

  void touch() { idle_ticks_ = 0; }
  void allow_ticks(unsigned ticks) {
    allowed_ticks_ = ticks;
    touch();
  }
  // While a worker has the request, it is not the client who is slow.
  void set_working(bool working) { working_ = working; }

 private:
  unsigned idle_ticks_ = 0;
  unsigned allowed_ticks_ = 0;
  bool working_ = false;
};

// How many connections there are. Thread-safe.
class ConnectionCount {
 public:
  std::size_t value() const noexcept { return count_; }
  void add() { ++count_; }
  void remove() {
    if (--count_ > 0) return;
    const Lock lock(mutex_);  // who waits has not looked yet, or hears of it
    none_left_.notify_all();
  }
  // Returns when there is none, or after `limit`.
  void wait_for_none(std::chrono::milliseconds limit) {
    Lock lock(mutex_);
    none_left_.wait_for(lock, limit, [this] { return count_ == 0; });
  }

 private:
  std::atomic<std::size_t> count_ = 0;
  Mutex mutex_;
  Condition none_left_;
};

// One connection, counted from when it is accepted until this is gone.
class CountedConnection {
 public:
  explicit CountedConnection(ConnectionCount& count) : count_(&count) { count_->add(); }
  CountedConnection(CountedConnection&& other) noexcept
      : count_(std::exchange(other.count_, nullptr)) {}
  CountedConnection& operator=(CountedConnection&&) = delete;
  ~CountedConnection() {
    if (count_ != nullptr) count_->remove();
  }

 private:
  ConnectionCount* count_;
};

// What all sessions of a server share. Thread-safe.
struct ServerContext {
  Handler& handler;
  const ServerOptions& options;
  Workers storage_workers;
  Workers password_workers;
  Workers source_workers;
  ConnectionCount connections = {};
  Mutex tls_mutex;
  std::shared_ptr<net::ssl::context> tls TOTE_GUARDED_BY(tls_mutex);  // null: without TLS

  bool has_tls() const { return options.tls.has_value(); }
  std::shared_ptr<net::ssl::context> current_tls() {
    const Lock lock(tls_mutex);
    return tls;
  }
  Workers& workers(Lane lane) {
    if (lane == Lane::kPasswords) return password_workers;
    return lane == Lane::kSources ? source_workers : storage_workers;
  }
};

// What all sessions of one I/O thread share; used on that thread only.
struct SessionContext {
  ServerContext& server;
  std::function<void()> on_last_gone;  // when `live` has become empty
  std::set<SessionBase*> live = {};
  std::size_t large_bodies = 0;  // sessions that have large buffers
};

}  // namespace tote::testregistry
