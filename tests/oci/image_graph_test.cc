#include "oci/image_graph.h"

#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <mutex>

namespace tote::oci {
namespace {

using test::ThrowsError;
using testing::ElementsAre;

const Repository kApp{"a.io", "app"};

// Manifests and configs in memory; counts what is asked for.
class MemoryGraph final : public GraphReader {
 public:
  Descriptor add_blob(const std::string& bytes, const std::string& media_type = "layer") {
    blobs_[Digest::of(bytes)] = bytes;
    return {media_type, Digest::of(bytes), bytes.size()};
  }
  Descriptor add_image(const std::string& config, const std::vector<Descriptor>& layers = {}) {
    std::string list;
    for (const Descriptor& layer : layers)
      list += (list.empty() ? "" : ",") + encode_descriptor(layer);
    return add(fmt::format(R"({{"config":{},"layers":[{}]}})",
                           encode_descriptor(add_blob(config, "config")), list));
  }
  Descriptor add_index(const std::vector<Descriptor>& children) {
    std::string list;
    for (const Descriptor& child : children)
      list += (list.empty() ? "" : ",") + encode_descriptor(child);
    return add(fmt::format(R"({{"manifests":[{}]}})", list));
  }
  void remove(const Digest& manifest) { manifests_.erase(manifest); }

  ManifestPtr manifest(const Repository&, const Descriptor& target, const Manifest* index,
                       const std::stop_token&) override {
    const std::lock_guard lock(mutex_);
    ++asked_[target.digest];
    if (const auto found = manifests_.find(target.digest); found != manifests_.end())
      return found->second;
    throw Error(ErrorKind::kNotFound, index == nullptr ? "no root" : "no child");
  }
  std::optional<std::string> config(const Repository&, const Manifest& image,
                                    const std::stop_token&) override {
    if (!is_readable_config(image.config())) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return blobs_.at(image.config().digest);
  }

  int most_asked() const {
    int most = 0;
    for (const auto& [digest, times] : asked_) most = std::max(most, times);
    return most;
  }

 private:
  Descriptor add(const std::string& bytes) {
    const ManifestPtr manifest = Manifest::parse(bytes, "");
    manifests_[manifest->digest()] = manifest;
    return manifest->descriptor();
  }

