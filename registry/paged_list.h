// Lists that a registry gives in pages (OCI distribution specification 1.1, "Listing Tags" and
// "Listing Referrers").
#pragma once

#include "registry/host.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace tote::registry {

// Takes the text of a page; false if it repeats what earlier pages had.
using TakePage = std::function<bool(const std::string& text)>;

// What all pages together may have.
inline constexpr std::uint64_t kMaxList = 64U << 20U;

// The page that `first` is, and those that its Link leads to. Error{kRegistry} for a list that
// repeats itself, that goes on somewhere else or in a way that can not be understood, or that is
// larger than 64 MiB. `what` names it in complaints: "list of tags".
void read_pages(Host::Fetched first, Host& host, const std::string& repository,
                const std::string& what, const TakePage& take, const std::stop_token& stop);

}  // namespace tote::registry
