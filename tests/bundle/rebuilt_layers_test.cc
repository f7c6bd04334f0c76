// Layers made again of others and of patches: what comes of it is the layer or an error.
#include "bundle/rebuilt_layers.h"

#include "archive/archive_reader.h"
#include "archive/archive_writer.h"
#include "base/codec/gzip_writer.h"
#include "bundle/leave_out.h"
#include "oci/memory_place.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace tote::bundle {
namespace {

using test::TarMember;

std::string gzip(const std::string& content) {
  StringSink out;
  GzipWriter writer(out);
  writer.write(as_bytes(content));
  writer.finish();
  return std::move(out.text());
}

constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";

// An image of one layer, in memory.
class OneLayer {
 public:
  explicit OneLayer(const std::string& layer) {
    layer_ = place_.add_blob(layer, kLayerType);
    config_ = place_.add_blob("{}", "application/vnd.oci.image.config.v1+json");
    manifest_ = oci::Manifest::parse(
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}",)"
                    R"("digest":"{}","size":2}},"layers":[{{"mediaType":"{}","digest":"{}",)"
                    R"("size":{}}}]}})",
                    kManifestType, config_.media_type, config_.digest.str(), kLayerType,
                    layer_.digest.str(), layer_.size),
        kManifestType);
    place_.add_manifest(manifest_);
  }

  oci::MemoryPlace& place() { return place_; }
  const oci::Descriptor& layer() const { return layer_; }
  oci::OpenRepository open() {
    return [this](const oci::Repository&) -> oci::ImageReader& { return place_; };
  }
  oci::Contents contents() const {
    const oci::Repository name{"h.io", "app"};
    oci::Contents contents;
    contents.images.push_back({name, manifest_->descriptor(), "v1", {}, {}});
    contents.manifests.add(manifest_);
    contents.configs.push_back({config_, "{}", name});
    contents.layers.push_back({layer_, name});
    return contents;
  }
  FarSide far_side() {
    FarSide far;
    far.blobs = {layer_.digest};
    far.places.push_back({contents(), open(), [](const oci::Digest&) { return true; }});
    return far;
  }

 private:
  oci::MemoryPlace place_;
  oci::Descriptor layer_{.media_type = {}, .digest = oci::Digest::of("")};
  oci::Descriptor config_ = layer_;
  oci::ManifestPtr manifest_;
};

class RebuiltLayersTest : public testing::Test {
 protected:
  // Writes the delta from one to the other; what was told of it.
  LayersLeftOut write_delta(OneLayer& from, OneLayer& to) {
    LayersLeftOut told;
    const FarSide far = from.far_side();
    Cargo cargo{.contents = to.contents(), .from = to.open()};
    cargo.observer = [&](const Event& event) {
      if (const auto* count = std::get_if<LayersLeftOut>(&event)) told = *count;
    };
    leave_out(
        cargo, far, [](const oci::Digest&) { return false; }, session_);
    archive::ArchiveWriter writer(path(), cargo.contents,
                                  {.format = archive::ArchiveFormat::kOci, .delta = cargo.delta});
    for (const oci::CarriedLayer& layer : cargo.contents.layers) {
      const auto upload = writer.begin_upload(layer.blob, {});
      const auto content = cargo.from(layer.repository).open_blob(layer.blob, 0, {});
      upload->append(*content, layer.blob.size);
      upload->commit();
    }
    writer.finish();
    return told;
  }

  // The layer as it is made again.
  std::string rebuild(const oci::Descriptor& layer, oci::ImageReader* base) {
    const archive::ArchiveReader archive(path());
    const RebuiltLayers rebuilt(archive, base, dir_.path());
    EXPECT_TRUE(rebuilt.has(layer.digest));
    return read_all(*rebuilt.open(layer, 0, {}), layer.size, "layer");
  }

  std::filesystem::path path() const { return dir_ / "delta.tar"; }

  test::TempDir dir_;
  ThreadPool pool_{2};
  const Session session_{pool_, {}, {.temporary = dir_.path()}};
};

bool is_long() {
  return !test::environment("TOTE_LONG_TESTS").empty();
}

// Trees of which some files are the same in both, as versions of an application are.
class Trees {
 public:
  explicit Trees(unsigned seed) : random_(seed) {}

