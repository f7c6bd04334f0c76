// Results as JUnit XML, which CI systems show.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tote::cmd {

class JunitReport {
 public:
  explicit JunitReport(std::string name) : name_(std::move(name)) {}

  void add_success(std::string_view name);
  void add_failure(std::string_view name, std::string_view type, std::string_view message);
  // The document.
  std::string text() const;

 private:
  std::string name_;
  std::vector<std::string> cases_;
  int failures_ = 0;
};

}  // namespace tote::cmd
