#include "cmd/progress/progress.h"

#include "base/clock.h"
#include "base/error.h"

#include <utility>

namespace tote::cmd {

Progress::Progress(const ProgressFlags& flags, CommandContext& context, ProgressWords words,
                   std::string imgpkg_prefix)
    : ui_(context.ui),
      is_imgpkg_(flags.chosen(context) == ProgressStyle::kImgpkg),
      imgpkg_(std::move(imgpkg_prefix)) {
  if (!flags.file.empty()) ui_.messages().copy_events_to(flags.file);
  const ProgressStyle style = flags.chosen(context);
  display_ = std::make_unique<Display>(
      ui_.messages(),
      Display::Options{style, std::move(words), ui_.program(), context.err_terminal},
      system_clock().now());
  if (style == ProgressStyle::kImgpkg || (style == ProgressStyle::kNone && flags.file.empty()))
    return;
  ticking_ = std::jthread([this](const std::stop_token& stop) {
    try {
      for (;;) {
        system_clock().sleep(display_->interval(), stop);
        display_->tick(system_clock().now());
      }
    } catch (const Cancelled&) {
    }
  });
}

Progress::~Progress() {
  end_ticking();
}

void Progress::end_ticking() {
  if (ticking_.joinable()) {
    ticking_.request_stop();
    ticking_.join();
  }
  display_->stop();
}

bundle::Observer Progress::observer() {
  return [this](const bundle::Event& event) { add(event); };
}

void Progress::add(const bundle::Event& event) {
  if (!is_imgpkg_) return display_->add(event, system_clock().now());
  const Lock lock(imgpkg_mutex_);
  ui_.log(imgpkg_.of(event));
}

void Progress::finish() {
  end_ticking();
  if (!is_imgpkg_) display_->sum_up(system_clock().now());
}

}  // namespace tote::cmd
