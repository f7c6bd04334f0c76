// What imgpkg printed and wrote, replayed: with a registry at the recorded address, in a network
// namespace of the test's own.
#include "base/text.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tote {
namespace {

using test::read_data;
using test::read_text;
using test::TempDir;

constexpr const char* kScript = R"(
set -eu
ip link set lo up
"$IMGPKG" registry serve --listen 127.0.0.1:5399 >ready &
server=$!
trap 'kill $server' EXIT
while [ ! -s ready ]; do kill -0 $server; done
repo=127.0.0.1:5399/dst/all
"$IMGPKG" copy --tty --tar "$DATA/outer.tar" --to-repo $repo --lock-output lock.yml >copy.txt
"$IMGPKG" tag list -i $repo --digests --imgpkg-internal-tags >tags.txt
"$IMGPKG" pull --tty -r -b $repo:1.0 -o out >pull.txt
"$IMGPKG" push --tty -b 127.0.0.1:5399/src/outer:1.0 -f "$DATA/bundles/outer" >push.txt
"$IMGPKG" copy -b $repo:1.0 --to-tar again.tar
"$IMGPKG" copy --tar again.tar --to-repo 127.0.0.1:5399/third/place --lock-output third.yml
"$IMGPKG" tag resolve -i 127.0.0.1:5399/third/place:1.0 >resolved.txt
"$IMGPKG" copy --tar "$DATA/outer.old.tar" --to-repo 127.0.0.1:5399/old/place
"$IMGPKG" copy --tar "$DATA/index.tar" --to-repo 127.0.0.1:5399/index/place
"$IMGPKG" copy --tar "$DATA/chart.tar" --to-repo 127.0.0.1:5399/chart/place
"$IMGPKG" tag list --digests --imgpkg-internal-tags -i 127.0.0.1:5399/chart/place >chart.txt
"$IMGPKG" describe -b $repo:1.0 >describe.copied.txt
"$IMGPKG" describe -b $repo:1.0 -o yaml >describe.copied.yml
"$IMGPKG" push -b 127.0.0.1:5399/src/inner:1.0 -f "$DATA/bundles/inner"
while read name digest; do
  "$IMGPKG" copy -i $repo@$digest --to-repo 127.0.0.1:5399/src/$name
done <<END
img1 sha256:060d393d28fc6ebcb137fa74950894292ae62e4d6241238ff01a2610a72a1000
img2 sha256:67355f943e70b7b71b95b4cd941db0c7e7fbb8a3ce21417f07915335ff1b1dff
multi sha256:24d057ba9ad2fb78547b84055d445d0517b825b6f206728d0036302aa0a05c57
foreign sha256:7e03e31e10b320968401f691734a313e0a69b5f8f2dc142a0c10190a8560f597
END
"$IMGPKG" copy --tty -b 127.0.0.1:5399/src/outer:1.0 --to-tar new.tar >copy-to-tar.txt
tar xOf new.tar manifest.json >new.json
tar xOf "$DATA/outer.tar" manifest.json >recorded.json
"$IMGPKG" describe -b 127.0.0.1:5399/src/outer:1.0 >describe.source.txt
"$IMGPKG" describe -b 127.0.0.1:5399/src/outer:1.0 -o yaml >describe.source.yml
"$IMGPKG" describe --tar "$DATA/outer.tar" -o yaml >describe.tar.yml
"$IMGPKG" pull -i 127.0.0.1:5399/src/nothing -o o 2>missing.txt && exit 9
exit 0
)";

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Layers are done in any order, and take any time.
std::vector<std::string> without_times(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  for (std::string& line : lines)
    if (line.starts_with("copy | done: file '")) line.erase(line.rfind(" ("));
  const auto is_done = [](const std::string& line) { return line.starts_with("copy | done:"); };
  const auto first = std::find_if(lines.begin(), lines.end(), is_done);
  std::sort(first, std::find_if_not(first, lines.end(), is_done));
  return lines;
}

TEST(RecordedImgpkg, IsReproducedToTheByte) {
  const TempDir dir;
  const std::string data = std::string(TOTE_TEST_DATA) + "/imgpkg";
  const std::string program = (dir / "imgpkg").string();
  std::filesystem::create_symlink(test::program_path(), program);
  const auto replayed =
      test::run({"unshare", "-rn", "sh", "-c", kScript},
                {.directory = dir.path(), .environment = {{"IMGPKG", program}, {"DATA", data}}});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.err << replayed.out;
  EXPECT_EQ(read_text(dir / "lock.yml"), read_data("imgpkg/copied.bundle-lock.yml"));
  EXPECT_EQ(read_text(dir / "tags.txt"), read_data("imgpkg/copied.tags.txt"));
  EXPECT_EQ(read_text(dir / "copy.txt"), read_data("imgpkg/copy-from-tar.tty.txt"));
  EXPECT_EQ(without_times(read_text(dir / "copy-to-tar.txt")),
            without_times(read_data("imgpkg/copy-to-tar.tty.txt")));
  EXPECT_EQ(read_text(dir / "new.json"), read_text(dir / "recorded.json"));
  EXPECT_EQ(read_text(dir / "pull.txt"), read_data("imgpkg/pull-recursive.tty.txt"));
  EXPECT_EQ(read_text(dir / "push.txt"), read_data("imgpkg/push-outer.tty.txt"));
  EXPECT_EQ(test::read_tree(dir / "out"), test::read_tree(data + "/pulled"));
  EXPECT_EQ(read_text(dir / "resolved.txt"),
            "127.0.0.1:5399/third/place@sha256:"
            "511605c4dc4039eabcaec594cab8420aec956824c7992301f93fe1bdbb25141c");
  EXPECT_NE(
      read_text(dir / "chart.txt").find("sha256:463702e27c81e988a0ed55b5c8089ea1b5aae90bd29b26"),
      std::string::npos);
  for (const char* file : {"describe.copied.yml", "describe.source.yml"})
    EXPECT_EQ(read_text(dir / file), read_data(std::string("imgpkg/") + file)) << file;
  EXPECT_EQ(read_text(dir / "describe.tar.yml"), read_data("imgpkg/describe.source.yml"));
  // imgpkg prints what lies beside each other in any order.
  for (const char* file : {"describe.copied.txt", "describe.source.txt"})
    EXPECT_EQ(sorted_lines(read_text(dir / file)),
              sorted_lines(read_data(std::string("imgpkg/") + file)))
        << file;
  EXPECT_EQ(read_text(dir / "missing.txt"),
            "imgpkg: Error: Fetching image:\n"
            "  GET http://127.0.0.1:5399/v2/src/nothing/manifests/latest:\n"
            "    NAME_UNKNOWN:\n"
            "      Unknown name\n");
}

}  // namespace
}  // namespace tote
