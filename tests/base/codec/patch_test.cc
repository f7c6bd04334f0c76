#include "base/codec/patch.h"

#include "base/error.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace tote {
namespace {

std::string lines(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < bytes) text += "value: " + std::to_string(random()) + "\n";
  return text;
}

std::string patch_between(const std::string& from, const std::string& to) {
  std::string patch(to.size() + 1024, '\0');
  const auto size = make_patch(as_bytes(from), as_bytes(to),
                               std::as_writable_bytes(std::span(patch.data(), patch.size())));
  EXPECT_TRUE(size.has_value());
  patch.resize(size.value_or(0));
  return patch;
}

std::string apply(const std::string& from, const std::string& patch, std::size_t size) {
  std::string to(size, '\0');
  apply_patch(as_bytes(from), as_bytes(patch),
              std::as_writable_bytes(std::span(to.data(), to.size())));
  return to;
}

TEST(Patch, MakesTheOneOutOfTheOther) {
  const std::string text = lines(300'000, 1);
  std::string changed = text;
  changed.replace(text.size() / 2, 20, "something else, longer than before");
  const struct {
    std::string from, to;
    std::size_t at_most;
  } cases[] = {{text, text, 200},
               {text, changed, 300},
               {changed, text, 300},
               {text + lines(300'000, 2), lines(300'000, 2) + text, 1000},
               {"", text, text.size()},
               {text, "", 50},
               {text, lines(1000, 3), 1100},
               {"", "", 50},
               {"a", "b", 50}};
  for (const auto& [from, to, at_most] : cases) {
    const std::string patch = patch_between(from, to);
    EXPECT_LE(patch.size(), at_most);
    EXPECT_EQ(apply(from, patch, to.size()), to);
  }
}

TEST(Patch, SaysWhenThereIsNotEnoughRoomForIt) {
  const std::string to = lines(10'000, 1);
  std::string patch(100, '\0');
  EXPECT_FALSE(
      make_patch({}, as_bytes(to), std::as_writable_bytes(std::span(patch.data(), patch.size()))));
  EXPECT_FALSE(make_patch({}, as_bytes(to), {}));
}

TEST(Patch, IsOfNoUseElsewhere) {
  const std::string from = lines(20'000, 1);
  const std::string to = from + "one more line\n";
  const std::string patch = patch_between(from, to);
  EXPECT_THROW(apply(lines(20'000, 2), patch, to.size()), Error);
  EXPECT_THROW(apply("", patch, to.size()), Error);
  EXPECT_THROW(apply(from, patch, to.size() - 1), Error);
  EXPECT_THROW(apply(from, patch, to.size() + 1), Error);
  EXPECT_THROW(apply(from, "", to.size()), Error);
}

TEST(Patch, IsRefusedOrHarmlessIfAByteOfItIsAnother) {
  const std::string from = lines(20'000, 1);
  std::string to = from;
  to.replace(500, 10, "0123456789ABCDEF");
  const std::string patch = patch_between(from, to);
  for (std::size_t at = 0; at <= patch.size(); ++at) {
    std::string cut = patch.substr(0, at);
    std::string damaged = patch;
    if (at < patch.size()) damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    for (const std::string& bad : {cut, damaged}) try {
        EXPECT_EQ(apply(from, bad, to.size()), to);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kParse);
      }
  }
}

}  // namespace
}  // namespace tote
