// What `copy` says when it is done.
#pragma once

#include "bundle/transfer.h"
#include "cmd/cli/ui.h"

#include <string>

namespace tote::cmd {

// "Copied to 'registry/repository@sha256:...'", for --json an object (docs/machine-output.md).
// `to`: the repository, archive or directory as it was asked for.
void show_copy_result(const bundle::TransferResult& result, const std::string& to, Ui& ui);

}  // namespace tote::cmd
