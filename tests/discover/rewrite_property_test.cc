// Manifests in all manners of writing: whatever is around references stays as it is.
#include "base/yaml_reader.h"
#include "bundle/discover/rewrite.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle::discover {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Writes what means the same in one of many ways.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string manifests() {
    std::string text = one_of({"", std::string(kByteOrderMark), "# a file\n", "---\n"});
    for (int i = 0; i < 3; ++i) {
      if (i > 0) text += one_of({"---\n", "--- # next\n", "...\n---\n"});
      text += object();
    }
    return one_of({"\n", "\r\n"}) == "\n" ? text : with_windows_lines(text);
  }

 private:
  std::string one_of(const std::vector<std::string>& texts) {
    return texts[std::uniform_int_distribution<std::size_t>(0, texts.size() - 1)(random_)];
  }

  std::string name() { return one_of({"nginx", full_name()}); }

  std::string full_name() {
    return one_of({"r.io/a:1", "r.io/a:10", "r.io:5000/b/c:v1.2-x", "localhost/d:e",
                   "r.io/f@sha256:" + std::string(64, 'c')});
  }

  std::string comment() { return one_of({"", "", " # r.io/a:1", "   #x"}); }

  std::string scalar(const std::string& text) {
    return one_of(
        {text, "'" + text + "'", "\"" + text + "\"", "!!str " + text, "\"" + escaped(text) + "\""});
  }

  static std::string escaped(std::string text) { return text.replace(1, 1, hex(text[1])); }

  static std::string hex(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return std::string("\\x") + kDigits[byte / 16] + kDigits[byte % 16];
  }

  std::string object() {
    return "apiVersion: v1\nkind:   Pod" + comment() + "\nspec:\n  containers:\n" +
           container("- ") + container("-   ") + "  other: [1.10, yes, ~, 'x' , \"\\t\"]" +
           comment() + "\n";
  }

  std::string container(const std::string& dash) {
    const std::string indent(2 + dash.size(), ' ');
    std::string text = "  " + dash +
                       one_of({"image: " + scalar(name()), "image: >-\n" + indent + "  " + name(),
                               "image: |-\n" + indent + "  " + name()});
    text += comment_if_flow(text) + "\n" + indent + "args: [" +
            "--x-image=r.io/a:1, '--y=" + full_name() + "']" + comment() + "\n" + indent +
            "env:\n" + indent + "- name: IMAGES\n" + indent + "  value: |" + comment() + "\n" +
            indent + "    1=" + "r.io/a:1\n" + indent + "    2=" + "r.io/a:10\n";
    return text;
  }

  // Behind a block it would be a part of it.
  std::string comment_if_flow(const std::string& text) {
    return text.find('\n') == std::string::npos ? comment() : "";
  }

  static std::string with_windows_lines(const std::string& text) {
    std::string changed;
    for (const char c : text) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return changed;
  }

  std::mt19937 random_;
};

struct Cut {
  std::size_t begin;
  std::size_t end;
};

// What is left of a text without its scalars that name images.
std::string around(std::string_view text, std::vector<Cut> cuts) {
  std::sort(cuts.begin(), cuts.end(), [](const Cut& a, const Cut& b) { return a.begin < b.begin; });
  std::string left;
  std::size_t behind = 0;
  for (const Cut& cut : cuts) {
    if (cut.begin < behind) continue;
    left += std::string(text.substr(behind, cut.begin - behind)) + "<>";
    behind = cut.end;
  }
  return left + std::string(text.substr(behind));
}

std::vector<Cut> scalars_of(const ManifestScan& scan) {
  std::vector<Cut> cuts;
  for (const SeenImage& image : scan.images)
    for (const ImageSpot& spot : image.spots)
      cuts.push_back({spot.scalar.begin_mark().offset, spot.scalar.end_mark().offset});
  return cuts;
}

// A tree as text, with "new.io/" taken out of it.
std::string tree(const Yaml& node) {
  std::string text;
  switch (node.kind()) {
    case Yaml::Kind::kNull:
      return "~";
    case Yaml::Kind::kList:
      for (const Yaml& item : node.items()) text += tree(item) + ",";
      return "[" + text + "]";
    case Yaml::Kind::kMap:
      for (const auto& [key, value] : node.entries()) text += tree(key) + ":" + tree(value) + ",";
      return "{" + text + "}";
    case Yaml::Kind::kScalar:
      break;
  }
  text = node.text();
  for (std::size_t at = text.find("new.io/"); at != std::string::npos; at = text.find("new.io/"))
    text.erase(at, 7);
  return "<" + text + ">" + (node.type() == YamlType::kText ? "" : "!");
}

std::string trees(const std::vector<Yaml>& documents) {
  std::string text;
  for (const Yaml& document : documents) text += tree(document) + "\n";
  return text;
}

std::optional<ImageName> moved(const FoundImage& image) {
  ImageName name = image.candidates.front();
  if (name.registry == "docker.io" || name.registry == "r.io:5000") return std::nullopt;
  return ImageName{"new.io", name.registry + "/" + name.repository, name.tag, name.digest};
}

class ManyWaysOfWriting : public testing::TestWithParam<unsigned> {};

TEST_P(ManyWaysOfWriting, KeepAllThatIsNoReference) {
  const std::string text = Writer(GetParam()).manifests();
  const ManifestScan scan = scan_manifests(text, "m.yaml");
  ASSERT_EQ(scan.images.size(), 30U) << text;
  const Rewritten rewritten = rewrite_manifests(text, "m.yaml", scan, moved);
  const ManifestScan again = scan_manifests(rewritten.text, "m.yaml");
  ASSERT_EQ(again.images.size(), scan.images.size()) << rewritten.text;
  for (std::size_t i = 0; i < scan.images.size(); ++i) {
    const FoundImage& before = scan.images[i].found;
    EXPECT_EQ(again.images[i].found.candidates.front(),
              moved(before).value_or(before.candidates.front()));
  }
  EXPECT_EQ(around(rewritten.text, scalars_of(again)), around(text, scalars_of(scan)));
  EXPECT_EQ(trees(Yaml::parse_all(rewritten.text, "new")), trees(Yaml::parse_all(text, "old")));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ManyWaysOfWriting, testing::Range(0U, 200U));

}  // namespace
}  // namespace tote::bundle::discover
