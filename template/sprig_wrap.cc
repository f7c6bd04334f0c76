// Sprig's functions that break and shorten lines. They count bytes, as Sprig does.
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <utility>

namespace tote::go_template {
namespace {

struct Wrapping {
  std::size_t width;
  std::string_view line_break;
  bool breaks_words;
};

// Where the next line ends, and where the one behind it begins.
std::pair<std::size_t, std::size_t> line_end(std::string_view text, std::size_t at,
                                             const Wrapping& how) {
  const std::size_t blank = text.substr(at, how.width + 1).rfind(' ');
  if (blank != std::string_view::npos) return {at + blank, at + blank + 1};
  if (how.breaks_words) return {at + how.width, at + how.width};
  const std::size_t next = text.find(' ', at + how.width);
  if (next == std::string_view::npos) return {text.size(), text.size()};
  return {next, next + 1};
}

std::string wrap(Context& context, std::string_view text, const Wrapping& how) {
  std::string out;
  std::size_t at = 0;
  while (text.size() - at > how.width) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const auto [end, next] = line_end(text, at, how);
    out += text.substr(at, end - at);
    at = next;
    if (end == text.size()) break;
    context.take_bytes(how.line_break.size());
    out += how.line_break;
  }
  return out.append(text.substr(at));
}

std::size_t width_of(std::int64_t width) {
  return width < 1 ? 1 : static_cast<std::size_t>(width);
}

std::string wrap_lines(Context& context, std::int64_t width, std::string_view text) {
  return wrap(context, text, {.width = width_of(width), .line_break = "\n", .breaks_words = false});
}

std::string wrap_with(Context& context, std::int64_t width, std::string_view line_break,
                      std::string_view text) {
  if (line_break.empty()) line_break = "\n";
  return wrap(context, text,
              {.width = width_of(width), .line_break = line_break, .breaks_words = true});
}

// `width`: at least 4.
std::string abbreviate(std::string_view text, std::int64_t offset, std::int64_t width) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (size <= width) return std::string(text);
  offset = std::min(offset, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  const auto cut = static_cast<std::size_t>(width - 3);
  if (offset <= 4) return std::string(text.substr(0, cut)) + "...";
  if (width < 7) return {};
  if (offset + width - 3 < size)
    return "..." + abbreviate(text.substr(static_cast<std::size_t>(offset)), 0, width - 3);
  return "..." + std::string(text.substr(text.size() - cut));
}

}  // namespace

void add_wrap_functions(FunctionMap& all) {
  all["wrap"] = make_function(wrap_lines);
  all["wrapWith"] = make_function(wrap_with);
  all["abbrev"] = make_function([](std::int64_t width, std::string_view text) {
    return width < 4 ? std::string(text) : abbreviate(text, 0, width);
  });
  all["abbrevboth"] =
      make_function([](std::int64_t left, std::int64_t width, std::string_view text) {
        if (width < 4 || (left > 0 && width < 7)) return std::string(text);
        return abbreviate(text, left, width);
      });
}

}  // namespace tote::go_template
