// What images locks and bundle locks have in common. Internal to bundle/.
#pragma once

#include "base/yaml_reader.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace tote::bundle {

inline constexpr const char* kLockApiVersion = "imgpkg.carvel.dev/v1alpha1";

// The members of a mapping by lower-case key: imgpkg reads keys without case. A key outside
// `known` is Error{kParse} in imgpkg's words.
std::map<std::string, Yaml> known_members(const Yaml& node, const std::set<std::string>& known);

// The scalar under `key` (lower-case), "" when absent or null.
std::string text_of(const std::map<std::string, Yaml>& members, const std::string& key);

// Checks apiVersion and kind of a document.
void check_document(const std::map<std::string, Yaml>& members, std::string_view kind);

// Error{kParse} that ends "Expected ref to be in digest form, got 'X'".
void check_digest_form(const std::string& image);

}  // namespace tote::bundle