  std::vector<TarMember> grow() {
    std::vector<TarMember> files;
    const std::size_t count = below(12);
    for (std::size_t i = 0; i < count; ++i)
      files.push_back({fmt::format("f{}", below(20)), content(below(60'000))});
    return files;
  }
  std::vector<TarMember> change(std::vector<TarMember> files) {
    std::shuffle(files.begin(), files.end(), random_);
    for (TarMember& file : files)
      if (below(3) == 0) change_content(file.content);
    if (!files.empty() && below(2) == 0) files.pop_back();
    if (below(2) == 0) files.push_back({"new", content(below(5000))});
    return files;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string content(std::size_t size) {
    if (below(3) == 0) return test::random_bytes(size, static_cast<unsigned>(random_()));
    std::string text;
    while (text.size() < size) text += fmt::format("key{}: value{}\n", below(50), below(100'000));
    return text;
  }
  void change_content(std::string& content) {
    const std::size_t at = below(content.size() + 1);
    switch (below(3)) {
      case 0:
        content.insert(at, "inserted");
        break;
      case 1:
        content.erase(at, below(1000));
        break;
      default:
        content = content.substr(at) + content.substr(0, at);
    }
  }

  std::mt19937 random_;
};

TEST_F(RebuiltLayersTest, AreThoseOfTheNewTreeWhateverTheTreesAre) {
  const unsigned seeds = is_long() ? 500 : 12;
  std::size_t rebuilt = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    Trees trees(seed);
    const std::vector<TarMember> before = trees.grow();
    OneLayer from(gzip(test::make_tar(before)));
    OneLayer to(gzip(test::make_tar(trees.change(before))));
    const LayersLeftOut told = write_delta(from, to);
    EXPECT_EQ(told.layers + told.rebuilt + told.whole <= 1, true);
    if (told.rebuilt == 0) continue;
    ++rebuilt;
    EXPECT_EQ(oci::Digest::of(rebuild(to.layer(), &from.place())), to.layer().digest) << seed;
    OneLayer other(gzip(test::make_tar(trees.grow())));
    EXPECT_THROW(rebuild(to.layer(), &other.place()), Error) << seed;
    EXPECT_THROW(rebuild(to.layer(), nullptr), Error) << seed;
  }
  EXPECT_GE(rebuilt, seeds / 2) << "or this has shown nothing";
}

TEST_F(RebuiltLayersTest, AreNotThoseThatOthersHaveCompressedOrThatAreNotCompressedAtAll) {
  const std::string tar = test::make_tar({{"f", test::random_bytes(50'000, 1)}});
  const std::string more = test::make_tar({{"f", test::random_bytes(50'000, 1)}, {"g", "more"}});
  OneLayer from(gzip(tar));
  std::string by_others = gzip(more);
  by_others[8] = 2;  // "compressed as well as it can be", of gzip's header
  const std::string twice = gzip(more) + gzip("");
  for (const std::string& layer : {by_others, more, twice, gzip(more) + "behind it"}) {
    OneLayer to(layer);
    const LayersLeftOut told = write_delta(from, to);
    EXPECT_EQ(told.rebuilt, 0U);
    EXPECT_EQ(told.whole, 1U);
    EXPECT_TRUE(archive::ArchiveReader(path()).has_blob(to.layer().digest));
  }
  OneLayer to(gzip(more));
  EXPECT_EQ(write_delta(from, to).rebuilt, 1U) << "else this has shown nothing";
}

TEST_F(RebuiltLayersTest, AreMadeOfAnyLayersThatCanBeRead) {
  const std::string tar = test::make_tar({{"f", test::random_bytes(50'000, 1)}});
  OneLayer to(gzip(test::make_tar({{"f", test::random_bytes(50'000, 1)}, {"g", "more"}})));
  OneLayer from(tar);
  EXPECT_EQ(write_delta(from, to).rebuilt, 1U);
  EXPECT_LT(std::filesystem::file_size(path()), 9000U);
  EXPECT_EQ(oci::Digest::of(rebuild(to.layer(), &from.place())), to.layer().digest);
}

TEST_F(RebuiltLayersTest, AreReadWhereTheyAreAlready) {
  OneLayer from(gzip(test::make_tar({{"f", test::random_bytes(50'000, 1)}})));
  OneLayer to(gzip(test::make_tar({{"f", test::random_bytes(50'000, 1)}, {"g", "more"}})));
  write_delta(from, to);
  EXPECT_EQ(oci::Digest::of(rebuild(to.layer(), &to.place())), to.layer().digest)
      << "what they were made of may be gone";
}

TEST_F(RebuiltLayersTest, AreRightOrRefusedWhicheverByteOfTheDeltaIsAnother) {
  OneLayer from(gzip(test::make_tar({{"f", test::random_bytes(6000, 1)}})));
  OneLayer to(gzip(test::make_tar({{"f", test::random_bytes(6000, 1)}, {"g", "more"}})));
  ASSERT_EQ(write_delta(from, to).rebuilt, 1U);
  const std::string bytes = test::read_text(path());
  std::size_t tried = 0;
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); at += is_long() ? 1U : 17U) {
    ++tried;
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
    test::write_text(path(), damaged);
    try {
      EXPECT_EQ(oci::Digest::of(rebuild(to.layer(), &from.place())), to.layer().digest) << at;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, tried / 4);
}

TEST_F(RebuiltLayersTest, SayWhatIsMissing) {
  OneLayer from(gzip(test::make_tar({{"f", test::random_bytes(50'000, 1)}})));
  OneLayer to(gzip(test::make_tar({{"f", test::random_bytes(50'000, 1)}, {"g", "more"}})));
  write_delta(from, to);
  const archive::ArchiveReader archive(path());
  EXPECT_THAT(RebuiltLayers(archive, nullptr, dir_.path()).lacking({}),
              testing::ElementsAre(from.layer().digest));
  EXPECT_THAT(RebuiltLayers(archive, &from.place(), dir_.path()).lacking({}), testing::IsEmpty());
  EXPECT_THAT(RebuiltLayers(archive, &to.place(), dir_.path()).lacking({}), testing::IsEmpty());
}

}  // namespace
}  // namespace tote::bundle
