// What is planned before anything moves, between places in memory.
#include "copy/survey.h"

#include "copy/execute.h"
#include "copy/plan.h"
#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "oci/memory_place.h"
#include "tests/support/fake_clock.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <set>

namespace tote::copy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const oci::Repository kSource{"a.io", "src"};

// Mounts what `lender` has, and can be told to fail; keeps what was asked of it.
class Destination final : public oci::MemoryPlace {
 public:
  oci::MemoryPlace* lender = nullptr;
  bool may_look = true;  // at manifests
  bool may_ask = true;   // for blobs

  bool may_mount_from(const oci::Repository&) const override { return lender != nullptr; }
  bool try_mount(const oci::Descriptor& blob, const oci::Repository&,
                 std::stop_token stop) override {
    note("mount");
    if (!lender->has_blob(blob, stop)) return false;
    add_blob(read_all(*lender->open_blob(blob, 0, stop), blob.size, "blob"));
    return true;
  }
  std::optional<oci::Descriptor> resolve(std::string_view name, std::stop_token stop) override {
    note("resolve");
    if (!may_look) throw Error(ErrorKind::kForbidden, "no");
    return MemoryPlace::resolve(name, std::move(stop));
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    note("has_blob");
    if (!may_ask) throw Error(ErrorKind::kTransport, "no answer");
    return MemoryPlace::has_blob(blob, std::move(stop));
  }
  std::unique_ptr<oci::Upload> begin_upload(const oci::Descriptor& blob,
                                            std::stop_token stop) override {
    note("upload");
    return MemoryPlace::begin_upload(blob, std::move(stop));
  }
  void push_manifest(const oci::Manifest& manifest, std::string_view name,
                     std::stop_token stop) override {
    {
      const std::lock_guard lock(mutex_);
      pushed_.push_back(std::string(name));
    }
    MemoryPlace::push_manifest(manifest, name, std::move(stop));
  }

  int count(const std::string& what) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  const std::vector<std::string>& pushed() const { return pushed_; }

 private:
  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++counts_[what];
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;  // guarded by mutex_
  std::vector<std::string> pushed_;    // guarded by mutex_
};

class SurveyTest : public testing::Test {
 protected:
  oci::ManifestPtr add_image(const std::string& config, const std::vector<std::string>& layers) {
    std::string list;
    for (const std::string& layer : layers)
      list += (list.empty() ? "" : ",") +
              oci::encode_descriptor(source_.add_blob(layer, std::string(oci::kOciLayer)));
    return add(fmt::format(R"({{"config":{},"layers":[{}]}})",
                           oci::encode_descriptor(source_.add_blob(config, "c")), list),
               oci::kOciManifest);
  }
  oci::ManifestPtr add_index(const std::vector<oci::ManifestPtr>& children) {
    std::string list;
    for (const oci::ManifestPtr& child : children)
      list += (list.empty() ? "" : ",") + oci::encode_descriptor(child->descriptor());
    return add(fmt::format(R"({{"manifests":[{}]}})", list), oci::kOciIndex);
  }

  Plan plan(const oci::ManifestPtr& root) {
    return plan_copy({{kSource, root->descriptor(), {}, {}, {}}}, cache_, {}, pool_, {});
  }

  Work look(const Plan& plan) { return survey(plan.contents, to_, options_, pool_, {}); }

  void run(const Work& work) { execute(work, cache_.places(), to_, pool_, {.clock = &clock_}, {}); }

  static std::map<BlobState, int> states(const Work& work) {
    std::map<BlobState, int> states;
    for (const BlobWork& blob : work.blobs) ++states[blob.state];
    return states;
  }

  oci::MemoryPlace source_;
  Destination to_;
  ManifestCache cache_{[this](const oci::Repository&) -> oci::ImageReader& { return source_; }};
  SurveyOptions options_{.name_of = [](const oci::CarriedImage&) { return "copied"; }};
  ThreadPool pool_{4};
  test::FakeClock clock_;

 private:
  oci::ManifestPtr add(const std::string& bytes, std::string_view type) {
    oci::ManifestPtr manifest = oci::Manifest::parse(bytes, type);
    source_.add_manifest(manifest);
    return manifest;
  }
};

