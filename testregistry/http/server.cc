#include "testregistry/http/server.h"

#include "base/mutex.h"
#include "testregistry/http/listener.h"
#include "testregistry/http/response_text.h"
#include "testregistry/http/server_answers.h"
#include "testregistry/http/session.h"
#include "testregistry/http/tls_context.h"

#include <fmt/format.h>

#include <csignal>
#include <thread>
#include <vector>

namespace tote::testregistry {
namespace {

constexpr std::chrono::seconds kTick{1};

// A new connection's send buffer is empty: this does not wait. With TLS there is nothing to say
// before the handshake.
void refuse(Socket socket, bool has_tls) {
  if (has_tls) return;
  const Response response = too_many_connections();
  const std::string text =
      response_head(response, KeepAlive::kNo) + std::get<std::string>(response.body);
  error_code ignored;
  socket.send(net::buffer(text), 0, ignored);
  socket.shutdown(Socket::shutdown_both, ignored);
}

// sendfile() has no other way to say nothing but EPIPE when a client has gone.
void block_sigpipe() {
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

// An I/O thread with its connections. One coarse timer looks for idle ones.
class IoThread final : public ConnectionTaker {
 public:
  explicit IoThread(ServerContext& server) : context_{server, [this] { end_if_done(); }} {
    tick();
    thread_ = std::thread([this] {
      block_sigpipe();
      io_.run();
    });
  }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  // Closes the connections, and waits until each has seen the end of what it had begun: what a
  // worker does for one of them comes back to a thread that is still there.
  ~IoThread() override {
    net::post(io_, [this] {
      is_closing_ = true;
      timer_.cancel();
      for (SessionBase* session : context_.live) session->close();
      end_if_done();
    });
    thread_.join();
  }

  net::io_context& io() override { return io_; }

  void take(Socket socket) override {
    ServerContext& server = context_.server;
    CountedConnection counted(server.connections);
    if (server.connections.value() > server.options.max_connections)
      return refuse(std::move(socket), server.has_tls());
    net::post(io_, [this, tls = server.current_tls(), socket = std::move(socket),
                    counted = std::move(counted)]() mutable {
      if (is_closing_ || is_draining_) return;
      if (!tls) return start<Socket>(std::move(socket), std::move(counted));
      // OpenSSL counts for itself who uses a context.
      start<TlsStream>(TlsStream(std::move(socket), *tls), std::move(counted));
    });
  }

  void drain() {
    net::post(io_, [this] {
      is_draining_ = true;
      for (SessionBase* session : context_.live) session->drain();
    });
  }

 private:
  template <class Stream>
  void start(Stream stream, CountedConnection counted) {
    std::make_shared<Session<Stream>>(std::move(stream), std::move(counted), context_)->start();
  }

  void tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](error_code cancelled) {
      if (cancelled || is_closing_) return;
      for (SessionBase* session : context_.live) session->tick();
      tick();
    });
  }

  void end_if_done() {
    if (is_closing_ && context_.live.empty()) keep_running_.reset();
  }

  SessionContext context_;
  bool is_closing_ = false;  // these two: used on the thread itself
  bool is_draining_ = false;
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> keep_running_{io_.get_executor()};
  Timer timer_{io_.get_executor()};
  std::thread thread_;
};

std::string text_of(const Endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

}  // namespace

class Server::Impl {
 public:
  Impl(Handler& handler, ServerOptions options)
      : options_(std::move(options)),
        context_{handler,
                 options_,
                 Workers(options_.worker_threads, SIZE_MAX),
                 Workers(options_.password_threads, options_.max_waiting_passwords),
                 Workers(options_.source_threads, SIZE_MAX),
                 {},
                 {},
                 options_.tls ? make_tls(*options_.tls) : nullptr},
        listener_(options_.listen, options_.log) {
    for (unsigned i = 0; i < options_.io_threads; ++i)
      threads_.push_back(std::make_unique<IoThread>(context_));
    listener_.start([this]() -> ConnectionTaker& { return *threads_[next_++ % threads_.size()]; });
  }

  // In this order: nobody comes in, those who are there go, and then nobody needs the workers.
  ~Impl() {
    listener_.stop();
    threads_.clear();
    context_.storage_workers.join();
    context_.password_workers.join();
    context_.source_workers.join();
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> texts;
    for (const Endpoint& endpoint : listener_.endpoints()) texts.push_back(text_of(endpoint));
    return texts;
  }
  bool has_tls() const { return context_.has_tls(); }
  std::size_t connections() const { return context_.connections.value(); }

  void reload_tls(const ServerTls& tls) {
    auto fresh = make_tls(tls);
    const Lock lock(context_.tls_mutex);
    context_.tls = std::move(fresh);
  }

  void drain(std::chrono::milliseconds grace) {
    listener_.stop();
    for (const auto& thread : threads_) thread->drain();
    context_.connections.wait_for_none(grace);
  }

 private:
  std::shared_ptr<net::ssl::context> make_tls(const ServerTls& tls) const {
    auto made = make_tls_context(tls);
    if (const std::string complaint = complaint_about(*made, tls);
        !complaint.empty() && options_.log)
      options_.log(complaint);
    return made;
  }

  ServerOptions options_;
  ServerContext context_;
  Listener listener_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::size_t next_ = 0;  // used on the listener's thread
};

Server::Server(Handler& handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(handler, std::move(options))) {}
Server::~Server() = default;

std::vector<std::string> Server::addresses() const {
  return impl_->addresses();
}

std::string Server::url() const {
  return (impl_->has_tls() ? "https://" : "http://") + address();
}

std::size_t Server::connections() const noexcept {
  return impl_->connections();
}

void Server::reload_tls(const ServerTls& tls) {
  impl_->reload_tls(tls);
}

void Server::drain(std::chrono::milliseconds grace) {
  impl_->drain(grace);
}

}  // namespace tote::testregistry
