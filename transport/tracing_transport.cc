#include "transport/tracing_transport.h"

#include "base/text.h"
#include "transport/given_fields.h"
#include "transport/link_header.h"
#include "transport/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::transport {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024;  // of a body that is shown

// The targets of a Link field, which may be signed as any other URL.
std::string redact_links(const std::string& field) {
  const auto links = parse_links(field);
  if (!links) return "<redacted: it can not be understood>";
  std::string out;
  for (const Link& link : *links) {
    out += fmt::format("{}<{}>", out.empty() ? "" : ", ", redact_reference(link.target));
    if (link.relations) out += fmt::format("; rel=\"{}\"", fmt::join(*link.relations, " "));
  }
  return out;
}

std::string shown_value(std::string_view name, const std::string& value) {
  if (is_secret_field(name)) return "<redacted>";
  if (equal_ignoring_case(name, "Location")) return redact_reference(value);
  return equal_ignoring_case(name, "Link") ? redact_links(value) : value;
}

std::string field_lines(const Headers& fields) {
  std::string lines;
  for (const auto& [name, value] : fields)
    lines += fmt::format("{}: {}\n", name, shown_value(name, value));
  return lines;
}

std::string body_line(const Request& request) {
  if (request.body.is_empty()) return {};
  if (!request.body.can_be_sent_again())
    return "[body redacted: omitting binary blobs from logs]\n";
  if (request.is_secret) return "[body redacted]\n";
  return fmt::format("{}\n", as_text(request.body.bytes()));
}

// Shows the body when it has been read, or given up.
class TracedReply final : public ReplyFilter {
 public:
  TracedReply(std::unique_ptr<Reply> inner, const Trace& trace, bool is_secret)
      : ReplyFilter(std::move(inner)), trace_(trace), is_secret_(is_secret) {
    const std::string type = header("Content-Type").value_or("");
    is_text_ = type.find("json") != std::string::npos || type.starts_with("text/");
  }
  ~TracedReply() override {
    try {
      show_body();
    } catch (const std::exception&) {
      // Then it is not shown.
    }
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const std::size_t got = inner().read_some(out);
    has_body_ = has_body_ || got > 0;
    const std::size_t room = kMaxBody - std::min(kMaxBody, body_.size());
    if (is_text_) body_ += as_text(out.first(std::min(got, room)));
    return got;
  }

 private:
  void show_body() const {
    if (!has_body_) return;
    if (!is_text_)
      trace_(fmt::format("<-- body of {}\n[body redacted: omitting binary blobs from logs]\n",
                         redact_url(url_)));
    else if (is_secret_)
      trace_(fmt::format("<-- body of {}\n[body redacted]\n", redact_url(url_)));
    else
      trace_(fmt::format("<-- body of {}\n{}\n", redact_url(url_), body_));
  }

  const Trace& trace_;
  const bool is_secret_;
  bool is_text_ = false;
  bool has_body_ = false;
  std::string body_;
};

}  // namespace

std::unique_ptr<Reply> TracingTransport::open(const Request& request, std::stop_token stop) {
  const std::string url = redact_url(request.url);
  trace_(fmt::format("--> {} {}\n{}{}{}", request.method, url, field_lines(request.headers),
                     field_lines(request.host_headers), body_line(request)));
  const auto begun = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun);
  };
  try {
    auto reply = inner_->open(request, std::move(stop));
    trace_(fmt::format("<-- {} {} ({:.3f}ms)\n{}", reply->status(), redact_url(reply->url()),
                       passed().count(), field_lines(reply->fields())));
    return std::make_unique<TracedReply>(std::move(reply), trace_, request.is_secret);
  } catch (const std::exception& failure) {
    trace_(fmt::format("<-- {} {} ({:.3f}ms)\n", failure.what(), url, passed().count()));
    throw;
  }
}

}  // namespace tote::transport
