// What connections share: who answers them, who does their work, and how they are told to end.
// Internal to server.cc, like session.h.
#pragma once

#include "testregistry/http/handler.h"
#include "testregistry/http/server_options.h"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

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

// Threads for what may block. Those who post to it outlive nothing that it uses: join() is called
// when no session is left.
class Workers {
 public:
  // `limit`: how much may wait for a thread.
  Workers(unsigned threads, std::size_t limit) : pool_(threads), limit_(limit) {}

  // False, and `work` is not run: too much waits already.
  template <class Work>
  bool try_run(Work work) {
    if (++waiting_ > limit_) {
      --waiting_;
      return false;
    }
    net::post(pool_, [this, work = std::move(work)]() mutable {
      --waiting_;
      work();
    });
    return true;
  }

  void join() { pool_.join(); }

 private:
  net::thread_pool pool_;
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

 protected:
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

// One connection, counted from when it is accepted until this is gone.
class CountedConnection {
 public:
  explicit CountedConnection(std::atomic<std::size_t>& count) : count_(&count) { ++*count_; }
  CountedConnection(CountedConnection&& other) noexcept
      : count_(std::exchange(other.count_, nullptr)) {}
  CountedConnection& operator=(CountedConnection&&) = delete;
  ~CountedConnection() {
    if (count_ != nullptr) --*count_;
  }

 private:
  std::atomic<std::size_t>* count_;
};

// What all sessions of a server share. Thread-safe.
struct ServerContext {
  Handler& handler;
  const ServerOptions& options;
  Workers storage_workers;
  Workers password_workers;
  std::atomic<std::size_t> connections = 0;
  std::mutex tls_mutex;
  std::shared_ptr<net::ssl::context> tls;  // guarded by tls_mutex; null: without TLS

  bool has_tls() const { return options.tls.has_value(); }
  std::shared_ptr<net::ssl::context> current_tls() {
    const std::lock_guard lock(tls_mutex);
    return tls;
  }
  Workers& workers(Lane lane) {
    return lane == Lane::kPasswords ? password_workers : storage_workers;
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
