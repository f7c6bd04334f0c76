// What a YAML scalar is taken for: text, a number, yes or no.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace tote {

enum class YamlType : std::uint8_t { kNull, kBool, kInteger, kFloat, kText };

// Of a plain scalar, as sigs.k8s.io/yaml 1.x takes it: that is what Helm reads values with, and
// Kubernetes manifests. It resolves by its copy of go-yaml v2, so YAML 1.1's "yes", "No", "on",
// "off", "y" and "n" are booleans (go-yaml v3 takes them for text where nobody asks for a boolean).
// Whole numbers may be signed and decimal, 0x1F, 0o17, 017 or 0b11, with "_" anywhere behind the
// first digit; those that do not fit into 64 bits are floats, or text if they have such a prefix
// (the latest release takes these for integers). A float that is too large is text. So are "1:30"
// and dates ("2020-01-01").
YamlType plain_yaml_type(std::string_view text);

// What a plain scalar of type kInteger or kFloat is: an integer where it fits. Infinity and NaN are
// numbers too, which JSON does not have.
using YamlNumber = std::variant<std::int64_t, std::uint64_t, double>;
YamlNumber yaml_number(std::string_view text);
double as_double(const YamlNumber& number) noexcept;

// Of a scalar with a tag that is written out ("tag:yaml.org,2002:int"), whatever its quotes. What
// does not fit its tag, which go-yaml refuses, is text; so is all with a tag of somebody's own.
YamlType tagged_yaml_type(std::string_view tag, std::string_view text);

}  // namespace tote
