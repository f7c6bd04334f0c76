#include "base/read_ahead.h"

#include "base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace tote {
namespace {

// `pieces` of `size` bytes, each filled with its number, and then the end or a failure.
class PiecesSource final : public Source {
 public:
  PiecesSource(int pieces, std::size_t size, bool fails = false)
      : pieces_(pieces), size_(size), fails_(fails) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    threads.push_back(std::this_thread::get_id());
    if (given_ == pieces_) {
      if (fails_) throw Error(ErrorKind::kTransport, "the line is dead");
      return 0;
    }
    const MutableBytes piece = out.first(std::min(size_, out.size()));
    for (std::byte& byte : piece) byte = static_cast<std::byte>(given_);
    ++given_;
    return piece.size();
  }

  std::vector<std::thread::id> threads;

 private:
  const int pieces_;
  const std::size_t size_;
  const bool fails_;
  int given_ = 0;
};

std::string pieces(int count, std::size_t size) {
  std::string text;
  for (int i = 0; i < count; ++i) text.append(size, static_cast<char>(i));
  return text;
}

TEST(ReadAhead, GivesWhatIsThereInItsOrder) {
  for (const int count : {0, 1, 2, 3, 4, 5, 50})
    for (const std::size_t size : {1UL, 1000UL, kStreamChunk})
      for (const std::size_t chunk : {999UL, std::size_t{2} * kStreamChunk}) {
        PiecesSource inner(count, size);
        ReadAhead ahead(inner);
        StringSink out;
        copy_stream(ahead, out, chunk);
        EXPECT_TRUE(out.text() == pieces(count, size)) << count << " of " << size;
        std::array<std::byte, 1> more{};
        EXPECT_EQ(ahead.read_some(more), 0U);
      }
}

TEST(ReadAhead, TakesAThreadOnlyForWhatIsLong) {
  for (const int count : {1, 2, 20}) {
    PiecesSource inner(count, 10);
    {
      ReadAhead ahead(inner);
      StringSink out;
      copy_stream(ahead, out);
    }
    const auto others = std::count_if(inner.threads.begin(), inner.threads.end(),
                                      [](auto id) { return id != std::this_thread::get_id(); });
    EXPECT_EQ(others > 0, count > 1) << count;
  }
}

TEST(ReadAhead, ThrowsWhatItsSourceThrewBehindWhatCameBefore) {
  for (const int count : {0, 1, 2, 3, 30}) {
    PiecesSource inner(count, 1000, true);
    ReadAhead ahead(inner);
    StringSink out;
    EXPECT_THROW(copy_stream(ahead, out), Error);
    EXPECT_TRUE(out.text() == pieces(count, 1000)) << count;
  }
}

// Blocks at its fourth piece until it is asked to stop.
class BlockingSource final : public Source {
 public:
  explicit BlockingSource(std::stop_token stop) : stop_(std::move(stop)) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (++reads_ < 4) return out.size();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop_, [] { return false; });
    throw Cancelled();
  }

 private:
  const std::stop_token stop_;
  int reads_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

TEST(ReadAhead, AsksItsSourceToStopWhenItGoesEarly) {
  std::stop_source stop;
  BlockingSource inner(stop.get_token());
  {
    ReadAhead ahead(inner, stop);
    std::vector<std::byte> out(kStreamChunk);
    for (int i = 0; i < 3; ++i) ASSERT_GT(ahead.read_some(out), 0U);
  }
  EXPECT_TRUE(stop.stop_requested());
}

TEST(ReadAhead, AsksNobodyToStopAfterTheEnd) {
  std::stop_source stop;
  PiecesSource inner(10, 10);
  {
    ReadAhead ahead(inner, stop);
    StringSink out;
    copy_stream(ahead, out);
  }
  EXPECT_FALSE(stop.stop_requested());
}

TEST(ReadAhead, CanGoAtAnyTime) {
  for (int reads = 0; reads < 12; ++reads) {
    PiecesSource inner(1000, 10);
    ReadAhead ahead(inner);
    std::vector<std::byte> out(10);
    for (int i = 0; i < reads; ++i) ASSERT_EQ(ahead.read_some(out), 10U);
  }
}

}  // namespace
}  // namespace tote
