#include "base/toml_reader.h"

#include "base/error.h"

#include <fmt/format.h>

// Its recursion is bounded by this, and by check_depth().
#define TOML_MAX_NESTED_VALUES 64
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
#include <utility>

namespace tote {
namespace {

constexpr std::size_t kMaxOpen = 64;
constexpr std::size_t kMaxDots = 100;

std::string place(std::string_view origin, std::size_t line) {
  return fmt::format("{}, line {}", origin, line);
}

// How deep what a text says can be nested, before anything is built of it: tables in tables come
// from brackets and from dots in keys, and are taken down by recursion.
class DepthCheck {
 public:
  DepthCheck(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {}

  void run() {
    while (at_ < text_.size()) step();
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '"' || c == '\'') return skip_text(c);
    if (c == '#') return skip_comment();
    ++at_;
    if (c == '\n') {
      ++line_;
      if (open_ == 0) dots_ = 0;
    } else if (c == '[' || c == '{') {
      if (++open_ > kMaxOpen) refuse();
    } else if ((c == ']' || c == '}') && open_ > 0) {
      --open_;
    } else if (c == '.' && ++dots_ > kMaxDots) {
      refuse();
    }
  }

  void skip_comment() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  // One that is not closed on its line is refused by the parser.
  void skip_text(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_).starts_with(three);
    at_ += is_long ? 3 : 1;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        at_ += 2;
      } else if (is_long ? text_.substr(at_).starts_with(three) : text_[at_] == quote) {
        at_ += is_long ? 3 : 1;
        return;
      } else if (text_[at_] == '\n' && !is_long) {
        return;
      } else {
        if (text_[at_] == '\n') ++line_;
        ++at_;
      }
    }
  }

  [[noreturn]] void refuse() const {
    throw Error(ErrorKind::kParse,
                fmt::format("{}: it is nested too deeply", place(origin_, line_)));
  }

  std::string_view text_;
  std::string_view origin_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t open_ = 0;
  std::size_t dots_ = 0;
};

}  // namespace

struct Toml::Node {
  Kind kind = Kind::kOther;
  bool is_true = false;
  std::size_t line = 0;
  std::shared_ptr<const std::string> origin;
  std::string text;
  std::vector<Toml> items;
  std::vector<std::pair<std::string, Toml>> members;
};

struct Toml::Builder {
  std::shared_ptr<const std::string> origin;

  Toml build(const toml::node& value) const {
    auto node = std::make_shared<Node>();
    node->origin = origin;
    node->line = value.source().begin.line;
    if (const auto* table = value.as_table()) {
      node->kind = Kind::kTable;
      for (const auto& [key, member] : *table)
        node->members.emplace_back(std::string(key.str()), build(member));
    } else if (const auto* list = value.as_array()) {
      node->kind = Kind::kList;
      for (const auto& item : *list) node->items.push_back(build(item));
    } else if (const auto* text = value.as_string()) {
      node->kind = Kind::kText;
      node->text = text->get();
    } else if (const auto* boolean = value.as_boolean()) {
      node->kind = Kind::kBoolean;
      node->is_true = boolean->get();
    }
    return Toml(std::move(node));
  }
};

Toml Toml::parse(std::string_view text, std::string_view origin) {
  if (text.size() > kMaxTomlSize)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: it is larger than {} bytes", origin, kMaxTomlSize));
  DepthCheck(text, origin).run();
  try {
    const toml::table document = toml::parse(text, origin);
    return Builder{std::make_shared<const std::string>(origin)}.build(document);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::kParse, fmt::format("{}: {}", place(origin, error.source().begin.line),
                                               error.description()));
  }
}

Toml::Kind Toml::kind() const noexcept {
  return node_->kind;
}

std::string Toml::where() const {
  return place(*node_->origin, node_->line);
}

const std::string& Toml::text() const {
  if (kind() != Kind::kText)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a text", where()));
  return node_->text;
}

bool Toml::boolean() const {
  if (kind() != Kind::kBoolean)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected true or false", where()));
  return node_->is_true;
}

const std::vector<Toml>& Toml::items() const {
  if (kind() != Kind::kList)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a list", where()));
  return node_->items;
}

const std::vector<std::pair<std::string, Toml>>& Toml::members() const {
  if (kind() != Kind::kTable)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a table", where()));
  return node_->members;
}

}  // namespace tote
