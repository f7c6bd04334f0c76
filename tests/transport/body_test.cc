#include "base/error.h"
#include "transport/incoming_bytes.h"
#include "transport/outgoing_body.h"

#include <gtest/gtest.h>

#include <string>

namespace tote::transport {
namespace {

std::string read(OutgoingBody& body, std::size_t most) {
  std::string text(most, '\0');
  text.resize(body.read(std::as_writable_bytes(std::span(text))).value());
  return text;
}

TEST(OutgoingBody, SendsBytesInPiecesAndAgainFromTheStart) {
  OutgoingBody body{Body("abcde")};
  EXPECT_EQ(read(body, 2), "ab");
  EXPECT_EQ(read(body, 2), "cd");
  EXPECT_TRUE(body.rewind());
  EXPECT_EQ(body.unsent(), 5U);
  EXPECT_EQ(read(body, 9), "abcde");
  EXPECT_EQ(read(body, 9), "");
}

TEST(OutgoingBody, SendsAStreamOnce) {
  StringSource text("abcde");
  OutgoingBody body{Body(text, 5)};
  EXPECT_EQ(read(body, 9), "abcde");
  EXPECT_FALSE(body.rewind());
}

TEST(OutgoingBody, NoticesAStreamThatIsTooShort) {
  StringSource text("abc");
  OutgoingBody body{Body(text, 5)};
  EXPECT_EQ(read(body, 9), "abc");
  EXPECT_THROW(read(body, 9), Error);
}

TEST(OutgoingBody, IsNotTouchedAfterItHasBeenGivenUp) {
  StringSource text("abcde");
  for (const Body& given : {Body("abcde"), Body(text, 5)}) {
    OutgoingBody body(given);
    EXPECT_EQ(read(body, 2), "ab");
    body.give_up();
    std::byte more{};
    EXPECT_FALSE(body.read({&more, 1}));
    EXPECT_FALSE(body.rewind());
  }
}

TEST(OutgoingBody, HasAnEndAlsoAfterItHasBeenGivenUp) {
  OutgoingBody body{Body("ab")};
  EXPECT_EQ(read(body, 2), "ab");
  body.give_up();
  EXPECT_EQ(read(body, 2), "");
}

class Incoming : public testing::Test {
 protected:
  bool offer(std::string_view text) { return bytes_.offer(as_bytes(text)); }
  MutableBytes room(std::size_t size) {
    return std::as_writable_bytes(std::span(read_).first(size));
  }
  std::string take(std::size_t most) { return read_.substr(0, bytes_.take(room(most))); }

  IncomingBytes bytes_;
  std::string read_ = std::string(9, '\0');
};

TEST_F(Incoming, AreHeldBackWhileNobodyWaits) {
  EXPECT_FALSE(offer("abc"));
  bytes_.expect(room(9));
  EXPECT_TRUE(offer("abc"));
  EXPECT_EQ(bytes_.stop_expecting(), 3U);
  EXPECT_EQ(read_.substr(0, 3), "abc");
  EXPECT_FALSE(offer("def"));
}

TEST_F(Incoming, WaitWhereTheyDoNotFit) {
  bytes_.expect(room(2));
  EXPECT_TRUE(offer("abcde"));
  EXPECT_FALSE(offer("f")) << "there is no more room";
  EXPECT_EQ(bytes_.stop_expecting(), 2U);
  EXPECT_EQ(read_.substr(0, 2), "ab");
  EXPECT_EQ(take(2), "cd");
  EXPECT_EQ(take(9), "e");
  EXPECT_EQ(take(9), "");
}

TEST_F(Incoming, FillARoomInSeveralPieces) {
  bytes_.expect(room(4));
  EXPECT_TRUE(offer("ab"));
  EXPECT_TRUE(offer("cde"));
  EXPECT_EQ(bytes_.stop_expecting(), 4U);
  EXPECT_EQ(read_.substr(0, 4), "abcd");
  EXPECT_EQ(take(9), "e");
}

}  // namespace
}  // namespace tote::transport
