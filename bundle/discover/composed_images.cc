#include "bundle/discover/composed_images.h"

#include "base/text.h"
#include "bundle/discover/image_parts.h"

#include <algorithm>
#include <set>

namespace tote::bundle::discover {
namespace {

constexpr std::size_t kMaxText = 500;
constexpr std::size_t kMaxImages = 1000;

// A value, or a fixed text without a place.
struct Piece {
  Part part;
  bool is_fixed;
};
using Pieces = std::vector<Piece>;

// "PATH" of ".Values.PATH"; nothing for anything else.
std::optional<std::string_view> values_path(std::string_view word) {
  constexpr std::string_view kValues = ".Values.";
  const std::size_t at = word.starts_with('$') ? 1 : 0;
  if (!word.substr(at).starts_with(kValues)) return std::nullopt;
  return word.substr(at + kValues.size());
}

Part part_of_word(const ChartScope& chart, std::string_view word) {
  if (word == ".Chart.AppVersion" || word == "$.Chart.AppVersion")
    return {.text = chart.app_version};
  const std::optional<std::string_view> path = values_path(word);
  Part part = path ? part_at(chart, *path) : Part{};
  if (is_template(part.text)) part.text.clear();
  return part;
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words = split(text, ' ');
  std::erase(words, "");
  return words;
}

// ".Values.a", ".Values.a | default .Values.b", "default .Values.b .Values.a".
Part work_out(const ChartScope& chart, std::string_view expression) {
  if (expression.starts_with('-')) expression.remove_prefix(1);
  if (expression.ends_with('-')) expression.remove_suffix(1);
  std::vector<std::string> words = words_in(expression);
  if (words.size() == 3 && words[0] == "default") words = {words[2], "|", "default", words[1]};
  const bool has_default = words.size() == 4 && words[1] == "|" && words[2] == "default";
  if (words.size() != 1 && !has_default) return {};
  Part part = part_of_word(chart, words[0]);
  if (!part.empty() || !has_default) return part;
  Part other = part_of_word(chart, words[3]);
  if (other.path.empty()) other.path = part.path;
  return other;
}

// Empty: it can not be worked out.
Pieces pieces_of(const ChartScope& chart, std::string_view text) {
  Pieces pieces;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find("{{"), text.size());
    if (begin > 0) pieces.push_back({{.text = std::string(text.substr(0, begin))}, true});
    if (begin == text.size()) break;
    const std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) return {};
    Part part = work_out(chart, text.substr(begin + 2, end - begin - 2));
    if (part.empty()) return {};
    pieces.push_back({std::move(part), false});
    text.remove_prefix(end + 2);
  }
  return pieces;
}

// What may be an image in a line: a text behind "key:" or "--flag=", quotes taken off.
std::string_view value_in(std::string_view line) {
  const std::size_t begin = line.find("{{");
  if (begin == std::string_view::npos) return {};
  const std::size_t before = line.find_last_of(" \"'", begin);
  line = trim(line.substr(before == std::string_view::npos ? 0 : before + 1));
  while (line.ends_with('"') || line.ends_with('\'')) line.remove_suffix(1);
  if (line.starts_with("--")) line.remove_prefix(std::min(line.find('='), line.size() - 1) + 1);
  return line.size() > kMaxText ? std::string_view() : line;
}

std::string why_path_is_off(const ChartScope& chart, const ValuePath& path) {
  const chart::Value* value = chart.values.get();
  ValuePath here = chart.prefix;
  for (std::size_t i = chart.prefix.size(); i + 1 < path.size(); ++i) {
    value = value->find(path[i]);
    if (value == nullptr) return "";
    here.push_back(path[i]);
    if (std::string reason = why_off(*value, here); !reason.empty()) return reason;
  }
  return "";
}

Form form_behind(const Part& registry) {
  return registry.text.find('/') == std::string::npos ? Form::kSplit : Form::kHub;
}

class Composer {
 public:
  explicit Composer(const ChartScope& chart) : chart_(chart) {
    for (const FoundImage& image : chart.result.images) {
      for (const ImageName& name : image.candidates) known_.insert(name.repository_name());
      places_.insert(image.fields.repository);
    }
  }

  void add_file(const std::string& name, std::string_view text) {
    std::size_t number = 0;
    for (const std::string& line : split(text, '\n')) {
      ++number;
      if (line.find("}}:{{") == std::string::npos && line.find("}}/") == std::string::npos)
        continue;
      where_ = name + ", line " + std::to_string(number);
      add(pieces_of(chart_, value_in(line)));
    }
  }

  // Whether there is an image with this value in it.
  bool has_worked_out(const ValuePath& path) const { return paths_.contains(path); }

 private:
  void add(const Pieces& pieces) {
    std::string text;
    for (const Piece& piece : pieces) text += piece.part.text;
    const std::optional<ImageName> name = ImageName::parse(text);
    if (!name || name->tag.empty() || text.find('/') == std::string::npos || added_ == kMaxImages)
      return;
    if (is_known_place(pieces) || !known_.insert(name->repository_name()).second) return;
    ++added_;
    FoundImage image{.candidates = {*name}, .evidence = Evidence::kValues, .rule = "V11"};
    image.certainty = Certainty::kLow;
    image.chart = chart_.place();
    image.where = where_;
    image.optional = chart_.disabled;
    set_places(pieces, image);
    chart_.result.images.push_back(std::move(image));
  }

  // Whether other rules have taken what stands in front of the tag, perhaps with another registry.
  bool is_known_place(const Pieces& pieces) const {
    std::vector<const ValuePath*> paths;
    for (const Piece& piece : pieces)
      if (!piece.is_fixed) paths.push_back(&piece.part.path);
    return paths.size() > 1 && places_.contains(*paths[paths.size() - 2]);
  }

  // Without fixed parts: registry, repository and tag, or the last two. Else nothing can be
  // written.
  void set_places(const Pieces& pieces, FoundImage& image) {
    std::vector<const Part*> values;
    std::string between;
    for (const Piece& piece : pieces) {
      if (piece.is_fixed)
        between += piece.part.text;
      else
        values.push_back(&piece.part);
    }
    for (const Part* part : values) paths_.insert(part->path);
    for (const Part* part : values)
      if (image.optional.empty()) image.optional = why_path_is_off(chart_, part->path);
    const Part& first = *values.front();
    image.path = values.size() > 1 ? values[values.size() - 2]->path : first.path;
    if (between != "/:" && between != ":") return;
    image.form = between == ":" ? Form::kPair : form_behind(first);
    if (between == "/:") image.fields.registry = first.path;
    image.fields.repository = image.path;
    image.fields.tag = values.back()->path;
  }

  const ChartScope& chart_;
  std::set<std::string> known_;
  std::set<ValuePath> places_;  // of repositories that other rules have found
  std::set<ValuePath> paths_;   // of the values in what was found
  std::string where_;
  std::size_t added_ = 0;
};

}  // namespace

void take_composed_images(const ChartScope& chart) {
  constexpr std::string_view kTemplates = "templates/";
  Composer composer(chart);
  const auto& files = chart.chart.chart->files;
  for (auto it = files.lower_bound(kTemplates);
       it != files.end() && it->first.starts_with(kTemplates); ++it)
    if (!it->first.ends_with(".txt")) composer.add_file(it->first, it->second);
  std::erase_if(chart.result.unresolved, [&](const UnresolvedImage& one) {
    return one.code == "name-in-templates" && composer.has_worked_out(one.path);
  });
}

}  // namespace tote::bundle::discover
