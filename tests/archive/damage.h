// What becomes of an archive of which one byte is another, or the end is missing.
#pragma once

#include "archive/archive_reader.h"
#include "base/error.h"
#include "base/file.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <string>

namespace tote::test {

// All that a reader of an archive can learn: names, manifests, configs and the bytes of layers.
inline std::string all_of(const archive::ArchiveReader& archive) {
  std::string all = archive.images_lock() + "\n";
  const oci::Contents& contents = archive.contents();
  for (const oci::CarriedImage& image : contents.images)
    all += image.repository.name() + " " + image.tag + " " + image.target.digest.str() + " " +
           image.known_as + "\n";
  for (const oci::ManifestPtr& manifest : contents.manifests) all += manifest->bytes() + "\n";
  for (const oci::CarriedConfig& config : contents.configs) all += config.bytes + "\n";
  for (const oci::CarriedLayer& layer : contents.layers)
    all += read_all(*archive.open_blob(layer.blob), 1U << 20U, "layer") + "\n";
  return all;
}

struct DamageCount {
  int detected = 0;
  int harmless = 0;
};

// Whatever `read` gives while `file` is damaged is `whole`, or an error.
inline void count_damage(const std::function<std::string()>& read, const std::string& whole,
                         std::size_t where, DamageCount& count) {
  try {
    ASSERT_EQ(read(), whole) << "at byte " << where;
    ++count.harmless;
  } catch (const Error& error) {
    EXPECT_NE(error.kind(), ErrorKind::kInternal) << error.message() << " at byte " << where;
    ++count.detected;
  }
}

// Changes every byte once, `file` being right again after each.
inline DamageCount change_every_byte(const std::filesystem::path& file,
                                     const std::function<std::string()>& read) {
  const std::string whole = read();
  const std::string right = read_text(file);
  DamageCount count;
  const FilePtr open = File::open(file, O_RDWR);
  for (std::size_t i = 0; i < right.size() && !testing::Test::HasFatalFailure(); ++i) {
    const std::byte byte = as_bytes(right)[i];
    const std::byte wrong = byte ^ std::byte{static_cast<unsigned char>(1U << (i % 8))};
    open->write_at({&wrong, 1}, i);
    count_damage(read, whole, i, count);
    open->write_at({&byte, 1}, i);
  }
  return count;
}

// Cuts it short at every `step`th byte; at each in hack/test.sh full.
inline DamageCount cut_everywhere(const std::filesystem::path& file, std::size_t step,
                                  const std::function<std::string()>& read) {
  if (!environment("TOTE_LONG_TESTS").empty()) step = 1;
  const std::string whole = read();
  const std::string right = read_text(file);
  DamageCount count;
  for (std::size_t size = right.size(); size-- > 0 && !testing::Test::HasFatalFailure();) {
    if (size % step != 0 && size + step < right.size()) continue;
    std::filesystem::resize_file(file, size);
    count_damage(read, whole, size, count);
  }
  write_text(file, right);
  return count;
}

}  // namespace tote::test
