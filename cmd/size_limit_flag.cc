#include "cmd/size_limit_flag.h"

#include "base/text.h"
#include "cmd/cli/byte_size.h"

#include <algorithm>
#include <utility>

namespace tote::cmd {
namespace {

bundle::SizeLimit parse_limit(const std::string& text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::uint64_t bytes = parse_byte_size(std::string_view(text).substr(sign), "--max-size");
  if (sign == 1 && bytes > 0) return std::nullopt;
  return bytes;
}

}  // namespace

Flag& add_size_limit(FlagSet& flags, bundle::SizeLimit& limit, std::string help) {
  return flags
      .add_string("max-size", "", std::move(help),
                  [&limit](const std::string& text) { limit = parse_limit(text); })
      .own();
}

}  // namespace tote::cmd
