// A plain connection to a registry, one request at a time, for tests that look at the bytes.
#pragma once

#include "base/file.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tote::test {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers = {};  // lower-case names
  std::string body = {};
};

class HttpConnection {
 public:
  explicit HttpConnection(const std::string& address);  // "127.0.0.1:5000"

  void send(std::string_view text);
  // One request with its answer; nullopt: the connection broke.
  std::optional<HttpAnswer> ask(const std::string& method, const std::string& target,
                                const std::string& body = {}, const std::string& headers = {});
  std::optional<HttpAnswer> read_answer(bool is_head = false);
  // Up to and with `mark`, or until the server closes.
  std::string read_until(const std::string& mark);
  // Until the server closes.
  std::string read_to_end();

 private:
  bool read_more();

  UniqueFd fd_;
  std::string buffer_;
};

}  // namespace tote::test
