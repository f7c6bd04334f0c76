// Reading TOML 1.0 from untrusted text, by toml++: what it says, and in which line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tote {

inline constexpr std::size_t kMaxTomlSize = std::size_t{1} << 20U;

// One value. Immutable, cheap to copy, thread-safe. Accessors throw Error{kParse} with the origin
// and line.
class Toml {
 public:
  // kOther: numbers and times.
  enum class Kind : std::uint8_t { kTable, kList, kText, kBoolean, kOther };

  // The document, a table. `origin` names it in complaints. Error{kParse} for what is no TOML, over
  // kMaxTomlSize, or nested too deeply: in one statement at most 64 brackets are open, and at most
  // 100 dots stand outside of texts.
  static Toml parse(std::string_view text, std::string_view origin);

  Kind kind() const noexcept;
  const std::string& text() const;
  bool boolean() const;
  const std::vector<Toml>& items() const;                            // of a list
  const std::vector<std::pair<std::string, Toml>>& members() const;  // of a table, sorted by key
  // "origin, line 3".
  std::string where() const;

 private:
  struct Node;
  struct Builder;
  explicit Toml(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  std::shared_ptr<const Node> node_;
};

}  // namespace tote
