#include "archive/tote_sums.h"

#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "base/printable.h"
#include "base/text.h"
#include "oci/digest.h"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace tote::archive {
namespace {

constexpr std::string_view kKind = "# tote.sums ";
constexpr std::string_view kVersion = "1";
constexpr std::uint64_t kMaxSums = 4096;

std::string sum_of(std::string_view content) {
  return oci::Digest::of(content).hex();
}

// The digests by name.
std::map<std::string, std::string> parse(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  const std::string kind = lines.front();
  if (kind.starts_with(kKind) && kind.substr(kKind.size()) != kVersion)
    throw Error(ErrorKind::kParse, fmt::format("it is of version '{}'; this tote reads version {}",
                                               printable(kind.substr(kKind.size())), kVersion))
        .with_hint("a newer tote reads it");
  constexpr std::size_t kHex = 64;
  constexpr std::string_view kBetween = "  ";
  std::map<std::string, std::string> sums;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i)
    if (lines[i].size() > kHex && lines[i].substr(kHex, kBetween.size()) == kBetween)
      sums.emplace(lines[i].substr(kHex + kBetween.size()), lines[i].substr(0, kHex));
  if (!kind.starts_with(kKind) || sums.size() + 2 != lines.size() || !lines.back().empty())
    throw Error(ErrorKind::kParse, "it is no list of SHA-256 digests and names");
  return sums;
}

void check_file(std::map<std::string, std::string>& sums, const std::string& name,
                const std::optional<std::string>& content) {
  const std::string want = sums.contains(name) ? sums.extract(name).mapped() : "none";
  const std::string got = content ? sum_of(*content) : "none";
  if (got != want)
    throw Error(ErrorKind::kParse, fmt::format("{} has SHA-256 '{}', but '{}' was written", name,
                                               got, printable(want)))
        .with_hint("the archive was damaged or changed since tote wrote it: fetch it again");
}

}  // namespace

ToteSums::ToteSums() : text_(fmt::format("{}{}\n", kKind, kVersion)) {}

void ToteSums::add(std::string_view name, std::string_view content) {
  text_ += fmt::format("{}  {}\n", sum_of(content), name);
}

void check_tote_sums(const FileSet& files, const std::optional<std::string>& manifest_json,
                     const std::optional<std::string>& index_json) {
  const auto text = files.read(kToteSums, kMaxSums);
  if (!text) return;
  while_doing([] { return kToteSums; },
              [&] {
                auto sums = parse(*text);
                check_file(sums, kManifestJson, manifest_json);
                check_file(sums, kIndexJson, index_json);
                check_file(sums, kOciLayout, files.read(kOciLayout, kMaxSums));
                if (!sums.empty())
                  throw Error(ErrorKind::kParse, fmt::format("it names '{}', which is none of its",
                                                             printable(sums.begin()->first)));
              });
}

}  // namespace tote::archive
