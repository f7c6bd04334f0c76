#include "cmd/progress/json_lines.h"

#include <cmath>
#include <type_traits>

namespace tote::cmd {
namespace {

std::string_view name_of(copy::BlobKind kind) {
  switch (kind) {
    case copy::BlobKind::kLayer:
      return "layer";
    case copy::BlobKind::kConfig:
      return "config";
    case copy::BlobKind::kManifest:
      return "manifest";
  }
  return "";
}

std::string_view name_of(copy::BlobOutcome outcome) {
  switch (outcome) {
    case copy::BlobOutcome::kSent:
      return "moved";
    case copy::BlobOutcome::kMounted:
      return "mounted";
    case copy::BlobOutcome::kAlreadyThere:
      return "there";
  }
  return "";
}

std::int64_t milliseconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

// So many a second, without a fraction: it is a guess anyway.
std::uint64_t whole(double number) {
  return static_cast<std::uint64_t>(std::llround(number));
}

EventLine about(std::string_view name, const copy::BlobWork& blob) {
  EventLine line(name);
  line.member("digest", blob.blob.digest.str())
      .member("kind", name_of(blob.kind))
      .member("bytes", blob.blob.size);
  return line;
}

std::optional<EventLine> line(const bundle::ImagesSelected& event) {
  EventLine line("images");
  line.member("images", event.images);
  return line;
}

std::optional<EventLine> line(const bundle::LayersReused& event) {
  EventLine line("reused");
  line.member("layers", event.layers);
  return line;
}

std::optional<EventLine> line(const bundle::ImagePlanned& event) {
  EventLine line("image");
  line.member("image", event.image.reference());
  return line;
}

std::optional<EventLine> line(const copy::WorkFound& event) {
  const copy::WorkSize size = copy::size_of(event.work);
  EventLine line("work");
  line.member("blobs_to_move", size.blobs_to_send)
      .member("bytes_to_move", size.bytes_to_send)
      .member("blobs_to_mount", size.blobs_to_mount)
      .member("bytes_to_mount", size.bytes_to_mount);
  return line;
}

std::optional<EventLine> line(const copy::BlobBegun& event) {
  EventLine line = about("blob-begin", event.blob);
  line.member("offset", event.offset);
  return line;
}

std::optional<EventLine> line(const copy::BlobFinished& event) {
  EventLine line = about("blob-end", event.blob);
  line.member("outcome", name_of(event.outcome))
      .member("milliseconds", milliseconds_of(event.took));
  return line;
}

std::optional<EventLine> line(const copy::ManifestPushed& event) {
  EventLine line("manifest");
  line.member("digest", event.manifest.digest().str()).member("name", event.name);
  return line;
}

std::optional<EventLine> line(const bundle::Tagged& event) {
  EventLine line("tag");
  line.member("repository", event.repository.name())
      .member("tag", event.image.tag)
      .member("digest", event.image.target.digest.str());
  return line;
}

std::optional<EventLine> line(const bundle::ImagePlaced& event) {
  EventLine line("placed");
  line.member("image", event.image.original)
      .member("to", event.image.name.name())
      .member("digest", event.image.digest.str());
  return line;
}

std::optional<EventLine> line(const bundle::Counted& event) {
  EventLine line("count");
  line.member("what", event.what).member("done", event.done).member("total", event.total);
  return line;
}

template <class Other>
std::optional<EventLine> line(const Other&) {
  return std::nullopt;
}

}  // namespace

std::optional<EventLine> event_line(const bundle::Event& event) {
  return std::visit([](const auto& what) { return line(what); }, event);
}

EventLine state_event(const Tally& tally, Tally::Time now) {
  JsonWriter active;
  active.begin_array();
  for (const ActiveBlob& blob : tally.active())
    active.begin_object()
        .member("digest", blob.digest.str())
        .member("position", blob.position)
        .member("bytes", blob.size)
        .end_object();
  EventLine line("progress");
  line.member("phase", tally.phase())
      .member("blobs_done", tally.sent().blobs)
      .member("blobs_total", tally.to_send().blobs)
      .member("bytes_done", tally.sent().bytes)
      .member("bytes_total", tally.to_send().bytes)
      .member("bytes_per_second", whole(tally.bytes_per_second(now)));
  if (const auto left = tally.time_left(now)) line.member("seconds_left", left->count());
  line.member("active", RawJson{active.end_array().take()});
  return line;
}

EventLine summary_event(const Tally& tally, Tally::Time now) {
  EventLine line("summary");
  line.member("images", tally.images())
      .member("bytes_moved", tally.moved())
      .member("blobs_moved", tally.sent().blobs)
      .member("bytes_mounted", tally.mounted().bytes)
      .member("blobs_mounted", tally.mounted().blobs)
      .member("bytes_there", tally.there().bytes)
      .member("blobs_there", tally.there().blobs)
      .member("milliseconds", milliseconds_of(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                  tally.elapsed(now))));
  return line;
}

}  // namespace tote::cmd