TEST_F(SurveyTest, SaysEverythingOfAnEmptyPlaceAndSendsNothing) {
  const auto image = add_image("config", {"layer one", "two"});
  const Plan planned = plan(image);
  const Work work = look(planned);
  ASSERT_EQ(work.blobs.size(), 3U);
  EXPECT_EQ(work.blobs[0].blob.size, 9U) << "the largest first";
  EXPECT_EQ(states(work)[BlobState::kSend], 3);
  ASSERT_EQ(work.manifests.size(), 1U);
  EXPECT_THAT(work.manifests[0].names, ElementsAre("copied"));
  const WorkSize size = size_of(work);
  EXPECT_EQ(size.bytes_to_send, 9U + 3U + 6U);
  EXPECT_EQ(size.requests, 4U);
  EXPECT_EQ(to_.count("upload"), 0);
  EXPECT_TRUE(to_.pushed().empty());
}

TEST_F(SurveyTest, FindsNothingToDoTheSecondTime) {
  const Plan planned = plan(add_index({add_image("a", {"x"}), add_image("b", {"x", "y"})}));
  run(look(planned));
  const Work again = look(planned);
  EXPECT_THAT(states(again), ElementsAre(std::pair(BlobState::kThere, 4)));
  ASSERT_EQ(again.manifests.size(), 3U);
  for (const ManifestWork& manifest : again.manifests) EXPECT_THAT(manifest.names, IsEmpty());
  EXPECT_EQ(size_of(again).requests, 0U);
}

TEST_F(SurveyTest, AsksForNoBlobOfAnImageThatIsThere) {
  const auto old = add_image("a", {"x"});
  run(look(plan(old)));
  const int asked = to_.count("has_blob");
  const Work work = look(plan(add_index({old, add_image("b", {"y"})})));
  EXPECT_EQ(to_.count("has_blob") - asked, 2) << "config and layer of the new one";
  ASSERT_EQ(work.manifests.size(), 3U);
  EXPECT_THAT(work.manifests[0].names, IsEmpty()) << "it is there";
}

TEST_F(SurveyTest, SeesBlobsThatAreThere) {
  to_.add_blob("x");
  const Work work = look(plan(add_image("a", {"x", "y"})));
  EXPECT_EQ(states(work)[BlobState::kThere], 1);
  EXPECT_EQ(states(work)[BlobState::kSend], 2);
  EXPECT_EQ(size_of(work).bytes_to_send, 2U);
}

TEST_F(SurveyTest, DoesNotAskForWhatItMayMount) {
  to_.lender = &source_;
  const Plan planned = plan(add_image("a", {"x"}));
  const Work work = look(planned);
  EXPECT_EQ(states(work)[BlobState::kMount], 2);
  EXPECT_EQ(size_of(work).bytes_to_mount, 2U);
  EXPECT_EQ(to_.count("has_blob"), 0);
  run(work);
  EXPECT_EQ(to_.count("upload"), 0);
  EXPECT_TRUE(to_.resolve("copied", {}));
}

TEST_F(SurveyTest, SendsWhatAMountDeclines) {
  oci::MemoryPlace nothing;
  to_.lender = &nothing;
  run(look(plan(add_image("a", {"x"}))));
  EXPECT_EQ(to_.count("mount"), 2);
  EXPECT_EQ(to_.count("upload"), 2);
  EXPECT_TRUE(to_.resolve("copied", {}));
}

TEST_F(SurveyTest, EndsWithALookThatFails) {
  to_.may_ask = false;
  const Plan planned = plan(add_image("a", {"x"}));
  EXPECT_THROW(look(planned), Error);
}

TEST_F(SurveyTest, TakesWhatItCanNotLookAtForMissingWhereTheRestIsToArrive) {
  const Plan planned = plan(add_image("a", {"x"}));
  run(look(planned));
  to_.may_look = to_.may_ask = false;
  Failures failures;
  options_.failures = &failures;
  const Work work = look(planned);
  EXPECT_EQ(states(work)[BlobState::kSend], 2);
  EXPECT_EQ(work.manifests.at(0).names.size(), 1U);
  EXPECT_NO_THROW(failures.rethrow()) << "what is sent shows whether something is wrong";
}

