#include "base/host_addresses.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ares.h>
#include <arpa/inet.h>
#include <array>
#include <netdb.h>
#include <poll.h>

namespace tote {
namespace {

constexpr int kPatience = 2000;  // milliseconds for a name server, the first time
constexpr int kTries = 2;
constexpr std::size_t kMaxName = 253;  // RFC 1035, 2.3.4, as text
constexpr int kLookEvery = 1000;  // milliseconds, at most, before c-ares looks whom to ask again

[[noreturn]] void fail(const std::string& host, int status) {
  throw Error(ErrorKind::kIo,
              fmt::format("'{}' is not found: {}", host, to_lower(::ares_strerror(status))));
}

bool is_number(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// Nobody is asked about anything else (RFC 952, and "_").
bool may_be_name(const std::string& host) {
  return !host.empty() && host.size() <= kMaxName && host.find("..") == std::string::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_';
         });
}

struct Answer {
  int status = ARES_SUCCESS;
  std::vector<std::string> addresses;
  bool is_there = false;
};

std::string text_of(const ares_addrinfo_node& node) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = nullptr;
  if (node.ai_family == AF_INET)
    address = &reinterpret_cast<const sockaddr_in*>(node.ai_addr)->sin_addr;
  else if (node.ai_family == AF_INET6)
    address = &reinterpret_cast<const sockaddr_in6*>(node.ai_addr)->sin6_addr;
  if (address == nullptr) return {};
  return ::inet_ntop(node.ai_family, address, text.data(), text.size());
}

// Asks about one host. For one thread.
class Resolver {
 public:
  explicit Resolver(const std::string& host) : host_(host) {
    // Does nothing but count on systems like ours, and is safe to call first from any thread.
    static const int kReady = ::ares_library_init(ARES_LIB_INIT_ALL);
    if (kReady != ARES_SUCCESS) fail(host, kReady);
    ares_options options{};
    options.timeout = kPatience;
    options.tries = kTries;
    const int status =
        ::ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS) fail(host, status);
  }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver() { ::ares_destroy(channel_); }

  std::vector<std::string> ask() {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ::ares_getaddrinfo(channel_, host_.c_str(), nullptr, &hints, &Resolver::on_answer, &answer_);
    while (!answer_.is_there) wait();
    if (answer_.status != ARES_SUCCESS) fail(host_, answer_.status);
    return std::move(answer_.addresses);
  }

 private:
  static void on_answer(void* out, int status, int, ares_addrinfo* found) {
    auto& answer = *static_cast<Answer*>(out);
    answer.is_there = true;
    answer.status = status;
    if (found == nullptr) return;
    for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next)
      answer.addresses.push_back(text_of(*node));
    ::ares_freeaddrinfo(found);
  }

  void wait() {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const int wanted = ::ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
    std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
    nfds_t count = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      const int events = (ARES_GETSOCK_READABLE(wanted, i) != 0 ? POLLIN : 0) |
                         (ARES_GETSOCK_WRITABLE(wanted, i) != 0 ? POLLOUT : 0);
      if (events != 0)
        polled[count++] = {sockets[static_cast<std::size_t>(i)], static_cast<short>(events), 0};
    }
    ::poll(polled.data(), count, milliseconds_to_wait());
    for (nfds_t i = 0; i < count; ++i)
      ::ares_process_fd(
          channel_,
          (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0 ? polled[i].fd : ARES_SOCKET_BAD,
          (polled[i].revents & POLLOUT) != 0 ? polled[i].fd : ARES_SOCKET_BAD);
    ::ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // whose time is over
  }

  int milliseconds_to_wait() {
    timeval longest{kLookEvery / 1000, 0};
    timeval found{};
    const timeval* wait = ::ares_timeout(channel_, &longest, &found);
    return static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000) + 1;
  }

  const std::string& host_;
  ares_channel channel_ = nullptr;
  Answer answer_;
};

}  // namespace

std::vector<std::string> addresses_of_host(const std::string& host) {
  if (equal_ignoring_case(host, "localhost")) return {"127.0.0.1", "::1"};
  if (is_number(host)) return {host};
  if (!may_be_name(host)) fail(host, ARES_EBADNAME);
  std::vector<std::string> addresses;
  for (std::string& address : Resolver(host).ask())
    if (!address.empty() &&
        std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      addresses.push_back(std::move(address));
  if (addresses.empty()) fail(host, ARES_ENODATA);
  std::stable_partition(addresses.begin(), addresses.end(), [](const std::string& address) {
    return address.find(':') == std::string::npos;
  });
  return addresses;
}

}  // namespace tote
