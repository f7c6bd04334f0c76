#include "bundle/discover/variants.h"

#include "bundle/discover/key_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::bundle::discover {
namespace {

constexpr std::array<std::string_view, 12> kPlatforms{"amd64",   "arm64",   "arm",     "armv7",
                                                      "x86",     "x8664",   "aarch64", "s390x",
                                                      "ppc64le", "riscv64", "linux",   "windows"};
constexpr std::array<std::string_view, 4> kForAll{"generic", "default", "common", "base"};

struct Variant {
  std::string name;
  Part digest;
};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<Variant> variants_in(const MapScope& scope) {
  std::vector<Variant> variants;
  for (const auto& [key, value] : scope.map.members()) {
    const std::vector<std::string> words = words_of(key);
    if (words.size() != 2 || words[1] != "digest" || words[0] == "image" || words[0] == "use")
      continue;
    if (value->is_scalar() || value->is_null()) variants.push_back({words[0], scope.part(key)});
  }
  return variants;
}

void add_variant(const MapScope& scope, const ImageParts& parts, const Variant& variant,
                 const std::string& needed) {
  ImageParts one = parts;
  one.repository_suffix = "-" + variant.name + parts.repository_suffix;
  one.certainty = Certainty::kLow;
  const chart::Value* uses_digest = scope.map.find("useDigest");
  const bool is_off = uses_digest != nullptr && uses_digest->is(false);
  one.digest = variant.digest;
  if (is_off) one.digest.text.clear();
  if (variant.name != needed) one.optional = fmt::format("it is the one for '{}'", variant.name);
  add_image(scope, one);
}

void report_platforms(const MapScope& scope) {
  add_report(scope, scope.path, "platform-digest",
             "digests for single platforms are not those of the image: its tag counts");
}

}  // namespace

bool take_variants(const MapScope& scope, const ImageParts& parts) {
  ImageParts suffixed = parts;
  const Part suffix = scope.part("suffix");
  if (!suffix.empty()) {
    suffixed.repository_suffix = suffix.text;
    suffixed.certainty = Certainty::kLow;
    add_report(scope, suffix.path, "image-modifier",
               "it is put behind the repository in a way that only the templates know");
  }
  std::vector<Variant> variants = variants_in(scope);
  const bool has_platforms = std::any_of(variants.begin(), variants.end(), [](const Variant& one) {
    return is_one_of(kPlatforms, one.name);
  });
  if (has_platforms) report_platforms(scope);
  std::erase_if(variants, [](const Variant& one) { return is_one_of(kPlatforms, one.name); });
  const auto for_all = std::find_if(variants.begin(), variants.end(), [](const Variant& one) {
    return is_one_of(kForAll, one.name);
  });
  if (variants.size() < 2 && for_all == variants.end()) {
    if (!suffix.empty()) add_image(scope, suffixed);
    return !suffix.empty();
  }
  const std::string needed = for_all == variants.end() ? variants.front().name : for_all->name;
  for (const Variant& variant : variants) add_variant(scope, suffixed, variant, needed);
  return true;
}

}  // namespace tote::bundle::discover
