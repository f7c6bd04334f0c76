// --record of copy: remembering what is copied, and leaving a record of it.
#pragma once

#include "bundle/copy_record.h"
#include "bundle/event.h"
#include "bundle/transfer.h"
#include "cmd/cli/command.h"
#include "cmd/copy_options.h"
#include "registry/client.h"

#include <vector>

namespace tote::cmd {

// For one copy. The options must outlive it.
class CopyRecording {
 public:
  // Error{kUsage} for a record that could be attached to nothing.
  explicit CopyRecording(const CopyOptions& options);

  // As an observer.
  void add(const bundle::Event& event);
  // The copy is done. Writes the file, or attaches the record to the bundle, or to each image.
  // Error, Cancelled.
  void finish(const bundle::TransferResult& result, registry::Client& client,
              const CommandContext& context);

 private:
  bundle::CopyRecord record_of(const std::vector<oci::CarriedImage>& images) const;
  void attach(const oci::Reference& root, bool is_bundle, registry::Client& client,
              const CommandContext& context);

  const CopyOptions& options_;
  std::vector<oci::CarriedImage> images_;
};

}  // namespace tote::cmd
