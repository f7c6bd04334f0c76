// Uploads that a later run goes on with, and bodies that have to be small.
#include "registry/upload_journal.h"

#include "testregistry/http/error_response.h"
#include "tests/registry/client_fixture.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <utime.h>

namespace tote::registry {
namespace {

namespace fs = std::filesystem;
namespace tr = testregistry;
using testing::HasSubstr;

class UploadJournalTest : public ClientTest {
 protected:
  UploadJournalTest() { options_.uploads = dir_ / "state" / "tote" / "uploads"; }

  // As a run that is killed: what it knew is lost.
  void send_half() {
    const auto upload = repository(registry_, options_).begin_upload(blob_, {});
    StringSource half(bytes_.substr(0, 700'000));
    upload->append(half, 700'000);
  }
  void expect_whole_after(std::uint64_t offset) {
    RemoteRepository& remote = repository(registry_, options_);
    const auto upload = remote.begin_upload(blob_, {});
    EXPECT_EQ(upload->offset(), offset);
    StringSource rest(bytes_.substr(offset));
    upload->append(rest, bytes_.size() - offset);
    upload->commit();
    EXPECT_TRUE(download(remote, blob_) == bytes_);
    EXPECT_TRUE(fs::is_empty(options_.uploads)) << "what is done is forgotten";
  }
  fs::path only_file() const { return fs::directory_iterator(options_.uploads)->path(); }

  const std::string bytes_ = random_bytes(2'000'000, 6);
  const oci::Descriptor blob_ = descriptor(bytes_);
  test::TempDir dir_;
  ClientOptions options_;
  TestRegistry registry_;
};

TEST_F(UploadJournalTest, ALaterRunGoesOnWhereTheRegistryIs) {
  send_half();
  expect_whole_after(700'000);
}

TEST_F(UploadJournalTest, IsForItsOwnerAlone) {
  send_half();
  struct stat info {};
  ASSERT_EQ(::stat(only_file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(options_.uploads.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
  EXPECT_THAT(only_file().string(), testing::Not(HasSubstr("app")));
}

TEST_F(UploadJournalTest, OfWhatTheRegistryHasForgottenEverythingIsSentAgain) {
  send_half();
  registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method != "GET") return std::nullopt;
    return head.path.find("/uploads/") == std::string::npos
               ? std::nullopt
               : std::optional(tr::error_response(404, "BLOB_UPLOAD_UNKNOWN", "gone"));
  });
  expect_whole_after(0);
}

struct Damage {
  const char* name;
  std::string text;
};
class DamagedEntry : public UploadJournalTest, public testing::WithParamInterface<Damage> {};

TEST_P(DamagedEntry, MeansToBeginAnew) {
  send_half();
  test::write_text(only_file(), GetParam().text);
  expect_whole_after(0);
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedEntry,
    testing::Values(Damage{"Empty", ""}, Damage{"CutShort", R"({"version":1,"loca)"},
                    Damage{"NoObject", "[1]"}, Damage{"NoVersion", R"({"location":"http://a/"})"},
                    Damage{"Newer", R"({"version":2,"location":"http://127.0.0.1:1/"})"},
                    Damage{"NotAText", R"({"version":1,"location":5})"},
                    Damage{"NoUrl", R"({"version":1,"location":"what"})"},
                    Damage{"OtherScheme", R"({"version":1,"location":"file:///etc/passwd"})"},
                    Damage{"NobodyThere", R"({"version":1,"location":"http://127.0.0.1:1/x"})"},
                    Damage{"Binary", std::string("\0\x01\xff", 3)}),
    [](const auto& test) { return test.param.name; });

TEST_F(UploadJournalTest, WhatIsADayOldIsNoLongerUsed) {
  send_half();
  const struct utimbuf old { 0, ::time(nullptr) - 25 * 3600 };
  ASSERT_EQ(::utime(only_file().c_str(), &old), 0);
  expect_whole_after(0);
}

TEST_F(UploadJournalTest, RemembersTheSessionThatTookThePlaceOfALostOne) {
  send_half();
  test::write_text(only_file(), R"({"version":1,"location":"http://127.0.0.1:1/gone"})");
  {
    const auto upload = repository(registry_, options_).begin_upload(blob_, {});
    EXPECT_EQ(upload->offset(), 0U);
    StringSource some(bytes_.substr(0, 900'000));
    upload->append(some, 900'000);
  }
  expect_whole_after(900'000);
}

TEST_F(UploadJournalTest, TwoRunsDoNotShareASession) {
  send_half();
  RemoteRepository& one = repository(registry_, options_);
  const auto first = one.begin_upload(blob_, {});
  const auto second = repository(registry_, options_).begin_upload(blob_, {});
  EXPECT_EQ(first->offset(), 700'000U);
  EXPECT_EQ(second->offset(), 0U);
}

// Wherever an earlier run has sent something else under that name, the registry finds out.
TEST_F(UploadJournalTest, WhatAnEarlierRunHasSentIsNotBelieved) {
  const auto upload = repository(registry_, options_).begin_upload(blob_, {});
  StringSource wrong(std::string(700'000, 'x'));
  upload->append(wrong, 700'000);
  RemoteRepository& remote = repository(registry_, options_);
  const_cast<std::unique_ptr<oci::Upload>&>(upload).reset();
  push(remote, bytes_);
  EXPECT_TRUE(download(remote, blob_) == bytes_);
}

TEST_F(UploadJournalTest, SmallBlobsAreNotWrittenDown) {
  upload(repository(registry_, options_), "small");
  EXPECT_FALSE(fs::exists(options_.uploads));
}

TEST_F(UploadJournalTest, WithoutAHomeThatIsSaidOnce) {
  int said = 0;
  options_.uploads = "";
  options_.on_no_journal = [&](const std::string&) { ++said; };
  RemoteRepository& remote = repository(registry_, options_);
  upload(remote, bytes_);
  upload(remote, random_bytes(1'000'000, 7));
  EXPECT_EQ(said, 1);
}

// A location that somebody else has written down would get what is uploaded, and a password.
TEST_F(UploadJournalTest, IsKeptOnlyWhereNobodyElseCanWrite) {
  struct Row {
    const char* directory;
    mode_t mode;
    bool is_used;
  };
  for (const Row& row :
       {Row{"state/tote/uploads", 0700, true}, Row{"state/tote/uploads", 0770, false},
        Row{"state/tote/uploads", 0707, false}, Row{"state/tote", 0755, true},
        Row{"state/tote", 0777, false}, Row{"state", 0775, false}, Row{"state", 01777, true}}) {
    const test::TempDir place;
    std::vector<std::string> said;
    options_.uploads = place / "state" / "tote" / "uploads";
    options_.on_no_journal = [&](const std::string& why) { said.push_back(why); };
    fs::create_directories(options_.uploads);
    for (const char* name : {"state", "state/tote", "state/tote/uploads"})
      ASSERT_EQ(::chmod((place / name).c_str(), 0755), 0);
    ASSERT_EQ(::chmod((place / row.directory).c_str(), row.mode), 0);
    send_half();
    EXPECT_EQ(fs::is_empty(options_.uploads), !row.is_used) << row.directory << " " << row.mode;
    const std::string why = said.empty() ? "" : said.front();
    EXPECT_EQ(said.size(), row.is_used ? 0U : 1U);
    const std::string other = (place / row.directory).string();
    EXPECT_THAT(why, HasSubstr(row.is_used ? "" : "others can change it: '" + other));
  }
}

TEST_F(UploadJournalTest, WhatIsStoredIsForItsOwnerAlone) {
  const mode_t before = ::umask(0);
  options_.uploads = dir_ / "new" / "tote" / "uploads";
  send_half();
  ::umask(before);
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(dir_ / "new")) {
    const fs::perms expected = entry.is_directory() ? fs::perms(0700) : fs::perms(0600);
    EXPECT_EQ(entry.status().permissions(), expected) << entry.path();
    files += entry.is_directory() ? 0 : 1;
  }
  EXPECT_EQ(files, 1);
}

TEST_F(UploadJournalTest, WhereNothingCanBeWrittenUploadsWorkAllTheSame) {
  test::write_text(dir_ / "state", "a file is in the way");
  upload(repository(registry_, options_), bytes_);
}

// ---- bodies that have to be small --------------------------------------------------------------

class LimitedBodies : public UploadJournalTest {
 protected:
  // As a proxy in front of the registry does it.
  void limit_to(std::uint64_t most) {
    registry_.interceptor().replace(
        [most](const tr::RequestHead& head) -> std::optional<tr::Response> {
          if (head.content_length.value_or(0) <= most) return std::nullopt;
          tr::Response response{413};
          response.body = "<html><head><title>413 Request Entity Too Large</title></head></html>";
          return response;
        });
  }
};

TEST_F(LimitedBodies, AreLearnedFromARefusal) {
  limit_to(1U << 20U);
  RemoteRepository& remote = repository(registry_, options_);
  push(remote, bytes_);
  EXPECT_TRUE(download(remote, blob_) == bytes_);
  EXPECT_TRUE(clock_.slept().empty()) << "nothing to wait for";
  registry_.interceptor().forget_requests();
  push(remote, random_bytes(3'000'000, 8));
  EXPECT_EQ(registry_.interceptor().count("PATCH"), 3U) << "the next blob knows";
}

TEST_F(LimitedBodies, AreKeptWhereTheyWereAskedFor) {
  options_.chunk_size = 600'000;
  upload(repository(registry_, options_), bytes_);
  EXPECT_EQ(registry_.interceptor().count("PATCH"), 4U);
}

TEST_F(LimitedBodies, AreNeverSmallerThanTheRegistryWants) {
  registry_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.method == "POST") response.headers.emplace_back("OCI-Chunk-Min-Length", "900000");
  });
  options_.chunk_size = 600'000;
  upload(repository(registry_, options_), bytes_);
  EXPECT_EQ(registry_.interceptor().count("PATCH"), 3U);
}

TEST_F(LimitedBodies, ThatAreHopelesslySmallAreAnError) {
  limit_to(1000);
  EXPECT_THAT([&] { push(repository(registry_, options_), bytes_); },
              ThrowsError(ErrorKind::kRegistry, "413"));
}

}  // namespace
}  // namespace tote::registry
