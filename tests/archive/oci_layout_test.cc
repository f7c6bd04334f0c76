#include "archive/oci_layout.h"

#include "archive/archive_reader.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace tote::archive {
namespace {

using test::ThrowsError;

// Blobs by digest, and the texts that name them.
class LayoutBlobs {
 public:
  std::string add(const std::string& media_type, const std::string& bytes,
                  const std::string& more = {}) {
    const oci::Digest digest = oci::Digest::of(bytes);
    blobs_[digest] = bytes;
    return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}{}}})", media_type,
                       digest.str(), bytes.size(), more);
  }
  std::string add_image(const std::string& annotations = "{}") {
    const std::string config = add("application/vnd.oci.image.config.v1+json", "{}");
    return add("application/vnd.oci.image.manifest.v1+json",
               fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[]}})", config),
               R"(,"annotations":)" + annotations);
  }
  std::string add_image_of(const std::string& layer_type, const std::string& annotations,
                           const std::string& layer = "layer") {
    const std::string config = add("application/vnd.oci.image.config.v1+json", "{}");
    return add("application/vnd.oci.image.manifest.v1+json",
               fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})", config,
                           add(layer_type, layer)),
               R"(,"annotations":)" + annotations);
  }
  void damage() {
    for (auto& [digest, bytes] : blobs_) bytes += " ";
  }
  void clear() { blobs_.clear(); }

  oci::Contents decode(const std::string& entries) const {
    return decode_layout_index(R"({"schemaVersion":2,"manifests":[)" + entries + "]}",
                               [this](const oci::Digest& digest) -> std::optional<std::string> {
                                 const auto found = blobs_.find(digest);
                                 if (found == blobs_.end()) return std::nullopt;
                                 return found->second;
                               },
                               {"layout.invalid", "here"})
        .contents;
  }

 private:
  std::map<oci::Digest, std::string> blobs_;
};

// The hex digits of what an entry names.
std::string digest_of(const std::string& entry) {
  return Json::parse(entry, "entry").string_or("digest", "").substr(7);
}

struct Named {
  const char* annotations;
  const char* repository;
  const char* tag;
};

TEST(DecodeLayoutIndex, FindsNamesWhereToolsWriteThem) {
  for (const Named& row : std::vector<Named>{
           {R"({})", "layout.invalid/here", ""},
           {R"({"org.opencontainers.image.ref.name":"v1"})", "layout.invalid/here", "v1"},
           {R"({"org.opencontainers.image.ref.name":"some.io/app:v1"})", "some.io/app", "v1"},
           {R"({"org.opencontainers.image.ref.name":"no name!"})", "layout.invalid/here", ""},
           {R"({"io.containerd.image.name":"docker.io/library/busybox:1",)"
            R"("org.opencontainers.image.ref.name":"1"})",
            "index.docker.io/library/busybox", "1"},
       }) {
    LayoutBlobs blobs;
    const oci::Contents contents = blobs.decode(blobs.add_image(row.annotations));
    ASSERT_EQ(contents.images.size(), 1U);
    EXPECT_EQ(contents.images[0].repository.name(), row.repository) << row.annotations;
    EXPECT_EQ(contents.images[0].tag, row.tag) << row.annotations;
  }
}

struct Attached {
  const char* kind;
  const char* suffix;  // of the tag that it gets; nullptr: none
};

TEST(DecodeLayoutIndex, GivesSignaturesAndTheLikeTagsOfTheirOwn) {
  for (const Attached& row : std::vector<Attached>{{"dev.cosignproject.cosign/sigs", ".sig"},
                                                   {"dev.cosignproject.cosign/atts", ".att"},
                                                   {"dev.cosignproject.cosign/sboms", ".sbom"},
                                                   {"dev.hauler/sigs", ".sig"},
                                                   {"dev.hauler/atts", ".att"},
                                                   {"dev.hauler/sboms", ".sbom"},
                                                   {"dev.hauler/referrers", nullptr}}) {
    for (const bool has_name : {true, false}) {
      LayoutBlobs blobs;
      const std::string name =
          has_name ? R"(,"org.opencontainers.image.ref.name":"some.io/app:v1")" : "";
      const std::string image =
          blobs.add_image(R"({"kind":"dev.cosignproject.cosign/image")" + name + "}");
      const std::string attached =
          blobs.add_image_of("application/x", fmt::format(R"({{"kind":"{}"{}}})", row.kind, name));
      for (const std::string& entries : {image + "," + attached, attached + "," + image}) {
        const oci::Contents contents = blobs.decode(entries);
        ASSERT_EQ(contents.images.size(), 2U);
        std::set<std::string> tags = {contents.images[0].tag, contents.images[1].tag};
        const std::string digest = digest_of(image);
        EXPECT_TRUE(tags.contains(has_name ? "v1" : "")) << row.kind;
        EXPECT_TRUE(tags.contains(row.suffix == nullptr ? "" : "sha256-" + digest + row.suffix))
            << row.kind << (has_name ? " with" : " without") << " a name";
      }
    }
  }
}

