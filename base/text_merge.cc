#include "base/text_merge.h"

#include "base/line_diff.h"

#include <algorithm>
#include <vector>

namespace tote {
namespace {

using Lines = std::vector<std::string_view>;

// One side, and how far its changes have been used.
class Side {
 public:
  Side(const Lines& base, std::string_view text)
      : lines_(split_lines(text)), changes_(diff_lines(base, lines_)), next_(changes_.begin()) {}

  // Where in the base its next change begins; SIZE_MAX: there is none.
  std::size_t next_begin() const { return next_ == changes_.end() ? SIZE_MAX : next_->old_begin; }

  // Uses the changes that begin up to `end`, and moves it behind them. False if there is none.
  bool use_changes(std::size_t& end) {
    bool any = false;
    for (; next_ != changes_.end() && next_->old_begin <= end; ++next_) {
      end = std::max(end, next_->old_end);
      shift_ += (next_->new_end - next_->new_begin) - (next_->old_end - next_->old_begin);
      any = true;
    }
    return any;
  }

  // Where a line of the base stands here. REQUIRES: it is in no change, or behind the last one used
  std::size_t place_of(std::size_t base_line) const { return base_line + shift_; }
  std::string text(std::size_t begin, std::size_t end) const {
    std::string out;
    for (std::size_t i = begin; i < end; ++i) out += lines_[i];
    return out;
  }

 private:
  const Lines lines_;
  const std::vector<LineChange> changes_;
  std::vector<LineChange>::const_iterator next_;
  std::size_t shift_ = 0;  // lines that came less those that went; unsigned arithmetic wraps
};

std::string_view line_break_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

class Merger {
 public:
  Merger(std::string_view base, std::string_view ours, std::string_view theirs,
         const MergeLabels& labels)
      : base_(split_lines(base)),
        ours_(base_, ours),
        theirs_(base_, theirs),
        labels_(labels),
        line_break_(line_break_of(ours)) {}

  TextMerge run() {
    std::size_t at = 0;
    for (;;) {
      const std::size_t begin = std::min(ours_.next_begin(), theirs_.next_begin());
      if (begin == SIZE_MAX) break;
      add_base(at, begin);
      at = add_changes(begin);
    }
    add_base(at, base_.size());
    return std::move(merged_);
  }

 private:
  void add_base(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) merged_.text += base_[i];
  }

  // Changes that touch each other; returns the line behind them.
  std::size_t add_changes(std::size_t begin) {
    const std::size_t our_begin = ours_.place_of(begin);
    const std::size_t their_begin = theirs_.place_of(begin);
    std::size_t end = begin;
    bool is_ours = false;
    bool is_theirs = false;
    for (bool more = true; more;) {
      const bool our_change = ours_.use_changes(end);
      const bool their_change = theirs_.use_changes(end);
      is_ours |= our_change;
      is_theirs |= their_change;
      more = our_change || their_change;
    }
    const std::string our_text = ours_.text(our_begin, ours_.place_of(end));
    const std::string their_text = theirs_.text(their_begin, theirs_.place_of(end));
    if (!is_theirs || our_text == their_text)
      merged_.text += our_text;
    else if (!is_ours)
      merged_.text += their_text;
    else
      add_conflict(our_text, their_text);
    return end;
  }

  void add_conflict(const std::string& our_text, const std::string& their_text) {
    ++merged_.conflicts;
    add_mark("<<<<<<< " + labels_.ours);
    add_whole_lines(our_text);
    add_mark("=======");
    add_whole_lines(their_text);
    add_mark(">>>>>>> " + labels_.theirs);
  }

  void add_mark(const std::string& mark) {
    merged_.text += mark;
    merged_.text += line_break_;
  }

  // The last line of a text may have no break, but a mark has a line of its own.
  void add_whole_lines(const std::string& text) {
    merged_.text += text;
    if (!text.empty() && !text.ends_with('\n')) merged_.text += line_break_;
  }

  const Lines base_;
  Side ours_;
  Side theirs_;
  const MergeLabels& labels_;
  const std::string_view line_break_;
  TextMerge merged_;
};

}  // namespace

TextMerge merge_texts(std::string_view base, std::string_view ours, std::string_view theirs,
                      const MergeLabels& labels) {
  return Merger(base, ours, theirs, labels).run();
}

}  // namespace tote
