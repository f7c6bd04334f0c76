#include "base/codec/patch.h"

#include "base/error.h"

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <bit>
#include <memory>

namespace tote {
namespace {

// Long matches are found anywhere by another table; this is how hard it looks for short ones.
constexpr int kLevel = 9;

struct Free {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

template <class Context>
std::unique_ptr<Context, Free> owned(Context* context) {
  if (context == nullptr) throw std::bad_alloc();
  return std::unique_ptr<Context, Free>(context);
}

std::size_t checked(std::size_t result, ErrorKind kind) {
  if (ZSTD_isError(result) != 0)
    throw Error(kind, fmt::format("zstd: {}", ZSTD_getErrorName(result)));
  return result;
}

void set(ZSTD_CCtx& context, ZSTD_cParameter parameter, int value) {
  checked(ZSTD_CCtx_setParameter(&context, parameter, value), ErrorKind::kInternal);
}

int bits_for(std::uint64_t bytes) {
  return std::max(10, static_cast<int>(std::bit_width(bytes)));
}

}  // namespace

std::optional<std::size_t> make_patch(ConstBytes from, ConstBytes to, MutableBytes patch) {
  const auto context = owned(ZSTD_createCCtx());
  set(*context, ZSTD_c_compressionLevel, kLevel);
  set(*context, ZSTD_c_windowLog, std::min(31, bits_for(from.size() + to.size())));
  set(*context, ZSTD_c_enableLongDistanceMatching, 1);
  set(*context, ZSTD_c_checksumFlag, 1);
  checked(ZSTD_CCtx_refPrefix(context.get(), from.data(), from.size()), ErrorKind::kInternal);
  const std::size_t length =
      ZSTD_compress2(context.get(), patch.data(), patch.size(), to.data(), to.size());
  if (ZSTD_getErrorCode(length) == ZSTD_error_dstSize_tooSmall) return std::nullopt;
  return checked(length, ErrorKind::kInternal);
}

std::optional<std::uint64_t> patched_size(ConstBytes patch) noexcept {
  const unsigned long long size = ZSTD_getFrameContentSize(patch.data(), patch.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
  return size;
}

void apply_patch(ConstBytes from, ConstBytes patch, MutableBytes to) {
  const auto context = owned(ZSTD_createDCtx());
  checked(ZSTD_DCtx_refPrefix(context.get(), from.data(), from.size()), ErrorKind::kInternal);
  const std::size_t length =
      checked(ZSTD_decompressDCtx(context.get(), to.data(), to.size(), patch.data(), patch.size()),
              ErrorKind::kParse);
  if (length != to.size())
    throw Error(ErrorKind::kParse,
                fmt::format("the patch makes {} bytes, not {}", length, to.size()));
}

}  // namespace tote