// cosign's own layouts have no names.
TEST(DecodeLayoutIndex, AsksTheContentWhichOfSeveralImagesASignatureIsAbout) {
  const auto statement = [](const std::string& hex) {
    return R"({"subject":[{"name":"app","digest":{"sha256":")" + hex + R"("}}]})";
  };
  const auto signature = [](const std::string& hex) {
    return R"({"critical":{"image":{"docker-manifest-digest":"sha256:)" + hex + R"("}}})";
  };
  const auto envelope = [](const std::string& payload) {
    return R"({"payload":")" + base64_encode(payload) + R"("})";
  };
  LayoutBlobs blobs;
  const std::string kind = R"({"kind":"dev.cosignproject.cosign/image"})";
  const std::string first = blobs.add_image_of("application/x", kind, "first");
  const std::string second = blobs.add_image_of("application/x", kind, "second");
  const std::string hex = digest_of(second);
  struct Row {
    const char* kind;
    std::string content;
    std::string tag;
  };
  for (const Row& row : std::vector<Row>{
           {"sigs", signature(hex), "sha256-" + hex + ".sig"},
           {"atts", envelope(statement(hex)), "sha256-" + hex + ".att"},
           {"sigs", signature("zz"), ""},
           {"sigs", R"({"critical":{"image":7}})", ""},
           {"sigs", "no JSON", ""},
           {"sigs", "", ""},
           {"atts", envelope(R"({"subject":[]})"), ""},
           {"atts", envelope(statement("../../etc")), ""},
           {"atts", R"({"payload":"%%%"})", ""},
           {"sboms", signature(hex), ""},
       }) {
    const std::string attached = blobs.add_image_of(
        "application/x", fmt::format(R"({{"kind":"dev.cosignproject.cosign/{}"}})", row.kind),
        row.content);
    const oci::Contents contents = blobs.decode(first + "," + second + "," + attached);
    ASSERT_EQ(contents.images.size(), 3U) << row.content;
    std::string tags;  // of three images one at most has one
    for (const oci::CarriedImage& image : contents.images) tags += image.tag;
    EXPECT_EQ(tags, row.tag) << row.kind << " " << row.content;
  }
}

TEST(DecodeLayoutIndex, CarriesSignaturesThatWouldHaveOneTagWithoutIt) {
  LayoutBlobs blobs;
  const auto image = [&](const std::string& content) {
    return blobs.add_image_of("application/x", R"({"kind":"dev.cosignproject.cosign/image"})",
                              content);
  };
  const std::string first = image("first");
  const auto signature = [&](const std::string& more, const std::string& subject) {
    return blobs.add_image_of(
        "application/x", R"({"kind":"dev.cosignproject.cosign/sigs"})",
        fmt::format(
            R"({{"x":"{}","critical":{{"image":{{"docker-manifest-digest":"sha256:{}"}}}}}})", more,
            subject));
  };
  const auto tags = [&](const std::string& entries) {
    std::string found;
    for (const oci::CarriedImage& carried : blobs.decode(entries).images) found += carried.tag;
    return found;
  };
  const std::string tag = "sha256-" + digest_of(first) + ".sig";
  const std::string one = signature("1", digest_of(first));
  const std::string another = signature("2", digest_of(first));
  const std::string images = first + "," + image("second") + ",";
  EXPECT_EQ(tags(images + one), tag);
  EXPECT_EQ(tags(images + one + "," + one), tag + tag) << "the same";
  EXPECT_EQ(tags(images + one + "," + another), "");
  const std::string elsewhere = signature("3", std::string(64, 'a'));
  EXPECT_EQ(tags(images + elsewhere), "") << "of an image that is not here";
}

