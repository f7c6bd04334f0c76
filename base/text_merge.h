// Putting together what two people have made of one text, line by line, as `diff3 -m -E` does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tote {

// How each side is called behind the marks of a conflict.
struct MergeLabels {
  std::string ours = "ours";
  std::string theirs = "theirs";
};

struct TextMerge {
  std::string text;
  std::size_t conflicts = 0;  // places where both have made something else of the same lines
};

// Changes of both, where those of different sides have a line between them that neither has
// changed; what both have made the same counts once. Elsewhere both texts stand one after the
// other, with lines "<<<<<<< OURS", "=======" and ">>>>>>> THEIRS" around them, whose line breaks
// are those of `ours`. Lines are compared as bytes, their breaks included. REQUIRES: fewer than
// 2^31 lines in each
TextMerge merge_texts(std::string_view base, std::string_view ours, std::string_view theirs,
                      const MergeLabels& labels = {});

}  // namespace tote
