#include "cmd/junit.h"

#include <fmt/format.h>

namespace tote::cmd {
namespace {

// For attributes. XML 1.0 has no way to write most control characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\t':
        out += "&#9;";
        break;
      default:
        out += static_cast<unsigned char>(c) < ' ' ? '?' : c;
    }
  }
  return out;
}

}  // namespace

void JunitReport::add_success(std::string_view name) {
  cases_.push_back(fmt::format("  <testcase name=\"{}\"/>\n", escaped(name)));
}

void JunitReport::add_failure(std::string_view name, std::string_view type,
                              std::string_view message) {
  ++failures_;
  cases_.push_back(
      fmt::format("  <testcase name=\"{}\"><failure type=\"{}\" message=\"{}\"/></testcase>\n",
                  escaped(name), escaped(type), escaped(message)));
}

std::string JunitReport::text() const {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", escaped(name_),
                     cases_.size(), failures_);
  for (const std::string& line : cases_) out += line;
  return out + "</testsuite>\n";
}

}  // namespace tote::cmd
