// The variables that a process is started with, as a value: who needs one is handed it, so that
// tests say what is in it.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tote {

// Immutable, thread-safe. Names and values are bytes.
class Environment {
 public:
  // Of no variables.
  Environment() = default;
  Environment(std::initializer_list<std::pair<const std::string, std::string>> variables)
      : variables_(variables) {}
  // That of this process. For main and what it is made of: libraries are handed one.
  static Environment of_process();

  // `value` of a variable; empty and unset are both "".
  std::string get(const std::string& name) const;
  const std::map<std::string, std::string>& variables() const noexcept { return variables_; }
  // "NAME=value", for a child.
  std::vector<std::string> lines() const;

 private:
  std::map<std::string, std::string> variables_;
};

}  // namespace tote