TEST(DecodeLayoutIndex, KnowsASignatureWithoutAKindByItsContent) {
  const std::string name = R"({"org.opencontainers.image.ref.name":"some.io/app:v1"})";
  LayoutBlobs blobs;
  const std::string image = blobs.add_image(name);
  const std::string signature =
      blobs.add_image_of("application/vnd.dev.cosign.simplesigning.v1+json", name);
  EXPECT_EQ(blobs.decode(signature).images[0].tag, "v1") << "it is the only one of that name";
  const oci::Contents both = blobs.decode(image + "," + signature);
  EXPECT_EQ((std::set<std::string>{both.images[0].tag, both.images[1].tag}),
            (std::set<std::string>{"v1", "sha256-" + digest_of(image) + ".sig"}));
  const std::string other = blobs.add_image_of("application/x", name);
  const oci::Contents conflict = blobs.decode(image + "," + other);
  EXPECT_EQ(conflict.images[0].tag, "v1");
  EXPECT_EQ(conflict.images[1].tag, "v1");
}

TEST(DecodeLayoutIndex, PassesOverWhatIsNoImage) {
  LayoutBlobs blobs;
  const std::string image = blobs.add_image();
  for (const char* type :
       {"application/xml", "text/plain", "application/octet-stream",
        "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.example+json"})
    EXPECT_EQ(blobs.decode(image + "," + blobs.add(type, "<xml/>")).images.size(), 1U) << type;
  EXPECT_THAT(
      [&] {
        blobs.decode(blobs.add("application/vnd.docker.distribution.manifest.v1+json", "{}"));
      },
      ThrowsError(ErrorKind::kParse, "schema 1"));
}

TEST(DecodeLayoutIndex, TakesANullForAnEmptyAnnotation) {
  LayoutBlobs blobs;
  const oci::Contents contents = blobs.decode(
      blobs.add_image(R"({"org.opencontainers.image.ref.name":null,"x":null,"y":"z"})"));
  EXPECT_EQ(contents.images[0].tag, "");
}

TEST(DecodeLayoutIndex, ReadsBackWhatWasEncoded) {
  ArchiveReader archive(std::string(TOTE_TEST_DATA) + "/imgpkg/outer.tar");
  const oci::Contents& contents = archive.contents();
  const oci::Contents again =
      decode_layout_index(encode_layout_index(contents),
                          [&](const oci::Digest& digest) -> std::optional<std::string> {
                            if (const auto manifest = contents.find_manifest(digest))
                              return manifest->bytes();
                            if (const auto* config = contents.find_config(digest))
                              return config->bytes;
                            return std::nullopt;
                          },
                          {"layout.invalid", "here"})
          .contents;
  ASSERT_EQ(again.images.size(), contents.images.size());
  for (std::size_t i = 0; i < again.images.size(); ++i) {
    EXPECT_EQ(again.images[i].reference(), contents.images[i].reference());
    EXPECT_EQ(again.images[i].tag, contents.images[i].tag);
    EXPECT_EQ(again.images[i].known_as, contents.images[i].known_as);
    EXPECT_EQ(again.images[i].labels, contents.images[i].labels);
  }
  EXPECT_EQ(again.layers.size(), contents.layers.size());
}

TEST(DecodeLayoutIndex, BelievesNothing) {
  LayoutBlobs blobs;
  const std::string entry = blobs.add_image();
  blobs.damage();
  EXPECT_THAT([&] { blobs.decode(entry); },
              ThrowsError(ErrorKind::kDigestMismatch, "index.json: error verifying"));
  blobs.clear();
  EXPECT_THAT([&] { blobs.decode(entry); }, ThrowsError(ErrorKind::kNotFound, "is not there"));
  for (const char* text : {"1", "{}", R"({"digest":"sha256:00","size":1,"mediaType":"x"})"})
    EXPECT_THAT([&] { blobs.decode(text); }, ThrowsError(ErrorKind::kParse, "index.json: "))
        << text;
}

