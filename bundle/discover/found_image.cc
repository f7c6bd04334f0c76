#include "bundle/discover/found_image.h"

#include <algorithm>

namespace tote::bundle::discover {
namespace {

bool is_position(const std::string& part) {
  return !part.empty() &&
         std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string path_text(const ValuePath& path) {
  std::string text;
  for (const std::string& part : path) {
    if (is_position(part)) {
      text += "[" + part + "]";
      continue;
    }
    if (!text.empty()) text += '.';
    const bool is_plain = !part.empty() && part.find_first_of(".[]\" ") == std::string::npos;
    text += is_plain ? part : "\"" + part + "\"";
  }
  return text;
}

std::string_view name_of(Form form) noexcept {
  switch (form) {
    case Form::kNone:
      return "none";
    case Form::kSplit:
      return "split";
    case Form::kJoined:
      return "joined";
    case Form::kReference:
      return "ref";
    case Form::kNamed:
      return "named";
    case Form::kNameTag:
      return "name-tag";
    case Form::kPair:
      return "pair";
    case Form::kHub:
      return "hub";
  }
  return "";
}

std::string_view name_of(Certainty certainty) noexcept {
  switch (certainty) {
    case Certainty::kHigh:
      return "high";
    case Certainty::kMedium:
      return "medium";
    case Certainty::kLow:
      return "low";
  }
  return "";
}

std::string_view name_of(Evidence evidence) noexcept {
  switch (evidence) {
    case Evidence::kValues:
      return "values";
    case Evidence::kRendered:
      return "rendered";
    case Evidence::kAnnotation:
      return "annotation";
    case Evidence::kLockFile:
      return "lock-file";
    case Evidence::kHint:
      return "hint";
    case Evidence::kGiven:
      return "given";
  }
  return "";
}

}  // namespace tote::bundle::discover
