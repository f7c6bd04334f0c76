#include "base/yaml_reader.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>
#include <yaml.h>

#include <map>

namespace tote {
namespace {

constexpr std::size_t kMaxNodes = 1'000'000;
constexpr std::size_t kMaxText = 1U << 30U;
constexpr std::uint32_t kOpen = 0xffffffff;  // where a list begins that has not ended
constexpr std::size_t kMaxDepth = 1000;      // libyaml's time grows with the square of it
constexpr std::size_t kMaxMerges = 100;      // one "<<" in what another names
// Of what is read of a document: aliases can name a long text many times.
constexpr std::size_t kMaxCopied = 16U << 20U;  // bytes
constexpr std::size_t kMaxCopies = 16;          // of all of its text
constexpr std::size_t kMaxDirectives = 1000;    // as it does with the number of these

bool is_null(std::string_view plain) {
  return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

std::string_view view(const yaml_char_t* text, std::size_t length) {
  return {reinterpret_cast<const char*>(text), length};
}

std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

Yaml::Style style_of(yaml_scalar_style_t style) {
  switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
      return Yaml::Style::kSingleQuoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      return Yaml::Style::kDoubleQuoted;
    case YAML_LITERAL_SCALAR_STYLE:
      return Yaml::Style::kLiteral;
    case YAML_FOLDED_SCALAR_STYLE:
      return Yaml::Style::kFolded;
    default:
      return Yaml::Style::kPlain;
  }
}

// One event after the other; the last is freed when the next is read.
class Events {
 public:
  Events(std::string_view text, std::string_view origin) : origin_(origin) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) != 0) return event_;
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    const yaml_mark_t& mark = parser_.problem_mark;
    throw Error(ErrorKind::kParse,
                fmt::format("{}, line {}: {}", origin_, mark.line + 1,
                            parser_.problem == nullptr ? "not valid YAML" : parser_.problem));
  }

 private:
  std::string_view origin_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
};

// "%YAML", "%TAG" before the document: libyaml compares each with all before it.
// Wherever a line may begin: behind any of YAML's line breaks, of which two have three bytes.
void check_directives(std::string_view text, std::string_view origin) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find('%', at)) != std::string_view::npos; ++at) {
    const std::string_view before = text.substr(0, at);
    const bool begins_line = before.empty() || before.ends_with('\n') || before.ends_with('\r') ||
                             before.ends_with("\xc2\x85") || before.ends_with("\xe2\x80\xa8") ||
                             before.ends_with("\xe2\x80\xa9");
    if (begins_line && ++count > kMaxDirectives)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: more than {} directives", origin, kMaxDirectives));
  }
}

// Windows' editors put it in front; libyaml would count it as a column.
std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

}  // namespace

// 24 bytes: a million of them have to fit.
struct Yaml::Node {
  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  std::uint32_t line = 0;   // from 0 on
  std::uint32_t begin = 0;  // of a scalar in `text`, of a list or mapping in `children`
  std::uint32_t size = 0;
};

struct Yaml::Document {
  std::string origin;
  std::vector<Node> nodes;
  std::vector<std::uint32_t> children;  // of each list and mapping (key, value, key, ...) together
  std::string text;                     // of all scalars
  std::size_t visits = 0;
  std::size_t copied = 0;  // bytes of texts that were asked for
};

class Yaml::Builder {
 public:
  Builder(std::string_view text, std::string_view origin, Document& document)
      : events_(text, origin), document_(document) {}

  // Returns the root.
  std::uint32_t build() {
    for (;;) {
      const yaml_event_t& event = events_.next();
      switch (event.type) {
        case YAML_SCALAR_EVENT:
          add_scalar(event);
          break;
        case YAML_ALIAS_EVENT:
          add_alias(event);
          break;
        case YAML_SEQUENCE_START_EVENT:
          open(Kind::kList, event, event.data.sequence_start.anchor);
          break;
        case YAML_MAPPING_START_EVENT:
          open(Kind::kMap, event, event.data.mapping_start.anchor);
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          close();
          break;
        case YAML_DOCUMENT_END_EVENT:
          return root_;
        case YAML_STREAM_END_EVENT:
          return append({}, 0);
        default:
          break;
      }
    }
  }

 private:
  struct Open {
    std::uint32_t node;
    std::vector<std::uint32_t> children = {};
  };

  [[noreturn]] void refuse(std::size_t line, std::string_view what) const {
    throw Error(ErrorKind::kParse,
                fmt::format("{}, line {}: {}", document_.origin, line + 1, what));
  }

  std::uint32_t append(Node node, std::size_t line) {
    if (document_.nodes.size() == kMaxNodes)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: more than {} nodes", document_.origin, kMaxNodes));
    node.line = static_cast<std::uint32_t>(line);
    document_.nodes.push_back(node);
    return static_cast<std::uint32_t>(document_.nodes.size() - 1);
  }

  void put(std::uint32_t node) {
    if (open_.empty())
      root_ = node;
    else
      open_.back().children.push_back(node);
  }

  void name(const yaml_char_t* anchor, std::uint32_t node) {
    if (anchor != nullptr) anchors_.insert_or_assign(std::string(view(anchor)), node);
  }

