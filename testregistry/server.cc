#include "testregistry/server.h"

#include "testregistry/session.h"
#include "testregistry/tls_context.h"

#include <fmt/format.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <vector>

namespace tote::testregistry {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, net::io_context::executor_type>;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kDrainPoll{5};

// An I/O thread with its connections. One coarse timer looks for idle ones.
class IoThread {
 public:
  explicit IoThread(SessionContext context) : context_(std::move(context)) {
    tick();
    thread_ = std::thread([this] { io_.run(); });
  }

  net::io_context& io() { return io_; }
  SessionContext& context() { return context_; }

  void drain() {
    net::post(io_, [this] {
      for (SessionBase* session : context_.live) session->drain();
    });
  }

  // Closes the connections; sessions go as their last operation completes.
  void close_all() {
    net::post(io_, [this] {
      timer_.cancel();
      for (SessionBase* session : context_.live) session->close();
    });
  }

  void stop() {
    io_.stop();
    thread_.join();
  }

 private:
  void tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](error_code cancelled) {
      if (cancelled) return;
      for (SessionBase* session : context_.live) session->tick();
      tick();
    });
  }

  SessionContext context_;
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> keep_running_{io_.get_executor()};
  Timer timer_{io_.get_executor()};
  std::thread thread_;
};

}  // namespace

class Server::Impl {
 public:
  Impl(Handler& handler, ServerOptions options)
      : options_(std::move(options)),
        tls_(options_.tls ? make_tls_context(*options_.tls) : nullptr),
        workers_(options_.worker_threads) {
    std::signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < options_.io_threads; ++i)
      threads_.push_back(
          std::make_unique<IoThread>(SessionContext{handler, workers_, options_, connections_}));
    acceptor_.emplace(threads_[0]->io().get_executor());
    accept_timer_.emplace(threads_[0]->io().get_executor());
    try {
      listen();
    } catch (...) {
      shut_down();
      throw;
    }
    net::post(threads_[0]->io(), [this] { accept(); });
  }

  ~Impl() { shut_down(); }

  net::ip::tcp::endpoint endpoint() const { return endpoint_; }
  bool has_tls() const { return options_.tls.has_value(); }
  std::size_t connections() const { return connections_; }

  void reload_tls(const ServerTls& tls) {
    auto fresh = make_tls_context(tls);
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(fresh);
  }

  void drain(std::chrono::milliseconds grace) {
    stop_accepting();
    for (const auto& thread : threads_) thread->drain();
    const auto end = std::chrono::steady_clock::now() + grace;
    while (connections_ > 0 && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(kDrainPoll);
  }

 private:
  void listen() {
    error_code failed;
    const auto found = net::ip::tcp::resolver(threads_[0]->io())
                           .resolve(options_.host, std::to_string(options_.port), failed);
    if (!failed) {
      const net::ip::tcp::endpoint wanted = *found.begin();
      acceptor_->open(wanted.protocol());
      acceptor_->set_option(Acceptor::reuse_address(true));
      acceptor_->bind(wanted, failed);
    }
    if (!failed) acceptor_->listen(Acceptor::max_listen_connections, failed);
    if (failed)
      throw Error(ErrorKind::kIo, fmt::format("listen on {}:{}: {}", options_.host, options_.port,
                                              failed.message()));
    endpoint_ = acceptor_->local_endpoint();
  }

  // Deals accepted connections out over the I/O threads.
  void accept() {
    IoThread& thread = *threads_[next_++ % threads_.size()];
    acceptor_->async_accept(
        thread.io().get_executor(), [this, &thread](error_code failed, Socket socket) {
          if (failed == net::error::operation_aborted || !acceptor_->is_open()) return;
          if (failed) return accept_later(failed);
          error_code ignored;
          socket.set_option(net::ip::tcp::no_delay(true), ignored);
          if (connections_ >= options_.max_connections)
            refuse(std::move(socket));
          else
            net::post(thread.io(), [this, &thread, socket = std::move(socket)]() mutable {
              start(thread, std::move(socket));
            });
          accept();
        });
  }

  // A new connection's send buffer is empty: this does not wait. With TLS there is nothing to say
  // before the handshake.
  void refuse(Socket socket) const {
    if (tls_) return;
    Response response =
        error_response(503, "TOOMANYREQUESTS", "The registry has too many connections");
    response.headers.emplace_back("Retry-After", "1");
    const std::string text =
        response_head(response, KeepAlive::kNo) + std::get<std::string>(response.body);
    error_code ignored;
    socket.send(net::buffer(text), 0, ignored);
    socket.shutdown(Socket::shutdown_both, ignored);
  }

  // Out of descriptors, say: trying again at once would spin.
  void accept_later(error_code failed) {
    if (options_.log) options_.log("accept: " + failed.message());
    accept_timer_->expires_after(kAcceptPause);
    accept_timer_->async_wait([this](error_code cancelled) {
      if (!cancelled) accept();
    });
  }

  void start(IoThread& thread, Socket socket) {
    if (!has_tls())
      return std::make_shared<Session<Socket>>(std::move(socket), thread.context())->start();
    std::shared_ptr<net::ssl::context> tls;
    {
      const std::lock_guard lock(tls_mutex_);
      tls = tls_;
    }
    // OpenSSL counts for itself who uses a context.
    std::make_shared<Session<TlsStream>>(TlsStream(std::move(socket), *tls), thread.context())
        ->start();
  }

  void stop_accepting() {
    if (!acceptor_) return;
    net::post(threads_[0]->io(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      accept_timer_->cancel();
    });
  }

  void shut_down() {
    stop_accepting();
    for (const auto& thread : threads_) thread->close_all();
    workers_.join();  // what is being written is finished; its answer goes nowhere
    for (const auto& thread : threads_) thread->stop();
  }

  ServerOptions options_;
  std::mutex tls_mutex_;
  std::shared_ptr<net::ssl::context> tls_;  // guarded by tls_mutex_
  std::atomic<std::size_t> connections_ = 0;
  net::thread_pool workers_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> accept_timer_;
  net::ip::tcp::endpoint endpoint_;
  std::size_t next_ = 0;  // used on the first I/O thread
};

Server::Server(Handler& handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(handler, std::move(options))) {}
Server::~Server() = default;

std::uint16_t Server::port() const noexcept {
  return impl_->endpoint().port();
}

std::string Server::address() const {
  const net::ip::address address = impl_->endpoint().address();
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(),
                     port());
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
