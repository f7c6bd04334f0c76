// Range and Content-Range headers: whatever they say, a part lies within the content.
#include "base/text.h"
#include "testregistry/http/byte_range.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tote;
  using namespace tote::testregistry;
  const std::string_view text = fuzz::as_view(data, size);
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, UINT64_MAX}) {
    const RangeRequest request = parse_range(text, length);
    if (request.verdict != RangeVerdict::kPart) continue;
    const ByteRange range = request.range;
    fuzz::require(range.length > 0, "a part has a byte");
    fuzz::require(range.offset < length && range.length <= length - range.offset,
                  "a part is within the content");
  }
  if (const auto chunk = parse_chunk_range(text))
    fuzz::require(chunk->first <= chunk->last, "a chunk ends behind its beginning");
  return 0;
}
