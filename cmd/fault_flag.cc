#include "cmd/fault_flag.h"

#include "base/error.h"
#include "base/go_duration.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace tote::cmd {
namespace {

namespace tr = tote::testregistry;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::kUsage, std::move(message));
}

std::uint64_t fault_number(const std::string& key, const std::string& value) {
  if (const auto number = parse_number(value)) return *number;
  refuse(fmt::format("Expected a number for {} in --fault, got '{}'", key, value));
}

double fault_rate(const std::string& value) {
  double rate = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), rate);
  if (failed != std::errc{} || end != value.data() + value.size() || !(rate >= 0 && rate <= 1))
    refuse(fmt::format("Expected rate in --fault from 0 to 1, got '{}'", value));
  return rate;
}

std::chrono::milliseconds fault_latency(const std::string& value) {
  try {
    return parse_go_duration(value);
  } catch (const std::string& why) {
    refuse(fmt::format("Expected latency in --fault as a duration: {}", why));
  }
}

// "20/s": what a word of --fault says is so much in a second.
double fault_limit(const std::string& value) {
  const bool is_per_second = value.ends_with("/s");
  const auto number = parse_number(value.substr(0, value.size() - (is_per_second ? 2 : 0)));
  if (!is_per_second || !number || *number == 0)
    refuse(
        fmt::format("Expected limit in --fault as a number per second like 20/s, got '{}'", value));
  return static_cast<double>(*number);
}

// "NAME:VALUE"
std::pair<std::string, std::string> fault_header(const std::string& value) {
  const std::size_t colon = value.find(':');
  const std::string name = value.substr(0, colon);
  const bool is_token = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
  if (colon == std::string::npos || !is_token || value.find_first_of("\r\n") != std::string::npos)
    refuse(fmt::format("Expected header in --fault as NAME:VALUE, got '{}'", value));
  return {name, std::string(trim(std::string_view(value).substr(colon + 1)))};
}

void set_fault(tr::Fault& fault, const std::string& key, const std::string& value) {
  if (key == "method")
    fault.method = value;
  else if (key == "path")
    fault.path = value;
  else if (key == "rate")
    fault.rate = fault_rate(value);
  else if (key == "after")
    fault.after = fault_number(key, value);
  else if (key == "times")
    fault.times = fault_number(key, value);
  else if (key == "status")
    fault.status = static_cast<int>(std::min<std::uint64_t>(fault_number(key, value), 1000));
  else if (key == "retry-after")
    fault.retry_after = value;
  else if (key == "redirect")
    fault.redirect = value;
  else if (key == "header")
    fault.headers.push_back(fault_header(value));
  else if (key == "limit")
    fault.limit = fault_limit(value);
  else if (key == "concurrent")
    fault.concurrent = fault_number(key, value);
  else if (key == "extra")
    fault.mishap.extra = fault_number(key, value);
  else if (key == "latency")
    fault.mishap.delay = fault_latency(value);
  else if (key == "drop" && value.empty())
    fault.mishap.drop = true;
  else if (key == "truncate")
    fault.mishap.cut_at = fault_number(key, value);
  else if (key == "corrupt")
    fault.mishap.corrupt_at = fault_number(key, value);
  else if (key == "stall")
    fault.mishap.stall_at = fault_number(key, value);
  else
    refuse(fmt::format("Unknown word '{}' in --fault", key));
}

std::string to_upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

bool does_something(const tr::Fault& fault) {
  const tr::Mishap& mishap = fault.mishap;
  return fault.status != 0 || !fault.headers.empty() || mishap.delay.count() > 0 || mishap.drop ||
         mishap.cut_at || mishap.stall_at || mishap.corrupt_at || mishap.extra > 0;
}

// What was not said follows from the rest.
void set_status(tr::Fault& fault) {
  const bool is_given = fault.status != 0;
  if (!fault.redirect.empty()) {
    if (!is_given) fault.status = 307;
    if (fault.status < 301 || fault.status > 308)
      refuse(fmt::format("Expected status in --fault with redirect from 301 to 308, got {}",
                         fault.status));
    return;
  }
  if (is_given && (fault.status < 400 || fault.status > 599))
    refuse(fmt::format("Expected status in --fault from 400 to 599, got {}", fault.status));
  if (!is_given && (fault.limit || fault.concurrent) && !does_something(fault))
    fault.status = fault.limit ? 429 : 503;
  if (!is_given && fault.status == 429 && fault.retry_after.empty()) fault.retry_after = "1";
}

}  // namespace

tr::Fault parse_fault(const std::string& text) {
  tr::Fault fault;
  for (const std::string& item : split(text, ',')) {
    const std::size_t equals = item.find('=');
    set_fault(fault, item.substr(0, equals),
              equals == std::string::npos ? "" : item.substr(equals + 1));
  }
  if (fault.method != to_upper(fault.method))
    refuse(fmt::format("Expected method in --fault in capitals, got '{}'", fault.method));
  set_status(fault);
  if (!does_something(fault))
    refuse(
        fmt::format("--fault '{}' does nothing: say status, redirect, header, limit, concurrent, "
                    "latency, drop, truncate, extra, corrupt or stall",
                    text));
  return fault;
}

}  // namespace tote::cmd
