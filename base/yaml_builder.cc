#include "base/error.h"
#include "base/text.h"
#include "base/yaml_document.h"

#include <fmt/format.h>
#include <yaml.h>

#include <map>
#include <optional>

namespace tote {
namespace {

constexpr std::size_t kMaxText = 1U << 30U;
constexpr std::uint32_t kOpen = 0xffffffff;   // where a list begins that has not ended
constexpr std::size_t kMaxDepth = 1000;       // libyaml's time grows with the square of it
constexpr std::size_t kMaxDirectives = 1000;  // as it does with the number of these

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

// libyaml counts characters, the rest of the world bytes. Asked for places that come one behind the
// other, it is done in one pass.
class ByteCounter {
 public:
  explicit ByteCounter(std::string_view text) : text_(text) {}

  std::size_t offset(std::size_t character) {
    while (character_ < character && at_ < text_.size()) {
      do ++at_;
      while (at_ < text_.size() && is_continuation(text_[at_]));
      ++character_;
    }
    while (character_ > character) {
      do --at_;
      while (is_continuation(text_[at_]));
      --character_;
    }
    return at_;
  }

 private:
  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t character_ = 0;
};

std::size_t skip_blanks_and_comments(std::string_view text, std::size_t at) {
  for (;;) {
    at = std::min(text.find_first_not_of(" \t", at), text.size());
    if (at < text.size() && text[at] == '#') at = yaml_line_end(text, at);
    const std::size_t line_break = yaml_break_length(text, at);
    if (line_break == 0) return at;
    at += line_break;
  }
}

bool is_of_anchor(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Behind an anchor, which libyaml lets a ":" of a plain scalar follow at once, or behind a tag.
std::size_t skip_property(std::string_view text, std::size_t at) {
  const bool is_anchor = text[at] == '&';
  const auto is_part = [&] {
    if (is_anchor) return is_of_anchor(text[at]);
    return text[at] != ' ' && text[at] != '\t' && yaml_break_length(text, at) == 0;
  };
  do ++at;
  while (at < text.size() && is_part());
  return at;
}

YamlType type_of(const yaml_event_t& event) {
  const auto& scalar = event.data.scalar;
  const std::string_view value = view(scalar.value, scalar.length);
  if (scalar.tag != nullptr) return tagged_yaml_type(view(scalar.tag), value);
  return scalar.plain_implicit != 0 ? plain_yaml_type(value) : YamlType::kText;
}

}  // namespace

class Yaml::Builder {
 public:
  explicit Builder(Document& document)
      : document_(document),
        text_(std::string_view(document.source).substr(document.first)),
        events_(text_, document.origin),
        bytes_(text_) {}

  // The root of the next document; nullopt: there is no other.
  std::optional<std::uint32_t> next_document() {
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
          open(Kind::kList, event, event.data.sequence_start.anchor, event.data.sequence_start.tag);
          break;
        case YAML_MAPPING_START_EVENT:
          open(Kind::kMap, event, event.data.mapping_start.anchor, event.data.mapping_start.tag);
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          close(event);
          break;
        case YAML_DOCUMENT_END_EVENT:
          document_.end = offset(event.end_mark);
          anchors_.clear();
          return root_;
        case YAML_STREAM_END_EVENT:
          document_.end = document_.source.size();
          return std::nullopt;
        default:
          break;
      }
    }
  }

  // A null that the text does not have.
  std::uint32_t add_nothing() {
    Node node;
    node.begin = node.end = static_cast<std::uint32_t>(document_.first);
    return append(node, 0);
  }

