// What `copy` says when it is done.
#pragma once

#include "bundle/event.h"
#include "bundle/transfer.h"
#include "cmd/cli/ui.h"

#include <string>

namespace tote::cmd {

// "Copied to 'registry/repository@sha256:...'", for --json an object (docs/machine-output.md).
// `to`: the repository, archive or directory as it was asked for.
void show_copy_result(const bundle::TransferResult& result, const std::string& to, Ui& ui);

// Layers stay behind that their vendors do not let others hand on, or there are none although they
// were asked for. Nothing under imgpkg's name, which says it in its own words.
void tell_of_restricted_layers(const bundle::RestrictedLayers& event, Ui& ui);

}  // namespace tote::cmd