  void add_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const std::string_view text = view(scalar.value, scalar.length);
    const bool is_nothing =
        scalar.plain_implicit != 0 && scalar.style == YAML_PLAIN_SCALAR_STYLE && is_null(text);
    const std::uint32_t node =
        append({is_nothing ? Kind::kNull : Kind::kScalar, style_of(scalar.style), 0,
                static_cast<std::uint32_t>(document_.text.size()),
                static_cast<std::uint32_t>(text.size())},
               event.start_mark.line);
    document_.text += text;
    name(scalar.anchor, node);
    put(node);
  }

  void add_alias(const yaml_event_t& event) {
    const std::string anchor(view(event.data.alias.anchor));
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      refuse(event.start_mark.line, fmt::format("unknown anchor '{}' referenced", anchor));
    const Node& target = document_.nodes[found->second];
    if (target.kind != Kind::kScalar && target.begin == kOpen)
      refuse(event.start_mark.line, fmt::format("anchor '{}' value contains itself", anchor));
    if (++aliases_ > kMaxNodes)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: more than {} nodes", document_.origin, kMaxNodes));
    put(found->second);
  }

  void open(Kind kind, const yaml_event_t& event, const yaml_char_t* anchor) {
    if (open_.size() == kMaxDepth)
      refuse(event.start_mark.line, fmt::format("nested more than {} deep", kMaxDepth));
    const std::uint32_t node = append({kind, Style::kPlain, 0, kOpen, 0}, event.start_mark.line);
    name(anchor, node);
    put(node);
    open_.push_back({node});
  }

  void close() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    Node& node = document_.nodes[done.node];
    node.begin = static_cast<std::uint32_t>(document_.children.size());
    node.size = static_cast<std::uint32_t>(done.children.size());
    document_.children.insert(document_.children.end(), done.children.begin(), done.children.end());
  }

  Events events_;
  Document& document_;
  std::vector<Open> open_;
  std::map<std::string, std::uint32_t> anchors_;
  std::size_t aliases_ = 0;
  std::uint32_t root_ = 0;
};

Yaml Yaml::parse(std::string_view text, std::string_view origin) {
  if (!is_utf8(text)) throw Error(ErrorKind::kParse, fmt::format("{}: not UTF-8", origin));
  text = without_byte_order_mark(text);
  if (text.size() > kMaxText)
    throw Error(ErrorKind::kParse, fmt::format("{}: more than {} bytes", origin, kMaxText));
  check_directives(text, origin);
  auto document = std::make_shared<Document>();
  document->origin = origin;
  const std::uint32_t root = Builder(text, origin, *document).build();
  return Yaml(std::move(document), root);
}

const Yaml::Node& Yaml::node() const noexcept {
  return document_->nodes[node_];
}

Yaml Yaml::child(std::size_t position) const {
  if (++document_->visits > kMaxNodes)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: more than {} nodes", document_->origin, kMaxNodes));
  return Yaml(document_, document_->children[node().begin + position]);
}

Yaml::Kind Yaml::kind() const noexcept {
  return node().kind;
}

Yaml::Style Yaml::style() const noexcept {
  return node().style;
}

std::size_t Yaml::line() const noexcept {
  return node().line + std::size_t{1};
}

std::string Yaml::where() const {
  return fmt::format("{}, line {}", document_->origin, line());
}

std::string Yaml::text() const {
  if (kind() != Kind::kScalar)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a string", where()));
  document_->copied += node().size;
  if (document_->copied > kMaxCopied + kMaxCopies * document_->text.size())
    throw Error(ErrorKind::kParse,
                fmt::format("{}: aliases make too much of its text", document_->origin));
  return document_->text.substr(node().begin, node().size);
}

std::vector<Yaml> Yaml::items() const {
  if (kind() != Kind::kList)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a list", where()));
  std::vector<Yaml> items;
  for (std::size_t i = 0; i < node().size; ++i) items.push_back(child(i));
  return items;
}

std::vector<Yaml::Member> Yaml::members() const {
  std::vector<Member> members;
  std::set<std::string> known;
  add_members(members, known, 0);
  return members;
}

void Yaml::add_members(std::vector<Member>& members, std::set<std::string>& known,
                       std::size_t depth) const {
  if (kind() != Kind::kMap)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a mapping", where()));
  if (depth == kMaxMerges)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: \"<<\" leads on more than {} times", where(), kMaxMerges));
  std::vector<Yaml> merged;
  std::set<std::string> own;
  for (std::size_t i = 0; i + 1 < node().size; i += 2) {
    const Yaml key = child(i);
    std::string name = key.text();
    if (!own.insert(name).second)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: key \"{}\" already set in map", key.where(), name));
    Yaml value = child(i + 1);
    if (name == "<<" && key.style() == Style::kPlain)
      merged = value.kind() == Kind::kList ? value.items() : std::vector<Yaml>{value};
    else if (known.insert(name).second)
      members.emplace_back(std::move(name), std::move(value));
  }
  for (const Yaml& more : merged) more.add_members(members, known, depth + 1);
}

}  // namespace tote