  std::mutex mutex_;
  std::map<Digest, ManifestPtr> manifests_;
  std::map<Digest, std::string> blobs_;
  std::map<Digest, int> asked_;  // guarded by mutex_
};

CarriedImage root(const Descriptor& target, const std::string& tag = {},
                  const Repository& repository = kApp) {
  return {repository, target, tag, {}, {}};
}

std::vector<Digest> digests_of(const ManifestList& manifests) {
  std::vector<Digest> digests;
  for (const ManifestPtr& manifest : manifests) digests.push_back(manifest->digest());
  return digests;
}

TEST(FollowImages, PutsChildrenBeforeTheIndexesThatNameThem) {
  MemoryGraph graph;
  const Descriptor a = graph.add_image("a");
  const Descriptor b = graph.add_image("b");
  const Descriptor inner = graph.add_index({b});
  const Descriptor outer = graph.add_index({a, inner, a});
  const Contents contents = follow_images({root(outer)}, graph, {}, {});
  EXPECT_THAT(digests_of(contents.manifests),
              ElementsAre(a.digest, b.digest, inner.digest, outer.digest));
  EXPECT_EQ(contents.configs.size(), 2U);
  EXPECT_TRUE(contents.layers.empty());
}

TEST(FollowImages, DoesNotDependOnTiming) {
  MemoryGraph graph;
  std::vector<Descriptor> images;
  for (int i = 0; i < 50; ++i)
    images.push_back(graph.add_image(std::to_string(i), {graph.add_blob("shared")}));
  std::vector<CarriedImage> roots;
  for (int i = 0; i < 25; ++i) {
    const auto n = static_cast<std::size_t>(i);
    roots.push_back(root(graph.add_index({images[n], images[49 - n], images[7]}), {},
                         {"a.io", fmt::format("app{}", i)}));
  }
  ThreadPool pool(8);
  const Contents alone = follow_images(roots, graph, {}, {});
  EXPECT_EQ(graph.most_asked(), 1);
  const Contents beside = follow_images(roots, graph, {.pool = &pool}, {});
  EXPECT_EQ(digests_of(alone.manifests), digests_of(beside.manifests));
  EXPECT_EQ(graph.most_asked(), 2) << "each manifest once";
  ASSERT_EQ(beside.layers.size(), 1U);
  EXPECT_EQ(beside.layers[0].repository, alone.layers[0].repository);
  EXPECT_EQ(beside.layers[0].repository.path, "app0") << "the first in the order of the roots";
}

TEST(FollowImages, GivesRootsWhatTheirManifestsSay) {
  MemoryGraph graph;
  const Descriptor image = graph.add_image("a");
  const Contents contents = follow_images({root({{}, image.digest}, "v1")}, graph, {}, {});
  EXPECT_EQ(contents.images[0].target.media_type, kOciManifest);
  EXPECT_EQ(contents.images[0].target.size, image.size);
  EXPECT_EQ(contents.images[0].tag, "v1");
}

TEST(FollowImages, CarriesWhatItIsTold) {
  MemoryGraph graph;
  const Descriptor foreign = graph.add_blob("foreign", "foreign");
  const Descriptor image = graph.add_image("a", {graph.add_blob("layer"), foreign});
  std::vector<std::string> visited;
  const Contents contents =
      follow_images({root(image)}, graph,
                    {.carries = [](const Descriptor& blob) { return blob.media_type != "foreign"; },
                     .visit =
                         [&](const Repository& repository, const Manifest& manifest) {
                           visited.push_back(digest_reference(repository, manifest.digest()));
                         }},
                    {});
  ASSERT_EQ(contents.layers.size(), 1U);
  EXPECT_EQ(contents.layers[0].blob.digest, Digest::of("layer"));
  EXPECT_THAT(visited, ElementsAre(digest_reference(kApp, image.digest)));
}

TEST(FollowImages, TakesAConfigThatIsALayerToo) {
  MemoryGraph graph;
  const Descriptor empty = graph.add_blob("{}", "config");
  const Contents contents = follow_images({root(graph.add_image("{}", {empty}))}, graph, {}, {});
  EXPECT_EQ(contents.configs.size(), 1U);
  EXPECT_EQ(contents.layers.size(), 1U);
}

TEST(FollowImages, CarriesLargeConfigsLikeLayers) {
  MemoryGraph graph;
  const std::string large(kMaxManifestSize + 1, ' ');
  const Contents contents = follow_images({root(graph.add_image(large))}, graph, {}, {});
  EXPECT_TRUE(contents.configs.empty());
  ASSERT_EQ(contents.layers.size(), 1U);
  EXPECT_EQ(contents.layers[0].blob.size, large.size());
}

TEST(FollowImages, SaysBelowWhichRootSomethingIsMissing) {
  MemoryGraph graph;
  const Descriptor gone = graph.add_image("gone");
  const Descriptor index = graph.add_index({gone});
  graph.remove(gone.digest);
  const auto follow = [&] {
    follow_images({root(index, "v1")}, graph,
                  {.frame = [](const CarriedImage& image) { return "Below " + image.tag; }}, {});
  };
  EXPECT_THAT(follow, ThrowsError(ErrorKind::kNotFound, "Below v1: no child"));
}

// `depth` indexes, each in the next.
Descriptor nested(MemoryGraph& graph, int depth) {
  Descriptor target = graph.add_image("a");
  for (int i = 0; i < depth; ++i) target = graph.add_index({target});
  return target;
}

TEST(FollowImages, BoundsHowDeepIndexesMayBeNested) {
  MemoryGraph graph;
  EXPECT_NO_THROW(follow_images({root(nested(graph, kMaxIndexNesting - 1))}, graph, {}, {}));
  EXPECT_THAT([&] { follow_images({root(nested(graph, kMaxIndexNesting))}, graph, {}, {}); },
              ThrowsError(ErrorKind::kParse, "nested too deeply"));
}

TEST(FollowImages, BoundsDepthAlsoWhereARootNamesEveryLevel) {
  MemoryGraph graph;
  std::vector<Descriptor> levels{graph.add_image("a")};
  for (int i = 0; i < 10'000; ++i) levels.push_back(graph.add_index({levels.back()}));
  std::reverse(levels.begin(), levels.end());
  EXPECT_THAT([&] { follow_images({root(graph.add_index(levels))}, graph, {}, {}); },
              ThrowsError(ErrorKind::kParse, "nested too deeply"));
}

TEST(FollowImages, Stops) {
  MemoryGraph graph;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(follow_images({root(graph.add_image("a"))}, graph, {}, stop.get_token()), Cancelled);
}

}  // namespace
}  // namespace tote::oci
