// -c, --repo and --chart-version: a chart, as the source of a command.
#pragma once

#include "bundle/chart_source.h"
#include "bundle/transfer_source.h"
#include "cmd/cli/command.h"
#include "cmd/cli/flags.h"

#include <string>

namespace tote::cmd {

struct ChartFlags {
  std::string chart;
  std::string repo;
  std::string version;

  // `flags` must not outlive this.
  void add_to(FlagSet& flags);
  bool is_given() const { return !chart.empty(); }

  // The chart itself, wherever it is.
  bundle::FetchedChart fetch(registry::Client& client, const bundle::Session& session) const;
  // One of a registry as it is there; one of a web server as the artifact that push would make of
  // it. Tells what is to be known of it.
  bundle::TransferSource source(registry::Client& client, const bundle::Session& session,
                                Ui& ui) const;
};

// That it has a media type of old, or that nothing has vouched for it.
void tell_of(const bundle::FetchedChart& chart, Ui& ui);

// Error{kUsage} for -f that is not one chart, or what is no name for it.
void check_chart_files(const std::vector<std::string>& files);

}  // namespace tote::cmd
