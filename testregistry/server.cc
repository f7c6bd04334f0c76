#include "testregistry/server.h"

#include "testregistry/session.h"

#include <csignal>
#include <thread>
#include <vector>

namespace tote::testregistry {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, net::io_context::executor_type>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>,
                                        net::io_context::executor_type>;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kAcceptPause{100};

// An I/O thread with its connections. One coarse timer looks for idle ones.
class IoThread {
 public:
  IoThread(SessionContext context, unsigned idle_ticks)
      : context_(std::move(context)), idle_ticks_(idle_ticks) {
    tick();
    thread_ = std::thread([this] { io_.run(); });
  }

  net::io_context& io() { return io_; }
  SessionContext& context() { return context_; }

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
      for (SessionBase* session : context_.live)
        if (session->is_idle(idle_ticks_)) session->close();
      tick();
    });
  }

  SessionContext context_;
  unsigned idle_ticks_;
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> keep_running_{io_.get_executor()};
  Timer timer_{io_.get_executor()};
  std::thread thread_;
};

std::optional<net::ssl::context> make_tls(const std::optional<ServerTls>& files) {
  if (!files) return std::nullopt;
  net::ssl::context tls(net::ssl::context::tls_server);
  error_code failed;
  tls.set_options(net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1);
  tls.use_certificate_chain(net::buffer(files->certificate_pem), failed);
  if (failed) throw Error(ErrorKind::kParse, "TLS certificate: " + failed.message());
  tls.use_private_key(net::buffer(files->key_pem), net::ssl::context::pem, failed);
  if (failed) throw Error(ErrorKind::kParse, "TLS key: " + failed.message());
  return tls;
}

}  // namespace

class Server::Impl {
 public:
  Impl(Handler& handler, ServerOptions options)
      : options_(std::move(options)),
        tls_(make_tls(options_.tls)),
        workers_(options_.worker_threads) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto ticks = static_cast<unsigned>(options_.idle_timeout / kTick);
    for (unsigned i = 0; i < options_.io_threads; ++i)
      threads_.push_back(
          std::make_unique<IoThread>(SessionContext{handler, workers_, options_.log}, ticks));
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
  bool has_tls() const { return tls_.has_value(); }

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
          net::post(thread.io(), [this, &thread, socket = std::move(socket)]() mutable {
            start(thread, std::move(socket));
          });
          accept();
        });
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
    if (tls_)
      std::make_shared<Session<TlsStream>>(TlsStream(std::move(socket), *tls_), thread.context())
          ->start();
    else
      std::make_shared<Session<Socket>>(std::move(socket), thread.context())->start();
  }

  void shut_down() {
    if (acceptor_)
      net::post(threads_[0]->io(), [this] {
        error_code ignored;
        acceptor_->close(ignored);
        accept_timer_->cancel();
      });
    for (const auto& thread : threads_) thread->close_all();
    workers_.join();  // what is being written is finished; its answer goes nowhere
    for (const auto& thread : threads_) thread->stop();
  }

  ServerOptions options_;
  std::optional<net::ssl::context> tls_;
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

}  // namespace tote::testregistry