TEST(DecodeLayoutIndex, BoundsTheDepthOfIndexes) {
  LayoutBlobs blobs;
  std::string entry = blobs.add_image();
  for (int depth = 0; depth < 20; ++depth)
    entry = blobs.add("application/vnd.oci.image.index.v1+json",
                      R"({"schemaVersion":2,"manifests":[)" + entry + "]}");
  EXPECT_THAT([&] { blobs.decode(entry); }, ThrowsError(ErrorKind::kParse, "nested too deeply"));
}

TEST(MergeLayoutIndex, KeepsWhatOthersWroteExceptForTheSameName) {
  LayoutBlobs blobs;
  const std::string name = R"({"org.opencontainers.image.ref.name":"v1"})";
  const std::string present = R"({"schemaVersion":2,"manifests":[)"
                              R"({"digest":"sha256:1","platform":{"os":"plan9"}},)"
                              R"({"digest":"sha256:2","annotations":)" +
                              name + "}]}";
  const std::string merged = merge_layout_index(present, blobs.decode(blobs.add_image(name)));
  const Json index = Json::parse(merged, "merged");
  const std::vector<Json> manifests = index.items_of("manifests");
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].at("platform").string_or("os", ""), "plan9");
  EXPECT_NE(manifests[1].string_or("digest", ""), "sha256:2");
  EXPECT_THAT([] { merge_layout_index("[]", {}); }, ThrowsError(ErrorKind::kParse, "index.json: "));
}

// The images of a merged index, by full name.
std::map<std::string, Json> merged(const std::string& present, const oci::Contents& contents) {
  std::map<std::string, Json> found;
  const Json index = Json::parse(merge_layout_index(present, contents), "merged");
  for (const Json& entry : index.items_of("manifests"))
    found.emplace(entry.string_map("annotations")["io.containerd.image.name"], entry);
  return found;
}

oci::Contents image_called(const std::string& repository, const std::string& bytes) {
  oci::Contents contents;
  contents.images = {{oci::Repository::parse(repository),
                      {"application/vnd.oci.image.manifest.v1+json", oci::Digest::of(bytes), 1},
                      "v1",
                      {},
                      {}}};
  return contents;
}

TEST(MergeLayoutIndex, KeepsReleasesOfTwoThingsWithOneTag) {
  const std::string first = encode_layout_index(image_called("a.io/one", "1"));
  const auto both = merged(first, image_called("a.io/two", "2"));
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(merged(first, image_called("a.io/one", "3")).size(), 1U) << "a newer release";
}

TEST(MergeLayoutIndex, KeepsASignatureThatHasTheNameOfItsImage) {
  const std::string name =
      R"("org.opencontainers.image.ref.name":"v1","io.containerd.image.name":"a.io/one:v1")";
  const oci::Contents image = image_called("a.io/one", "1");
  const std::string present = fmt::format(
      R"({{"schemaVersion":2,"manifests":[{{"digest":"{}","annotations":{{{}}}}},)"
      R"({{"digest":"sha256:2","annotations":{{"kind":"dev.cosignproject.cosign/sigs",{}}}}}]}})",
      image.images[0].target.digest.str(), name, name);
  const Json index = Json::parse(merge_layout_index(present, image), "merged");
  EXPECT_EQ(index.items_of("manifests").size(), 2U);
}

TEST(MergeLayoutIndex, AddsToWhatAnEntrySaysAlready) {
  const oci::Contents image = image_called("a.io/one", "1");
  const std::string present = fmt::format(
      R"({{"schemaVersion":2,"artifactType":"t","annotations":{{"mine":"1","tote.images-lock":"x"}},)"
      R"("manifests":[{{"digest":"{}","platform":{{"os":"plan9"}},)"
      R"("annotations":{{"my.note":"2"}}}}]}})",
      image.images[0].target.digest.str());
  const Json index = Json::parse(merge_layout_index(present, image), "merged");
  EXPECT_EQ(index.string_or("artifactType", ""), "t");
  EXPECT_EQ(index.string_map("annotations"), (std::map<std::string, std::string>{{"mine", "1"}}))
      << "a lock says nothing of what others have put there";
  const std::vector<Json> entries = index.items_of("manifests");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at("platform").string_or("os", ""), "plan9");
  EXPECT_EQ(entries[0].string_map("annotations")["my.note"], "2");
  EXPECT_EQ(entries[0].string_map("annotations")["org.opencontainers.image.ref.name"], "v1");
}

}  // namespace
}  // namespace tote::archive
