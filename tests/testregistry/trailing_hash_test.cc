#include "testregistry/storage/directory/trailing_hash.h"

#include "base/file.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace tote::testregistry {
namespace {

class TrailingHashTest : public testing::Test {
 protected:
  // As the writer of an upload does.
  void append(std::string_view data) {
    file_->write_at(as_bytes(data), content_.size());
    content_ += data;
    hash_.grow_to(content_.size());
    asked_ += hash_.wants_follower() ? 1 : 0;
    hash_.keep_up(*file_, data.size());
  }

  test::TempDir dir_;
  FilePtr file_ = File::open(dir_ / "f", O_RDWR | O_CREAT, 0600);
  TrailingHash hash_{HashAlgorithm::kSha256};
  std::string content_;
  int asked_ = 0;
};

TEST_F(TrailingHashTest, HashesWhatNobodyFollowed) {
  append("abc");
  append("def");
  EXPECT_EQ(asked_, 0) << "too little to hand on";
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), oci::Digest::of("abcdef"));
}

TEST_F(TrailingHashTest, HashesNothing) {
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), oci::Digest::of(""));
}

TEST_F(TrailingHashTest, AnswersOnceAndForItsAlgorithm) {
  append("abc");
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha512), std::nullopt);
  EXPECT_NE(hash_.finish(*file_, HashAlgorithm::kSha256), std::nullopt);
  append("def");
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), std::nullopt);
}

TEST_F(TrailingHashTest, AsksForOneFollower) {
  const std::string piece = test::random_bytes(1 << 20, 1);
  for (int i = 0; i < 40; ++i) append(piece);
  EXPECT_EQ(asked_, 1);
  hash_.unfollow();
  append(piece);
  EXPECT_EQ(asked_, 2) << "the first has gone";
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(hash_.follow(*file_, stopped.get_token()));
  append(piece);
  EXPECT_EQ(asked_, 3) << "the second was stopped";
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), oci::Digest::of(content_));
}

TEST_F(TrailingHashTest, IsFollowedByOtherThreads) {
  const std::string piece = test::random_bytes(300'000, 1);
  std::vector<std::jthread> followers;
  for (int i = 0; i < 100; ++i) {
    const int before = asked_;
    append(piece);
    if (asked_ > before)
      followers.emplace_back([this] {
        while (hash_.follow(*file_, std::stop_token())) {
        }
      });
  }
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), oci::Digest::of(content_));
}

TEST_F(TrailingHashTest, GivesTheThreadBackNowAndThen) {
  ASSERT_EQ(::ftruncate(file_->fd(), 64 << 20), 0);
  hash_.grow_to(64 << 20);
  int turns = 1;
  while (hash_.follow(*file_, std::stop_token())) ++turns;
  EXPECT_GT(turns, 4);
}

// All of this file would take half a minute.
TEST_F(TrailingHashTest, LetsTheWriterWaitForALittleOnly) {
  constexpr std::uint64_t kHuge = std::uint64_t{64} << 30U;
  ASSERT_EQ(::ftruncate(file_->fd(), kHuge), 0);
  hash_.grow_to(kHuge);
  {
    const std::jthread follower([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) hash_.follow(*file_, stop);
    });
    hash_.keep_up(*file_, 1 << 20);
  }
  EXPECT_TRUE(hash_.wants_follower()) << "everything was hashed";
}

TEST_F(TrailingHashTest, StopsWhenNobodyWantsTheDigest) {
  append(std::string(1 << 20, 'x'));
  hash_.abandon();
  EXPECT_FALSE(hash_.follow(*file_, std::stop_token()));
  EXPECT_FALSE(hash_.wants_follower());
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), std::nullopt);
}

TEST_F(TrailingHashTest, KnowsNothingOfAFileThatWasCut) {
  append(std::string(1 << 20, 'x'));
  while (hash_.follow(*file_, std::stop_token())) {
  }
  hash_.grow_to(10);
  EXPECT_EQ(hash_.finish(*file_, HashAlgorithm::kSha256), std::nullopt);
}

TEST_F(TrailingHashTest, SaysThatTheFileBecameShorter) {
  append(std::string(1000, 'x'));
  ASSERT_EQ(::ftruncate(file_->fd(), 0), 0);
  EXPECT_THAT([&] { hash_.finish(*file_, HashAlgorithm::kSha256); },
              test::ThrowsError(ErrorKind::kIo, "an upload has become shorter"));
}

}  // namespace
}  // namespace tote::testregistry
