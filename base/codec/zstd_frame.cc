#include "base/codec/zstd_frame.h"

#include "base/error.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <vector>

namespace tote {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kChecksum = 4;
constexpr std::string_view kMagic = "\x28\xb5\x2f\xfd";

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

std::size_t checked(std::size_t result, const char* what) {
  if (ZSTD_isError(result) != 0)
    throw Error(ErrorKind::kInternal,
                fmt::format("libzstd can not {}: {}", what, ZSTD_getErrorName(result)));
  return result;
}

// Content_Checksum_flag of the Frame_Header_Descriptor (RFC 8878, 3.1.1.1.1.5).
bool has_checksum(ConstBytes frame) noexcept {
  constexpr std::size_t kDescriptorAt = 4;
  constexpr std::byte kFlag{4};
  return frame.size() > kDescriptorAt + kChecksum && (frame[kDescriptorAt] & kFlag) == kFlag;
}

}  // namespace

struct ZstdFrameEncoder::Impl {
  std::unique_ptr<ZSTD_CCtx, FreeContext> context{ZSTD_createCCtx()};
  std::vector<std::byte> frame;
};

ZstdFrameEncoder::ZstdFrameEncoder() : impl_(std::make_unique<Impl>()) {
  if (!impl_->context) throw std::bad_alloc();
  ZSTD_CCtx* context = impl_->context.get();
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel), "set its level");
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1), "add checksums");
}

ZstdFrameEncoder::~ZstdFrameEncoder() = default;

ConstBytes ZstdFrameEncoder::encode(ConstBytes content) {
  impl_->frame.resize(std::max(impl_->frame.size(), max_zstd_frame(content.size())));
  const std::size_t size =
      checked(ZSTD_compress2(impl_->context.get(), impl_->frame.data(), impl_->frame.size(),
                             content.data(), content.size()),
              "compress");
  return ConstBytes(impl_->frame).first(size);
}

std::size_t max_zstd_frame(std::size_t content) noexcept {
  return ZSTD_compressBound(content);
}

bool begins_zstd_frame(ConstBytes bytes) noexcept {
  return as_text(bytes).starts_with(kMagic);
}

// libzstd would take skippable frames, and those of its first versions, for frames too.
std::optional<ZstdFrameSize> zstd_frame_at(ConstBytes bytes) noexcept {
  if (!begins_zstd_frame(bytes)) return std::nullopt;
  const std::size_t frame = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
  if (ZSTD_isError(frame) != 0 || !has_checksum(bytes.first(frame))) return std::nullopt;
  const unsigned long long content = ZSTD_getFrameContentSize(bytes.data(), frame);
  if (content == ZSTD_CONTENTSIZE_UNKNOWN || content == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
  return ZstdFrameSize{frame, content};
}

std::uint32_t zstd_frame_checksum(ConstBytes frame) noexcept {
  std::uint32_t checksum = 0;
  for (std::size_t i = 0; i < kChecksum; ++i)
    checksum |= std::to_integer<std::uint32_t>(frame[frame.size() - kChecksum + i]) << (8 * i);
  return checksum;
}

// By itself libzstd would take several frames for one.
void decode_zstd_frame(ConstBytes frame, MutableBytes out) {
  const auto found = zstd_frame_at(frame);
  if (!found || found->frame != frame.size() || found->content != out.size())
    throw Error(ErrorKind::kParse, "a frame of zstd is not what is said of it");
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0 || size != out.size())
    throw Error(ErrorKind::kParse,
                fmt::format("a frame of zstd is damaged: {}",
                            ZSTD_isError(size) != 0 ? ZSTD_getErrorName(size) : "it is short"));
}

}  // namespace tote
