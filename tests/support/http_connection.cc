#include "tests/support/http_connection.h"

#include "base/text.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tote::test {

HttpConnection::HttpConnection(const std::string& address)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fd_.reset();
}

void HttpConnection::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the answer will be missing
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool HttpConnection::read_more() {
  std::array<char, 65536> chunk{};
  const ssize_t n = ::read(fd_.get(), chunk.data(), chunk.size());
  if (n <= 0) return false;
  buffer_.append(chunk.data(), static_cast<std::size_t>(n));
  return true;
}

std::string HttpConnection::read_until(const std::string& mark) {
  std::size_t at = 0;
  while ((at = buffer_.find(mark)) == std::string::npos)
    if (!read_more()) return std::exchange(buffer_, {});
  std::string text = buffer_.substr(0, at + mark.size());
  buffer_.erase(0, text.size());
  return text;
}

std::string HttpConnection::read_to_end() {
  while (read_more()) {
  }
  return buffer_;
}

std::optional<HttpAnswer> HttpConnection::ask(const std::string& method, const std::string& target,
                                              const std::string& body, const std::string& headers) {
  send(fmt::format("{} {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n", method, target,
                   body.size(), headers));
  send(body);
  return read_answer(method == "HEAD");
}

std::optional<HttpAnswer> HttpConnection::read_answer(bool is_head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more()) return std::nullopt;
  HttpAnswer answer;
  const std::vector<std::string> lines = split(buffer_.substr(0, end), '\n');
  answer.status = std::stoi(lines[0].substr(9, 3));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    answer.headers[to_lower(lines[i].substr(0, colon))] = trim(lines[i].substr(colon + 1));
  }
  buffer_.erase(0, end + 4);
  const std::string length = answer.headers["content-length"];
  const std::size_t size = is_head || length.empty() ? 0 : std::stoul(length);
  while (buffer_.size() < size)
    if (!read_more()) return std::nullopt;
  answer.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return answer;
}

}  // namespace tote::test
