// Layers that tar, Python and tote itself write come out as the files that went in.
#include "base/file.h"
#include "bundle/layer_packer.h"
#include "bundle/layer_unpacker.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace tote::bundle {
namespace {

using test::TempDir;
using Tree = std::map<std::string, std::string>;

struct Writer {
  std::string name;
  // A shell script that packs the directory $1 into the file $2; empty: tote's own packer.
  std::string script;
};

std::string python(const std::string& format) {
  return "python3 -c 'import sys, tarfile\n"
         "with tarfile.open(sys.argv[2], \"w\", format=tarfile." +
         format + ") as tar: tar.add(sys.argv[1], \".\")' \"$1\" \"$2\"";
}

std::string gnu_tar(const std::string& flags) {
  return "tar " + flags + " -C \"$1\" -cf \"$2\" .";
}

std::string pack(const Writer& writer, const TempDir& dir) {
  if (writer.script.empty()) {
    const PackedLayer packed =
        pack_layer(collect_files({(dir / "in").string()}, {}), Permissions::kOwnerOnly);
    return read_all(*packed.content.open(), 1U << 30U, "layer");
  }
  EXPECT_DONE(test::run(
      {"sh", "-c", writer.script, "sh", (dir / "in").string(), (dir / "layer.tar").string()}));
  return test::read_text(dir / "layer.tar");
}

Tree unpack(const std::string& layer, const std::filesystem::path& directory) {
  std::filesystem::create_directory(directory);
  StringSource content(layer);
  LayerUnpacker(directory).apply(content);
  return test::read_tree(directory);
}

std::string name_of(const testing::TestParamInfo<Writer>& info) {
  return info.param.name;
}

// ---- names -------------------------------------------------------------------------------------

std::vector<std::string> names() {
  return {
      "cafe\xcc\x81",                       // e and an accent of its own
      "caf\xc3\xa9",                        // the same in one
      "\xe1\x84\x80\xe1\x85\xa1",           // Hangul in parts
      "\xea\xb0\x80",                       // and whole
      "\xe2\x84\xab",                       // Angstrom
      "\xc3\x85",                           // and the letter that it stands for
      "A\xcc\x8a",                          // which may be written like this too
      "\xef\xac\x81",                       // a ligature
      "\xef\xa4\x80",                       // a compatibility ideograph
      "latin-1 caf\xe9",                    // no UTF-8
      "overlong \xc0\xaf",                  // no UTF-8 either
      "surrogate \xed\xa0\x80",             // nor this
      "all \x01\x02\x7f\x80\xff",           //
      "line\nbreak = 1\ttab",               // what could end a record
      "\xf0\x9f\x98\x80",                   //
      std::string(200, 'n'),                // longer than a header's field
      "u\xcc\x88" + std::string(180, 'u'),  //
      std::string(120, 'd') + "/" + std::string(120, 'e') + "/" + std::string(120, 'f'),
      "\xe9/\xe8/cafe\xcc\x81/" + std::string(150, '\xe7'),
  };
}

class LayerNames : public testing::TestWithParam<Writer> {};

TEST_P(LayerNames, AreTheBytesThatWereWritten) {
  const TempDir dir;
  for (const std::string& name : names()) test::write_text(dir / "in" / name, "I am " + name);
  const Tree before = test::read_tree(dir / "in");
  ASSERT_GE(before.size(), names().size());
  EXPECT_EQ(unpack(pack(GetParam(), dir), dir / "out"), before);
}

INSTANTIATE_TEST_SUITE_P(, LayerNames,
                         testing::Values(Writer{"Tote", ""},
                                         Writer{"PythonPax", python("PAX_FORMAT")},
                                         Writer{"PythonGnu", python("GNU_FORMAT")},
                                         Writer{"TarPax", gnu_tar("--format=pax")},
                                         Writer{"TarGnu", gnu_tar("--format=gnu")}),
                         name_of);

// ---- sparse files ------------------------------------------------------------------------------

void make_sparse(const std::filesystem::path& path, std::uint64_t size,
                 const std::map<std::uint64_t, std::string>& pieces) {
  test::write_text(path, "");
  std::filesystem::resize_file(path, size);
  const FilePtr file = File::open(path, O_WRONLY);
  for (const auto& [offset, text] : pieces) file->write_at(as_bytes(text), offset);
}

class SparseLayers : public testing::TestWithParam<Writer> {};

TEST_P(SparseLayers, HaveZerosForHoles) {
  const TempDir dir;
  constexpr std::uint64_t kSize = 3U << 20U;
  make_sparse(dir / "in/middle", kSize, {{0, "begin"}, {kSize - 3, "end"}});
  make_sparse(dir / "in/end", kSize + 5, {{0, "begin"}});
  make_sparse(dir / "in/start", kSize, {{kSize / 2, "half"}});
  make_sparse(dir / "in/all", kSize, {});
  make_sparse(dir / "in/caf\xe9 e\xcc\x81", kSize, {{kSize / 2, "half"}});
  std::map<std::uint64_t, std::string> many;
  for (std::uint64_t i = 0; i < 40; ++i) many[i * 65536] = std::to_string(i);
  make_sparse(dir / "in/many", kSize, many);
  test::write_text(dir / "in/plain", "plain");
  const Tree before = test::read_tree(dir / "in");
  EXPECT_EQ(unpack(pack(GetParam(), dir), dir / "out"), before);
  struct stat info {};
  ASSERT_EQ(::stat((dir / "out/all").c_str(), &info), 0);
  EXPECT_LT(info.st_blocks * 512, 1 << 20) << "holes stay holes";
}

// A file that begins with "ab", of which pax records say that it is `size` bytes long.
std::string hardly_anything_of(const std::string& key, const std::string& size) {
  const std::string real_size = " " + key + "=" + size + "\n";
  std::string records = std::to_string(real_size.size() + 2) + real_size;
  if (key.starts_with("GNU")) records += "22 GNU.sparse.map=0,2\n";
  return test::make_tar({{"pax", records, 'x'}, {"sparse", "ab"}});
}

class SparseLayer : public testing::TestWithParam<const char*> {};

TEST_P(SparseLayer, OfAnAbsurdSizeIsRefusedAtOnce) {
  const TempDir dir;
  EXPECT_THAT([&] { unpack(hardly_anything_of(GetParam(), "9000000000000000000"), dir / "out"); },
              test::ThrowsError(ErrorKind::kParse, "a sparse file of 9000000000000000000 bytes"));
}

// Zero by zero it would take longer than a test may, and more than a disk has.
TEST_P(SparseLayer, CostsNothingForItsHoles) {
  const TempDir dir;
  StringSource layer(hardly_anything_of(GetParam(), "8796093022208"));
  std::filesystem::create_directory(dir / "out");
  LayerUnpacker(dir / "out").apply(layer);
  struct stat info {};
  ASSERT_EQ(::stat((dir / "out/sparse").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 8'796'093'022'208);
  EXPECT_LT(info.st_blocks * 512, 1 << 20);
}

INSTANTIATE_TEST_SUITE_P(, SparseLayer, testing::Values("GNU.sparse.realsize", "SCHILY.realsize"));

INSTANTIATE_TEST_SUITE_P(
    , SparseLayers,
    testing::Values(Writer{"Gnu", gnu_tar("-S --format=gnu")},
                    Writer{"Pax00", gnu_tar("-S --format=pax --sparse-version=0.0")},
                    Writer{"Pax01", gnu_tar("-S --format=pax --sparse-version=0.1")},
                    Writer{"Pax10", gnu_tar("-S --format=pax --sparse-version=1.0")}),
    name_of);

}  // namespace
}  // namespace tote::bundle
