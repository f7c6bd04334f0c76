// The request at hand: from what Beast has read to what handlers know, and where its body ends.
// Knows no connection. Internal to server.cc, like session.h.
#pragma once

#include "testregistry/http/forwarded.h"
#include "testregistry/http/handler.h"
#include "testregistry/http/request_target.h"
#include "testregistry/http/response_text.h"
#include "testregistry/http/server_options.h"
#include "testregistry/http/session_context.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tote::testregistry {

class RequestIntake {
 public:
  using Parser = http::request_parser<http::buffer_body>;

  RequestIntake(const ServerOptions& options, std::string_view scheme)
      : options_(options), scheme_(scheme) {}

  boost::beast::flat_buffer& buffer() { return buffer_; }
  Parser& parser() { return *parser_; }

  // Of a connection that can be asked its address now.
  void set_client(std::string address) {
    client_ = std::move(address);
    is_behind_proxy_ =
        !options_.trusted_proxies.empty() && options_.trusted_proxies.contains(client_);
  }

  // The last request has been answered: ready for the head of the next.
  void begin() {
    parser_.emplace();
    parser_->header_limit(options_.max_head_size);
    parser_->body_limit(boost::none);
    if (buffer_.capacity() > kIdleBuffer)
      buffer_.shrink_to_fit();  // an idle connection holds little
  }

  // The head has been read: what is known of it without trusting it.
  void note_head() {
    body_left_.reset();
    if (parser_->is_done())
      body_left_ = 0;
    else if (const auto left = parser_->content_length_remaining())
      body_left_ = *left;
    head_ = {};
    head_.method = request().method_string();
    head_.client = client_;
  }

  KeepAlive keep_alive() const { return request().keep_alive() ? KeepAlive::kYes : KeepAlive::kNo; }
  bool is_head() const { return request().method() == http::verb::head; }
  bool expects_continue() const {
    return boost::beast::iequals(request()[http::field::expect], "100-continue");
  }

  // Where a request ends must be beyond doubt (RFC 9112, 3.2 and 6.1): 0, or the status that says
  // that it is not.
  int refused_framing() const {
    const auto coding = request()[http::field::transfer_encoding];
    if (!coding.empty() && !boost::beast::iequals(coding, "chunked")) return 501;
    return request().version() == 11 && request().count(http::field::host) != 1 ? 400 : 0;
  }

  // From Beast's request to ours; false for a target that is no path.
  bool make_head() {
    if (!parse_target(view(request().target()), head_)) return false;
    for (const auto& field : request())
      head_.headers.emplace_back(field.name_string(), field.value());
    if (const auto length = parser_->content_length()) head_.content_length = *length;
    head_.scheme = scheme_;
    if (is_behind_proxy_) believe_proxy();
    return true;
  }

  const RequestHead& head() const { return head_; }
  std::string_view target() const { return view(request().target()); }
  std::string_view user_agent() const { return view(request()[http::field::user_agent]); }

  // What has not been read of the body; nullopt: it comes in chunks.
  std::optional<std::uint64_t> left() const { return body_left_; }
  bool is_complete() const { return body_left_ ? *body_left_ == 0 : parser_->is_done(); }
  // The body, if all of it came with the head; nullopt: not yet, or the client waits with it.
  std::optional<ConstBytes> whole_body() const {
    if (!body_left_ || *body_left_ > buffer_.size() || expects_continue()) return std::nullopt;
    const auto have = buffer_.data();
    return ConstBytes(static_cast<const std::byte*>(have.data()),
                      static_cast<std::size_t>(*body_left_));
  }
  // Of that.
  void drop_buffered(std::size_t n) {
    buffer_.consume(n);
    count(n);
  }
  // Of a body that does not come in chunks: what came with the head.
  std::size_t take_buffered(MutableBytes out) {
    const std::size_t have = std::min(buffer_.size(), out.size());
    std::memcpy(out.data(), buffer_.data().data(), have);
    buffer_.consume(have);
    return have;
  }
  // So much of it has been read.
  void count(std::size_t n) { *body_left_ -= n; }

 private:
  static constexpr std::size_t kReadAhead = 128 * 1024;
  static constexpr std::size_t kIdleBuffer = 4096;

  template <class Text>
  static std::string_view view(const Text& text) {
    return {text.data(), text.size()};
  }
  const Parser::value_type& request() const { return parser_->get(); }

  void believe_proxy() {
    Forwarded said = read_forwarded(head_, options_.trusted_proxies);
    if (!said.client.empty()) head_.client = std::move(said.client);
    if (!said.scheme.empty()) head_.scheme = said.scheme == "https" ? "https" : "http";
    head_.forwarded_host = std::move(said.host);
  }

  const ServerOptions& options_;
  const std::string_view scheme_;  // of the connection
  std::string client_;
  bool is_behind_proxy_ = false;
  boost::beast::flat_buffer buffer_{options_.max_head_size + kReadAhead};
  std::optional<Parser> parser_;
  RequestHead head_;
  std::optional<std::uint64_t> body_left_ = 0;  // nullopt: it comes in chunks
};

}  // namespace tote::testregistry
