// What `copy` says when it is done.
#pragma once

#include "bundle/event.h"
#include "bundle/transfer.h"
#include "bundle/transfer_to_each.h"
#include "cmd/cli/ui.h"

#include <string>
#include <vector>

namespace tote::cmd {

// "Copied to 'registry/repository@sha256:...'", for --json an object (docs/machine-output.md).
// `to`: the repository, archive or directory as it was asked for.
void show_copy_result(const bundle::TransferResult& result, const std::string& to, Ui& ui);

// The same for each of several repositories. Throws one Error for those where it failed.
void show_arrivals(const std::vector<bundle::Arrival>& arrivals, Ui& ui);

// What a copy does not take along, as notices: layers that their vendors do not let others hand on,
// or of which there are none although they were asked for (not under imgpkg's name, which says it
// in its own words); platforms that an index lacks; what is attached to images; what the far side
// has. Other events say nothing here.
void tell_of_what_stays(const bundle::Event& event, Ui& ui);

}  // namespace tote::cmd