  bool is_nothing(std::uint32_t node) const {
    const Node& found = document_.nodes[node];
    return found.kind == Kind::kNull && found.begin == found.end;
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

  [[noreturn]] void refuse_number() const {
    throw Error(ErrorKind::kParse,
                fmt::format("{}: more than {} nodes", document_.origin, kMaxYamlNodes));
  }

  std::size_t offset(const yaml_mark_t& mark) {
    return document_.first + bytes_.offset(mark.index);
  }

  std::uint32_t append(Node node, std::size_t line) {
    if (document_.nodes.size() == kMaxYamlNodes) refuse_number();
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

  // Behind an anchor and a tag that stand at `at`, in either order. The node is the next one.
  std::size_t skip_properties(std::size_t at, std::size_t end, int count) {
    const std::string_view text = document_.source;
    for (; count > 0 && at < end && (text[at] == '&' || text[at] == '!'); --count) {
      if (text[at] == '!')
        document_.tags.emplace_back(document_.nodes.size(), static_cast<std::uint32_t>(at));
      at = std::min(skip_blanks_and_comments(text, skip_property(text, at)), end);
    }
    return at;
  }

  // The place of its value, which in most cases is in the source like this.
  void set_value(Node& node, std::string_view value) {
    const bool is_quoted = node.style == Style::kSingleQuoted || node.style == Style::kDoubleQuoted;
    const std::size_t at = node.begin + (is_quoted ? 1U : 0U);
    const std::string_view source = document_.source;
    node.is_cooked = source.substr(std::min(at, source.size()), value.size()) != value;
    node.value = static_cast<std::uint32_t>(node.is_cooked ? document_.cooked.size() : at);
    node.size = static_cast<std::uint32_t>(value.size());
    if (node.is_cooked) document_.cooked += value;
    document_.text_size += value.size();
  }

  void add_scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    const std::string_view value = view(scalar.value, scalar.length);
    const bool is_nothing =
        scalar.plain_implicit != 0 && scalar.style == YAML_PLAIN_SCALAR_STYLE && is_null(value);
    Node node{is_nothing ? Kind::kNull : Kind::kScalar, style_of(scalar.style), type_of(event)};
    const std::size_t start = offset(event.start_mark);
    const std::size_t end = offset(event.end_mark);
    // No scalar begins like that itself.
    node.begin = static_cast<std::uint32_t>(skip_properties(start, end, 2));
    node.end = static_cast<std::uint32_t>(end);
    last_end_ = node.end;
    set_value(node, value);
    const std::uint32_t number = append(node, event.start_mark.line);
    name(scalar.anchor, number);
    put(number);
  }

  void add_alias(const yaml_event_t& event) {
    const std::string anchor(view(event.data.alias.anchor));
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      refuse(event.start_mark.line, fmt::format("unknown anchor '{}' referenced", anchor));
    const Node& target = document_.nodes[found->second];
    if (target.kind != Kind::kScalar && target.value == kOpen)
      refuse(event.start_mark.line, fmt::format("anchor '{}' value contains itself", anchor));
    if (++aliases_ > kMaxYamlNodes) refuse_number();
    last_end_ = static_cast<std::uint32_t>(offset(event.end_mark));
    put(found->second);
  }

  void open(Kind kind, const yaml_event_t& event, const yaml_char_t* anchor,
            const yaml_char_t* tag) {
    if (open_.size() == kMaxDepth)
      refuse(event.start_mark.line, fmt::format("nested more than {} deep", kMaxDepth));
    Node node{kind};
    node.value = kOpen;
    // Those of a first key do not count.
    const int count = (anchor == nullptr ? 0 : 1) + (tag == nullptr ? 0 : 1);
    node.begin = static_cast<std::uint32_t>(
        skip_properties(offset(event.start_mark), document_.source.size(), count));
    last_end_ = node.begin;
    const std::uint32_t number = append(node, event.start_mark.line);
    name(anchor, number);
    put(number);
    open_.push_back({number});
  }

  // Where no bracket ends it, the event stands at what comes next, maybe much further down.
  void close(const yaml_event_t& event) {
    const Open done = std::move(open_.back());
    open_.pop_back();
    if (event.start_mark.index < event.end_mark.index)
      last_end_ = static_cast<std::uint32_t>(offset(event.end_mark));
    Node& node = document_.nodes[done.node];
    node.end = last_end_;
    node.value = static_cast<std::uint32_t>(document_.children.size());
    node.size = static_cast<std::uint32_t>(done.children.size());
    document_.children.insert(document_.children.end(), done.children.begin(), done.children.end());
  }

  Document& document_;
  std::string_view text_;  // without a byte order mark
  Events events_;
  ByteCounter bytes_;
  std::vector<Open> open_;
  std::map<std::string, std::uint32_t> anchors_;
  std::size_t aliases_ = 0;
  std::uint32_t root_ = 0;
  std::uint32_t last_end_ = 0;  // of the last that is no list or mapping
};

std::shared_ptr<Yaml::Document> Yaml::make_document(std::string_view text,
                                                    std::string_view origin) {
  if (!is_utf8(text)) throw Error(ErrorKind::kParse, fmt::format("{}: not UTF-8", origin));
  if (text.size() > kMaxText)
    throw Error(ErrorKind::kParse, fmt::format("{}: more than {} bytes", origin, kMaxText));
  auto document = std::make_shared<Document>(text, origin);
  check_directives(text.substr(document->first), origin);
  return document;
}

Yaml Yaml::parse(std::string_view text, std::string_view origin) {
  std::shared_ptr<Document> document = make_document(text, origin);
  Builder builder(*document);
  const std::optional<std::uint32_t> root = builder.next_document();
  const std::uint32_t node = root ? *root : builder.add_nothing();
  return Yaml(std::move(document), node);
}

std::vector<Yaml> Yaml::parse_all(std::string_view text, std::string_view origin) {
  const std::shared_ptr<Document> document = make_document(text, origin);
  Builder builder(*document);
  std::vector<Yaml> roots;
  while (const std::optional<std::uint32_t> root = builder.next_document())
    if (!builder.is_nothing(*root)) roots.push_back(Yaml(document, *root));
  return roots;
}

}  // namespace tote
