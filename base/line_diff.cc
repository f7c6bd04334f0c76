#include "base/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tote {
namespace {

// How far the search for the middle of a difference goes from both ends. What a file of n lines
// costs is at most n times this.
constexpr std::int32_t kMaxSteps = 512;
constexpr std::int32_t kUnreachable = -1;

// Lines as numbers: the same for the same text.
using Numbers = std::vector<std::uint32_t>;

// The lines of one text that the other one has somewhere too: the rest comes or goes in any case.
struct Shared {
  Numbers lines;
  std::vector<std::size_t> places;  // where they stand in the text
};

Shared shared_lines(const Numbers& text, const Numbers& other, std::size_t kinds) {
  std::vector<bool> is_there(kinds, false);
  for (const std::uint32_t line : other) is_there[line] = true;
  Shared shared;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_there[text[i]]) {
      shared.lines.push_back(text[i]);
      shared.places.push_back(i);
    }
  return shared;
}

struct Point {
  std::int32_t x;  // in the old text
  std::int32_t y;  // in the new one
};

// What is left to be compared.
struct Box {
  Point begin;
  Point end;
};

// How far each diagonal (x - y) has been followed from one corner, by its x.
class Frontier {
 public:
  Frontier() : reached_(2 * kMaxSteps + 3, kUnreachable) {}

  std::int32_t& operator[](std::int32_t diagonal) {
    const std::int32_t place = diagonal + kMaxSteps + 1;
    return reached_[static_cast<std::size_t>(place)];
  }
  void reset() { std::fill(reached_.begin(), reached_.end(), kUnreachable); }

 private:
  std::vector<std::int32_t> reached_;
};

class Myers {
 public:
  // `kinds`: how many different lines there are.
  Myers(const Numbers& before, const Numbers& after, std::size_t kinds)
      : before_(shared_lines(before, after, kinds)),
        after_(shared_lines(after, before, kinds)),
        stays_before_(before.size(), false),
        stays_after_(after.size(), false) {
    for (const std::size_t i : before_.places) stays_before_[i] = true;
    for (const std::size_t i : after_.places) stays_after_[i] = true;
  }

  std::vector<LineChange> run() {
    todo_.push_back({{0, 0},
                     {static_cast<std::int32_t>(before_.lines.size()),
                      static_cast<std::int32_t>(after_.lines.size())}});
    while (!todo_.empty()) {
      const Box box = trimmed(todo_.back());
      todo_.pop_back();
      compare(box);
    }
    return changes();
  }

 private:
  std::uint32_t old_line(std::int32_t i) const {
    return before_.lines[static_cast<std::size_t>(i)];
  }
  std::uint32_t new_line(std::int32_t i) const { return after_.lines[static_cast<std::size_t>(i)]; }

  // Without what is the same at both ends.
  Box trimmed(Box box) const {
    while (box.begin.x < box.end.x && box.begin.y < box.end.y &&
           old_line(box.begin.x) == new_line(box.begin.y))
      ++box.begin.x, ++box.begin.y;
    while (box.begin.x < box.end.x && box.begin.y < box.end.y &&
           old_line(box.end.x - 1) == new_line(box.end.y - 1))
      --box.end.x, --box.end.y;
    return box;
  }

  void compare(const Box& box) {
    if (box.begin.x == box.end.x || box.begin.y == box.end.y) {
      for (std::int32_t i = box.begin.x; i < box.end.x; ++i)
        stays_before_[before_.places[static_cast<std::size_t>(i)]] = false;
      for (std::int32_t i = box.begin.y; i < box.end.y; ++i)
        stays_after_[after_.places[static_cast<std::size_t>(i)]] = false;
      return;
    }
    // Neither corner, since both texts have lines here, of which the first and the last differ.
    const Point middle = find_middle(box);
    todo_.push_back({box.begin, middle});
    todo_.push_back({middle, box.end});
  }

  // A point that a shortest way passes, or if that is too far one that much can be had with.
  Point find_middle(const Box& box) {
    const std::int32_t width = box.end.x - box.begin.x;
    const std::int32_t height = box.end.y - box.begin.y;
    const std::int32_t delta = width - height;
    const bool is_odd = (delta & 1) != 0;
    forward_.reset();
    backward_.reset();
    for (std::int32_t steps = 0; steps <= kMaxSteps; ++steps) {
      for (std::int32_t k = -steps; k <= steps; k += 2) {
        const std::int32_t x = advance(forward_, k, steps, {width, height});
        if (x == kUnreachable) continue;
        forward_[k] = follow_forward(box, x, k);
        if (is_odd && meets(forward_[k], backward_, delta - k, steps - 1, width))
          return at(box, forward_[k], k);
      }
      for (std::int32_t k = -steps; k <= steps; k += 2) {
        const std::int32_t x = advance(backward_, k, steps, {width, height});
        if (x == kUnreachable) continue;
        backward_[k] = follow_backward(box, x, k);
        if (!is_odd && meets(backward_[k], forward_, delta - k, steps, width))
          return {box.end.x - backward_[k], box.end.y - (backward_[k] - k)};
      }
    }
    return best(box);
  }

  // The furthest x on diagonal `k` with at most that many lines removed or added.
  static std::int32_t advance(Frontier& frontier, std::int32_t k, std::int32_t steps, Point size) {
    if (steps == 0) return 0;
    std::int32_t x = frontier[k];
    if (const std::int32_t left = frontier[k - 1]; left != kUnreachable && left < size.x)
      x = std::max(x, left + 1);
    if (const std::int32_t above = frontier[k + 1]; above != kUnreachable && above - k <= size.y)
      x = std::max(x, above);
    return x;
  }

