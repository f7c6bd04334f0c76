// The sockets that a server listens on. Internal to server.cc, like session.h.
#pragma once

#include "base/error.h"
#include "base/host_addresses.h"
#include "testregistry/http/server_options.h"
#include "testregistry/http/session.h"

#include <fmt/format.h>

#include <functional>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tote::testregistry {

using Endpoint = net::ip::tcp::endpoint;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, net::io_context::executor_type>;

// Who takes a connection over.
class ConnectionTaker {
 public:
  virtual ~ConnectionTaker() = default;
  virtual net::io_context& io() = 0;     // that the connection's socket is to belong to
  virtual void take(Socket socket) = 0;  // on the listener's thread
};

// Accepts connections on a thread of its own, so that nobody comes in any more once that has ended.
class Listener {
 public:
  // Bound and listening when the constructor returns. Throws Error{kIo}.
  Listener(const std::vector<ListenAddress>& addresses, std::function<void(std::string_view)> log)
      : log_(std::move(log)) {
    for (const ListenAddress& address : addresses) add(address);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  // `next` says who takes the next connection, on the listener's thread. Called once.
  void start(std::function<ConnectionTaker&()> next) {
    next_ = std::move(next);
    for (One& one : sockets_) accept(one);
    thread_ = std::thread([this] { io_.run(); });
  }

  // From then on nobody takes anything. Called by one thread, any number of times.
  void stop() {
    if (!thread_.joinable()) return;
    net::post(io_, [this] {
      is_stopping_ = true;
      sockets_.clear();
    });
    thread_.join();
  }

  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

 private:
  static constexpr std::chrono::milliseconds kPause{100};
  static constexpr int kAttempts = 16;

  struct One {
    explicit One(net::io_context& io) : acceptor(io.get_executor()), pause(io.get_executor()) {}
    Acceptor acceptor;
    Timer pause;
  };

  void add(const ListenAddress& address) {
    const std::vector<Endpoint> wanted = resolve(address);
    for (int attempt = 1;; ++attempt) {
      const error_code failed = try_add(wanted);
      if (!failed) return;
      // The port that the first address was given may be another's at the second.
      const bool is_worth_another = address.port == 0 && wanted.size() > 1 &&
                                    failed == net::error::address_in_use && attempt < kAttempts;
      if (!is_worth_another) throw failure(address, failed);
    }
  }

  static Error failure(const ListenAddress& address, error_code failed) {
    return {ErrorKind::kIo,
            fmt::format("listen on {}:{}: {}", address.host, address.port, failed.message())};
  }

  std::vector<Endpoint> resolve(const ListenAddress& address) {
    if (address.host.empty())
      return {{net::ip::address_v4::any(), address.port},
              {net::ip::address_v6::any(), address.port}};
    error_code is_name;
    const auto number = net::ip::make_address(address.host, is_name);
    if (!is_name) return {{number, address.port}};
    std::vector<Endpoint> found;
    const auto addresses =
        while_doing([&] { return fmt::format("listen on {}:{}", address.host, address.port); },
                    [&] { return addresses_of_host(address.host); });
    // 127.0.0.1 before ::1: whoever reads only the first address of "localhost" reaches it.
    for (const std::string& text : addresses)
      found.emplace_back(net::ip::make_address(text), address.port);
    return found;
  }

  // All of them, or none. An address that this machine does not have (IPv6 is switched off) is
  // passed over if there is another.
  error_code try_add(std::vector<Endpoint> wanted) {
    std::list<One> opened;
    error_code failed;
    error_code absent;
    for (Endpoint& endpoint : wanted) {
      if (!opened.empty()) endpoint.port(opened.front().acceptor.local_endpoint().port());
      open(opened.emplace_back(io_).acceptor, endpoint, wanted.size() > 1, failed);
      if (failed == net::error::address_in_use || failed == net::error::access_denied)
        return failed;
      if (!failed) continue;
      absent = failed;
      opened.pop_back();
    }
    if (opened.empty()) return absent;
    for (One& one : opened) endpoints_.push_back(one.acceptor.local_endpoint());
    sockets_.splice(sockets_.end(), opened);
    return {};
  }

  static void open(Acceptor& acceptor, const Endpoint& endpoint, bool is_one_of_several,
                   error_code& failed) {
    acceptor.open(endpoint.protocol(), failed);
    if (failed) return;
    acceptor.set_option(Acceptor::reuse_address(true), failed);
    if (endpoint.address().is_v6() && is_one_of_several)
      acceptor.set_option(net::ip::v6_only(true), failed);
    acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(Acceptor::max_listen_connections, failed);
  }

  void accept(One& one) {
    ConnectionTaker& taker = next_();
    one.acceptor.async_accept(taker.io().get_executor(),
                              [this, &one, &taker](error_code failed, Socket socket) {
                                if (is_stopping_) return;  // `one` has gone
                                if (failed) return accept_later(one, failed);
                                error_code ignored;
                                socket.set_option(net::ip::tcp::no_delay(true), ignored);
                                taker.take(std::move(socket));
                                accept(one);
                              });
  }

  // Out of descriptors, say: trying again at once would spin.
  void accept_later(One& one, error_code failed) {
    if (log_) log_("accept: " + failed.message());
    one.pause.expires_after(kPause);
    one.pause.async_wait([this, &one](error_code cancelled) {
      if (!cancelled && !is_stopping_) accept(one);
    });
  }

  std::function<void(std::string_view)> log_;
  std::function<ConnectionTaker&()> next_;
  bool is_stopping_ = false;  // used on the thread
  net::io_context io_{1};
  std::list<One> sockets_;  // one for each endpoint
  std::vector<Endpoint> endpoints_;
  std::thread thread_;
};

}  // namespace tote::testregistry
