#include "transport/http.h"

#include "base/text.h"

namespace tote::transport {

std::optional<std::string> Reply::header(std::string_view name) const {
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::vector<std::string> Reply::headers(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : headers_)
    if (equal_ignoring_case(key, name)) values.push_back(value);
  return values;
}

ReplyFilter::ReplyFilter(std::unique_ptr<Reply> inner) : inner_(std::move(inner)) {
  status_ = inner_->status();
  headers_ = inner_->fields();
  url_ = inner_->url();
  retry_after_ = inner_->retry_after();
}

}  // namespace tote::transport
