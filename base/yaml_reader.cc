#include "base/yaml_reader.h"

#include "base/error.h"
#include "base/yaml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace tote {
namespace {

constexpr std::size_t kMaxMerges = 100;  // one "<<" in what another names
// Of what is read of a document: aliases can name a long text many times.
constexpr std::size_t kMaxCopied = 16U << 20U;  // bytes
constexpr std::size_t kMaxCopies = 16;          // of all of its text

constexpr std::size_t kElsewhere = ~std::size_t{0};  // of a member that an outer mapping has too

std::string_view slice(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

}  // namespace

const Yaml::Node& Yaml::node() const noexcept {
  return document_->nodes[node_];
}

Yaml Yaml::child(std::size_t position) const {
  if (++document_->visits > kMaxYamlNodes)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: more than {} nodes", document_->origin, kMaxYamlNodes));
  return Yaml(document_, document_->children[node().value + position]);
}

Yaml::Kind Yaml::kind() const noexcept {
  return node().kind;
}

Yaml::Style Yaml::style() const noexcept {
  return node().style;
}

YamlType Yaml::type() const noexcept {
  return node().type;
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
  if (document_->copied > kMaxCopied + kMaxCopies * document_->text_size)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: aliases make too much of its text", document_->origin));
  const std::string& text = node().is_cooked ? document_->cooked : document_->source;
  return text.substr(node().value, node().size);
}

std::string Yaml::tag() const {
  const auto& tags = document_->tags;
  const auto found = std::lower_bound(tags.begin(), tags.end(), std::pair(node_, 0U));
  if (found == tags.end() || found->first != node_) return {};
  const std::string_view source = document_->source;
  std::size_t end = found->second;
  while (end < node().begin && source[end] != ' ' && source[end] != '\t' &&
         yaml_break_length(source, end) == 0)
    ++end;
  return std::string(slice(source, found->second, end));
}

YamlMark Yaml::begin_mark() const {
  return document_->mark(node().begin);
}

YamlMark Yaml::end_mark() const {
  return document_->mark(node().end);
}

std::string Yaml::raw() const {
  return document_->source.substr(node().begin, node().end - node().begin);
}

std::vector<Yaml> Yaml::items() const {
  if (kind() != Kind::kList)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a list", where()));
  std::vector<Yaml> items;
  for (std::size_t i = 0; i < node().size; ++i) items.push_back(child(i));
  return items;
}

void Yaml::check_map() const {
  if (kind() != Kind::kMap)
    throw Error(ErrorKind::kParse, fmt::format("{}: expected a mapping", where()));
}

std::vector<std::pair<Yaml, Yaml>> Yaml::entries() const {
  check_map();
  std::vector<std::pair<Yaml, Yaml>> entries;
  for (std::size_t i = 0; i + 1 < node().size; i += 2) entries.emplace_back(child(i), child(i + 1));
  return entries;
}

// What has been found of a mapping and of those that it merges.
struct Yaml::Merging {
  Duplicates duplicates;
  std::vector<Member> members = {};
  std::set<std::string> known = {};
};

std::vector<Yaml::Member> Yaml::members(Duplicates duplicates) const {
  Merging merging{duplicates};
  add_members(merging, 0);
  return std::move(merging.members);
}

void Yaml::add_members(Merging& merging, std::size_t depth) const {
  check_map();
  if (depth == kMaxMerges)
    throw Error(ErrorKind::kParse,
                fmt::format("{}: \"<<\" leads on more than {} times", where(), kMaxMerges));
  std::vector<Yaml> merged;
  std::map<std::string, std::size_t> own;  // and where among the members
  for (std::size_t i = 0; i + 1 < node().size; i += 2) {
    const Yaml key = child(i);
    std::string name = key.text();
    const auto [place, is_first] = own.try_emplace(name, merging.members.size());
    if (!is_first && merging.duplicates == Duplicates::kAreErrors)
      throw Error(ErrorKind::kParse,
                  fmt::format("{}: key \"{}\" already set in map", key.where(), name));
    Yaml value = child(i + 1);
    if (name == "<<" && key.style() == Style::kPlain)
      merged = value.kind() == Kind::kList ? value.items() : std::vector<Yaml>{value};
    else if (merging.known.insert(name).second)
      merging.members.emplace_back(std::move(name), std::move(value));
    else if (is_first)
      place->second = kElsewhere;
    else if (place->second != kElsewhere)
      merging.members[place->second].second = std::move(value);
  }
  for (const Yaml& more : merged) more.add_members(merging, depth + 1);
}

std::vector<YamlComment> Yaml::comments() const {
  std::vector<YamlComment> comments;
  const std::string_view source = document_->source;
  std::size_t at = document_->first;
  // What is no part of a scalar has no "#" but those of comments.
  const auto take_until = [&](std::size_t end) {
    const std::string_view gap = source.substr(0, end);
    for (; (at = gap.find('#', at)) < end; at = yaml_line_end(source, at))
      comments.push_back(
          {document_->mark(at), std::string(slice(source, at, yaml_line_end(source, at)))});
    at = end;
  };
  for (const Node& node : document_->nodes) {
    if (node.kind == Kind::kList || node.kind == Kind::kMap) continue;
    take_until(node.begin);
    const bool has_header = node.style == Style::kLiteral || node.style == Style::kFolded;
    if (has_header) take_until(yaml_line_end(source, node.begin));
    at = node.end;
  }
  take_until(document_->end);
  return comments;
}

}  // namespace tote
