// Sprig's functions of semantic versions.
#include "base/error.h"
#include "base/json_quote.h"
#include "base/version.h"
#include "base/version_range.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <string>
#include <utility>

namespace tote::go_template {
namespace {

constexpr Type kVersionType{.kind = Kind::kPointer, .name = "*semver.Version"};

Version parsed(std::string_view text) {
  std::optional<Version> version = Version::parse(text);
  if (!version) fail_call("Invalid Semantic Version");
  return std::move(*version);
}

class VersionObject final : public Object {
 public:
  VersionObject(Version version, std::string original)
      : version_(std::move(version)), original_(std::move(original)) {}

  const Type& type() const override { return kVersionType; }
  std::optional<std::string> text() const override { return version_.str(); }
  std::optional<std::string> json() const override { return json_quote(version_.str()); }

  FunctionPtr method(std::string_view name) const override {
    if (name == "Major") return number(version_.major);
    if (name == "Minor") return number(version_.minor);
    if (name == "Patch") return number(version_.patch);
    if (name == "Prerelease") return words(version_.prerelease);
    if (name == "Metadata") return words(version_.metadata);
    if (name == "Original") return words(original_);
    if (name == "String") return words(version_.str());
    return comparison(name);
  }

 private:
  using Other = Typed<kVersionType>;

  static FunctionPtr number(std::uint64_t value) {
    return make_function([value] { return Typed<kUint64Type>{Value::uint64(value)}; });
  }
  static FunctionPtr words(std::string value) {
    return make_function([value = std::move(value)] { return value; });
  }
  static const Version& version_of(const Other& other) {
    if (other.value.is_nil_of_its_type())
      fail_call("runtime error: invalid memory address or nil pointer dereference");
    return static_cast<const VersionObject&>(*other.value.object()).version_;
  }

  FunctionPtr comparison(std::string_view name) const {
    const Version own = version_;
    if (name == "Compare")
      return make_function([own](const Other& other) -> std::int64_t {
        const auto order = own <=> version_of(other);
        return order < 0 ? -1 : order > 0 ? 1 : 0;
      });
    if (name == "LessThan")
      return make_function([own](const Other& other) { return own < version_of(other); });
    if (name == "GreaterThan")
      return make_function([own](const Other& other) { return own > version_of(other); });
    if (name == "Equal")
      return make_function([own](const Other& other) { return own == version_of(other); });
    return nullptr;
  }

  Version version_;
  std::string original_;
};

bool is_in_range(std::string_view range, std::string_view version) {
  const std::optional<VersionRange> wanted = VersionRange::try_parse(range);
  if (!wanted) fail_call("improper constraint: " + std::string(range));
  return wanted->contains(parsed(version));
}

Typed<kVersionType> semver(std::string_view text) {
  return {Value::object(std::make_shared<VersionObject>(parsed(text), std::string(text)))};
}

}  // namespace

void add_semver_functions(FunctionMap& all) {
  all["semver"] = make_function(semver);
  all["semverCompare"] = make_function(is_in_range);
}

}  // namespace tote::go_template
