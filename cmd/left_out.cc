#include "cmd/left_out.h"

#include <fmt/format.h>

#include <cstdint>

namespace tote::cmd {

std::string describe(const bundle::LeftOut& left_out) {
  std::string text;
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0)
      text +=
          fmt::format("{}{} {}{}", text.empty() ? "" : ", ", count, what, count == 1 ? "" : "s");
  };
  add(left_out.symbolic_links, "symbolic link");
  add(left_out.hard_links, "hard link");
  add(left_out.others, "special file");
  add(left_out.records, "working copy record");
  return text;
}

}  // namespace tote::cmd
