// Every recorded result of imgpkg's push: the same files have the same digests here.
#include "base/json.h"
#include "bundle/build_image.h"
#include "bundle/layer_packer.h"
#include "bundle/push_files.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sys/stat.h>

namespace tote::bundle {
namespace {

std::vector<std::string> flags_of(const Json& vector) {
  std::vector<std::string> flags;
  for (const Json& flag : vector.items_of("flags")) flags.push_back(flag.string());
  return flags;
}

std::map<std::string, std::string> labels_of(const std::vector<std::string>& flags) {
  std::map<std::string, std::string> labels;
  for (std::size_t i = 0; i + 1 < flags.size(); ++i)
    if (flags[i] == "-l" || flags[i] == "--labels") {
      std::string text = flags[i + 1];
      while (!text.empty()) {
        const std::string pair = text.substr(0, text.find(','));
        labels[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
        text.erase(0, std::min(pair.size() + 1, text.size()));
      }
    }
  return labels;
}

TEST(PushVectors, HaveImgpkgsDigests) {
  const test::TempDir dir;
  ::umask(022);
  const auto made = test::run(
      {"python3", std::string(TOTE_TEST_DATA) + "/imgpkg/make_inputs.py", dir.path().string()});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  int checked = 0;
  for (const Json& vector :
       Json::parse(test::read_data("imgpkg/push-vectors.json"), "vectors").items()) {
    const std::string input = vector.at("input").string();
    const std::vector<std::string> flags = flags_of(vector);
    const bool preserve =
        std::find(flags.begin(), flags.end(), "--preserve-permissions") != flags.end();
    const PackedLayer layer =
        pack_layer(collect_files({(dir / input).string()}, {".git"}),
                   preserve ? Permissions::kPreserve : Permissions::kOwnerOnly);
    EXPECT_EQ(layer.diff_id.str(), vector.at("diff_id").string()) << input;
    EXPECT_EQ(layer.digest.str(), vector.at("layer").string()) << input;
    EXPECT_EQ(layer.content.size(), vector.at("layer_size").number()) << input;
    const auto image =
        build_image(pack_layer(collect_files({(dir / input).string()}, {".git"}),
                               preserve ? Permissions::kPreserve : Permissions::kOwnerOnly),
                    labels_of(flags));
    EXPECT_EQ(image->digest().str(), vector.at("image").string()) << input;
    ++checked;
  }
  EXPECT_EQ(checked, 24);
}

TEST(PushVectors, DoNotDependOnTheMachine) {
  const test::TempDir dir;
  for (const char* name : {"a", "b"}) {
    ::umask(name[0] == 'a' ? 022 : 077);
    const std::vector<std::string> files = name[0] == 'a' ? std::vector<std::string>{"x", "y/z"}
                                                          : std::vector<std::string>{"y/z", "x"};
    for (const std::string& file : files)
      test::write_text(dir.path() / name / file, "content of " + file);
    ::chmod((dir.path() / name / "x").c_str(), 0640);
  }
  ::umask(022);
  std::filesystem::last_write_time(dir / "a" / "x", {});
  const auto digest = [&](const char* name) {
    return pack_layer(collect_files({(dir / name).string()}, {}), Permissions::kOwnerOnly).digest;
  };
  EXPECT_EQ(digest("a"), digest("b"));
}

TEST(PushVectors, AnImageOfNothingIsImgpkgs) {
  const auto image = build_image(pack_layer({}, Permissions::kOwnerOnly), {});
  EXPECT_EQ(image->digest().str(),
            "sha256:12798cbf035884be93b90ba6f2c6148aafe6b8cd64b58ceefcf46ca7327c5296");
}

}  // namespace
}  // namespace tote::bundle
