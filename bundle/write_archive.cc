#include "bundle/write_archive.h"

#include "archive/archive_writer.h"
#include "base/error.h"
#include "copy/execute.h"
#include "copy/survey.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace tote::bundle {
namespace {

constexpr const char* kResume =
    "the layers that have arrived are kept: --resume goes on from there";

// So that what arrives can be compressed at once. What else there is has its place already.
void sort_by_place(std::vector<copy::BlobWork>& blobs, const archive::ArchiveWriter& writer) {
  std::stable_sort(blobs.begin(), blobs.end(), [&](const auto& a, const auto& b) {
    return writer.offset_of(a.blob.digest) < writer.offset_of(b.blob.digest);
  });
}

void fill(archive::ArchiveWriter& writer, const Cargo& cargo, const ArchiveTarget& target,
          const Session& session) {
  copy::Work work = copy::survey(cargo.contents, writer, session.pool, session.stop);
  if (target.compression != archive::Compression::kNone) sort_by_place(work.blobs, writer);
  expect_base(cargo, work);
  copy::execute(work, cargo.from, writer, session.pool,
                {.observer = part_of(cargo.observer),
                 .failures = session.failures,
                 .streams = session.streams},
                session.stop);
  if (session.failures != nullptr) session.failures->rethrow();  // it does not get its name
}

}  // namespace

void write_archive(const Cargo& cargo, const ArchiveTarget& target, const Session& session) {
  const auto begun = std::chrono::steady_clock::now();
  archive::ArchiveWriter writer(target.path, cargo.contents,
                                {.format = target.format,
                                 .resume = target.resume,
                                 .keep_part = true,
                                 .images_lock = cargo.images_lock,
                                 .delta = cargo.delta,
                                 .volumes = target.volumes,
                                 .compression = target.compression});
  const auto laid_out = std::chrono::steady_clock::now() - begun;
  try {
    if (const auto reused = writer.reuse_layers(session.pool, session.stop))
      tell(cargo.observer, LayersReused{*reused});
    tell(cargo.observer, LayersBegun{});
    tell(cargo.observer, ArchiveBegun{target.format, laid_out});
    fill(writer, cargo, target, session);
    writer.finish();
  } catch (Error& error) {
    if (error.hint().empty() && writer.is_worth_keeping()) error.with_hint(kResume);
    throw;
  } catch (Cancelled& cancelled) {
    if (writer.is_worth_keeping()) cancelled.with_hint(kResume);
    throw;
  }
}

}  // namespace tote::bundle
