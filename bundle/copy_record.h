// What was copied from where: a record that can be kept as a file, or attached to what was copied
// (docs/formats.md, "Record of a copy").
#pragma once

#include "bundle/session.h"
#include "oci/artifact.h"
#include "oci/manifest.h"
#include "registry/remote_repository.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tote::bundle {

// Of the attached image, and of the JSON in it.
inline constexpr std::string_view kCopyRecordType = "application/vnd.tote.copy-record.v1+json";

struct RecordedImage {
  std::string from;  // a reference with a digest
  std::string to;    // likewise; empty: `CopyRecord::to` is a file
  std::string tag;   // that it was given; may be empty
};

struct CopyRecord {
  std::string program;  // "tote 0.1.0"
  std::string time;     // when the copy had ended: UTC, RFC 3339
  std::string to;       // a repository, or the name of a file without its directory
  std::vector<RecordedImage> images;

  // One JSON object with a line break behind it. There are no credentials in it, since references
  // have none.
  std::string encode() const;
};

// An artifact that says this of `subject`.
std::unique_ptr<oci::Artifact> build_record(const CopyRecord& record,
                                            const oci::Descriptor& subject);

// Puts it beside `subject`, as a referrer. Error, Cancelled.
void attach_record(const CopyRecord& record, const oci::Descriptor& subject,
                   registry::RemoteRepository& to, const Session& session);

}  // namespace tote::bundle