TEST_F(SurveyTest, TakesAPlaceThatMayNotBeLookedAtForEmpty) {
  const Plan planned = plan(add_image("a", {"x"}));
  run(look(planned));
  to_.may_look = false;
  EXPECT_EQ(look(planned).manifests.size(), 1U);
}

TEST_F(SurveyTest, RefusesWhatNoRegistryTakesBeforeAnythingMoves) {
  oci::ManifestPtr odd =
      oci::Manifest::parse(fmt::format(R"({{"mediaType":"application/x","config":{}}})",
                                       oci::encode_descriptor(source_.add_blob("c", "c"))),
                           oci::kOciManifest);
  source_.add_manifest(odd);
  const Plan planned = plan(odd);
  EXPECT_THAT([&] { look(planned); }, test::ThrowsError(ErrorKind::kParse, "calls itself"));
}

TEST_F(SurveyTest, PushesChildrenBeforeTheirIndexes) {
  const auto a = add_image("a", {"x"});
  const auto inner = add_index({a});
  const auto outer = add_index({inner});
  run(look(plan(outer)));
  EXPECT_THAT(to_.pushed(), ElementsAre(a->digest().str(), inner->digest().str(), "copied"));
}

TEST_F(SurveyTest, TellsWhatHappensInItsOrder) {
  to_.add_blob("there");
  const Plan planned = plan(add_index({add_image("a", {"there", "layer"})}));
  std::vector<std::string> told;
  std::map<std::string, std::vector<std::uint64_t>> of_blob;
  struct Tell {
    std::vector<std::string>& told;
    std::map<std::string, std::vector<std::uint64_t>>& of_blob;
    void operator()(const WorkFound& found) {
      told.push_back(fmt::format("{} blobs", found.work.blobs.size()));
    }
    void operator()(const BlobBegun& begun) {
      of_blob[begun.blob.blob.digest.str()].push_back(begun.offset);
    }
    void operator()(const BlobAdvanced& advanced) {
      of_blob[advanced.blob.blob.digest.str()].push_back(advanced.position);
    }
    void operator()(const BlobFinished& finished) {
      told.push_back(finished.outcome == BlobOutcome::kSent ? "sent" : "there");
    }
    void operator()(const ManifestPushed& pushed) { told.push_back(std::string(pushed.name)); }
  };
  const Observer observer = [&](const Event& event) { std::visit(Tell{told, of_blob}, event); };
  execute(look(planned), cache_.places(), to_, pool_, {.observer = observer, .clock = &clock_}, {});
  ASSERT_EQ(told.size(), 6U);
  EXPECT_EQ(told[0], "3 blobs");
  EXPECT_THAT(std::vector(told.begin() + 1, told.begin() + 4),
              testing::UnorderedElementsAre("sent", "sent", "there"));
  EXPECT_EQ(told[5], "copied");
  EXPECT_THAT(of_blob[oci::Digest::of("layer").str()], ElementsAre(0, 5));
  EXPECT_FALSE(of_blob.contains(oci::Digest::of("there").str()));
}

TEST_F(SurveyTest, TakesManifestsForBlobsWhereAPlaceKnowsNoOthers) {
  const Plan planned = plan(add_image("a", {"x"}));
  oci::BlobWriter& blobs = to_;
  const Work work = survey(planned.contents, blobs, pool_, {});
  EXPECT_TRUE(work.manifests.empty());
  std::multiset<BlobKind> kinds;
  for (const BlobWork& blob : work.blobs) kinds.insert(blob.kind);
  EXPECT_THAT(kinds, ElementsAre(BlobKind::kLayer, BlobKind::kConfig, BlobKind::kManifest));
  execute(work, cache_.places(), blobs, pool_, {}, {});
  for (const BlobWork& blob : work.blobs) EXPECT_TRUE(to_.has_blob(blob.blob, {}));
}

}  // namespace
}  // namespace tote::copy
