// What `copy` says when it is done.
#pragma once

#include "base/json_writer.h"
#include "bundle/event.h"
#include "bundle/transfer.h"
#include "bundle/transfer_to_each.h"
#include "cmd/cli/ui.h"

#include <string>
#include <vector>

namespace tote::cmd {

// The names of their own that images have got.
class PlacedNames {
 public:
  void add(const bundle::Event& event);
  // A line for each, and the member "placed" for programs; nothing if there are none.
  void show(Ui& ui, JsonWriter& json);

 private:
  std::vector<bundle::PlacedImage> images_;
};

// "Copied to 'registry/repository@sha256:...'", for --json an object (docs/machine-output.md).
// `to`: the repository, archive or directory as it was asked for.
void show_copy_result(const bundle::TransferResult& result, const std::string& to,
                      PlacedNames& placed, Ui& ui);

// The same for each of several repositories. Throws one Error for those where it failed.
void show_arrivals(const std::vector<bundle::Arrival>& arrivals, Ui& ui);

// What a copy does not take along, as notices: layers that their vendors do not let others hand on,
// or of which there are none although they were asked for (not under imgpkg's name, which says it
// in its own words); platforms that an index lacks; what is attached to images; what the far side
// has. Other events say nothing here.
void tell_of_what_stays(const bundle::Event& event, Ui& ui);

}  // namespace tote::cmd
