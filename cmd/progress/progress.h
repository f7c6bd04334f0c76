// Progress of one command: shown as its flags say, from its beginning to its end.
#pragma once

#include "bundle/event.h"
#include "cmd/cli/command.h"
#include "cmd/progress/display.h"
#include "cmd/progress/imgpkg_words.h"
#include "cmd/progress/progress_flags.h"

#include <memory>
#include <string>
#include <thread>

namespace tote::cmd {

class Progress {
 public:
  // The context must outlive it. Error{kIo} if --progress-file can not be written.
  // `imgpkg_prefix`: what imgpkg's lines begin with.
  Progress(const ProgressFlags& flags, CommandContext& context, ProgressWords words,
           std::string imgpkg_prefix = {});
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // What hears of all that happens; for any thread, as long as this lives.
  bundle::Observer observer();
  // It went well. Results are printed after this, or what is drawn would be among them.
  void finish();

 private:
  void add(const bundle::Event& event);
  void end_ticking();

  Ui& ui_;
  const bool is_imgpkg_;  // its lines instead of everything else
  ImgpkgWords imgpkg_;
  Mutex imgpkg_mutex_;
  std::unique_ptr<Display> display_;
  std::jthread ticking_;
};

}  // namespace tote::cmd