  std::int32_t follow_forward(const Box& box, std::int32_t x, std::int32_t k) const {
    while (box.begin.x + x < box.end.x && box.begin.y + x - k < box.end.y &&
           old_line(box.begin.x + x) == new_line(box.begin.y + x - k))
      ++x;
    return x;
  }

  std::int32_t follow_backward(const Box& box, std::int32_t x, std::int32_t k) const {
    while (box.end.x - x > box.begin.x && box.end.y - (x - k) > box.begin.y &&
           old_line(box.end.x - x - 1) == new_line(box.end.y - (x - k) - 1))
      ++x;
    return x;
  }

  // Whether what comes from the other corner on the same diagonal is there already.
  static bool meets(std::int32_t x, Frontier& other, std::int32_t k, std::int32_t steps,
                    std::int32_t width) {
    if (k < -steps || k > steps || other[k] == kUnreachable) return false;
    return x + other[k] >= width;
  }

  static Point at(const Box& box, std::int32_t x, std::int32_t k) {
    return {box.begin.x + x, box.begin.y + x - k};
  }

  // The furthest point from the beginning.
  Point best(const Box& box) {
    Point found = box.begin;
    for (std::int32_t k = -kMaxSteps; k <= kMaxSteps; ++k) {
      if (forward_[k] == kUnreachable) continue;
      const Point point = at(box, forward_[k], k);
      if (point.x + point.y > found.x + found.y) found = point;
    }
    return found;
  }

  std::vector<LineChange> changes() const {
    std::vector<LineChange> changes;
    std::size_t x = 0;
    std::size_t y = 0;
    while (x < stays_before_.size() || y < stays_after_.size()) {
      const std::size_t old_begin = x;
      const std::size_t new_begin = y;
      while (x < stays_before_.size() && !stays_before_[x]) ++x;
      while (y < stays_after_.size() && !stays_after_[y]) ++y;
      if (x > old_begin || y > new_begin) changes.push_back({old_begin, x, new_begin, y});
      if (x < stays_before_.size()) ++x, ++y;
    }
    return changes;
  }

  const Shared before_;
  const Shared after_;
  std::vector<bool> stays_before_;
  std::vector<bool> stays_after_;
  std::vector<Box> todo_;
  Frontier forward_;
  Frontier backward_;
};

// ---- as text -----------------------------------------------------------------------------------

// "12,3": where it begins, from 1, and how many lines it is. Of none, the line before it.
std::string range_text(std::size_t begin, std::size_t end) {
  const std::size_t count = end - begin;
  const std::size_t first = count == 0 ? begin : begin + 1;
  return count == 1 ? fmt::format("{}", first) : fmt::format("{},{}", first, count);
}

class Hunks {
 public:
  Hunks(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after,
        std::size_t context)
      : before_(before), after_(after), context_(context) {}

  std::string text(const std::vector<LineChange>& changes) {
    for (auto first = changes.begin(); first != changes.end();) {
      auto last = first;
      while (last + 1 != changes.end() && (last + 1)->old_begin - last->old_end <= 2 * context_)
        ++last;
      add_hunk(first, last + 1);
      first = last + 1;
    }
    return std::move(out_);
  }

 private:
  using Position = std::vector<LineChange>::const_iterator;

  void add_hunk(Position first, Position end) {
    const LineChange& last = *(end - 1);
    const std::size_t lead = std::min(context_, first->old_begin);
    const std::size_t trail = std::min(context_, before_.size() - last.old_end);
    out_ +=
        fmt::format("@@ -{} +{} @@\n", range_text(first->old_begin - lead, last.old_end + trail),
                    range_text(first->new_begin - lead, last.new_end + trail));
    std::size_t at = first->old_begin - lead;
    for (Position change = first; change != end; ++change) {
      add_lines(' ', before_, at, change->old_begin);
      add_lines('-', before_, change->old_begin, change->old_end);
      add_lines('+', after_, change->new_begin, change->new_end);
      at = change->old_end;
    }
    add_lines(' ', before_, at, last.old_end + trail);
  }

  void add_lines(char mark, const std::vector<std::string_view>& lines, std::size_t begin,
                 std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      out_ += mark;
      out_ += lines[i];
      if (!lines[i].ends_with('\n')) out_ += "\n\\ No newline at end of file\n";
    }
  }

  const std::vector<std::string_view>& before_;
  const std::vector<std::string_view>& after_;
  const std::size_t context_;
  std::string out_;
};

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

bool is_binary(std::string_view text) noexcept {
  constexpr std::size_t kLookedAt = 8000;
  return text.substr(0, kLookedAt).find('\0') != std::string_view::npos;
}

std::vector<LineChange> diff_lines(const std::vector<std::string_view>& before,
                                   const std::vector<std::string_view>& after) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  const auto numbers_of = [&](const std::vector<std::string_view>& lines) {
    Numbers numbers;
    numbers.reserve(lines.size());
    for (const std::string_view line : lines)
      numbers.push_back(
          known.emplace(line, static_cast<std::uint32_t>(known.size())).first->second);
    return numbers;
  };
  const Numbers old_numbers = numbers_of(before);
  const Numbers new_numbers = numbers_of(after);
  return Myers(old_numbers, new_numbers, known.size()).run();
}

std::string unified_diff(std::string_view before, std::string_view after, std::size_t context) {
  const std::vector<std::string_view> old_lines = split_lines(before);
  const std::vector<std::string_view> new_lines = split_lines(after);
  return Hunks(old_lines, new_lines, context).text(diff_lines(old_lines, new_lines));
}

}  // namespace tote
