// Headers of volumes: what is accepted is written the same, and its geometry holds together.
#include "archive/volume_header.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  using archive::kVolumeHeader;
  std::string bytes(fuzz::as_view(data, size));
  bytes.resize(kVolumeHeader, '\0');
  // A digest that is right, which nobody would guess.
  constexpr std::size_t kDigestAt = kVolumeHeader - archive::kVolumeSum;
  bytes.replace(kDigestAt, archive::kVolumeSum,
                as_text(archive::sha256_of(as_bytes(bytes).first(kDigestAt))));
  fuzz::allow_errors([&] {
    const auto header = archive::VolumeHeader::decode(as_bytes(bytes));
    if (!header) return;
    const archive::VolumeGeometry& geometry = header->geometry;
    const auto again = archive::VolumeHeader::decode(as_bytes(header->encode()));
    fuzz::require(again && again->geometry == geometry && again->volume == header->volume &&
                      again->set == header->set && again->sums_digest == header->sums_digest,
                  "what is written is what was read");
    const std::uint32_t group = geometry.group_of(header->volume);
    fuzz::require(group < geometry.groups(), "there is such a group");
    fuzz::require(geometry.member(group, geometry.index_in_group(header->volume)) == header->volume,
                  "a volume is in its place in its group");
    std::uint64_t payload = 0;
    for (std::uint32_t i = 0; i < geometry.data; ++i) payload += geometry.payload_of(i);
    fuzz::require(payload == geometry.archive_size, "the payloads are the archive");
  });
  return 0;
}
