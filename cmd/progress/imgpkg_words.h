// What imgpkg says of what happens, word by word.
#pragma once

#include "bundle/event.h"

#include <optional>
#include <string>

namespace tote::cmd {

// For one copy or pull: what a layer's file is called depends on the archive that was begun.
class ImgpkgWords {
 public:
  // `prefix`: what every line begins with.
  explicit ImgpkgWords(std::string prefix = {}) : prefix_(std::move(prefix)) {}

  // Whole lines; empty: imgpkg says nothing of it.
  std::string of(const bundle::Event& event);

 private:
  std::string text_of(const bundle::Event& event);
  std::string text(const bundle::ArchiveBegun& event);
  std::string text(const copy::BlobFinished& event) const;

  const std::string prefix_;
  std::optional<archive::ArchiveFormat> archive_;  // that is being written
};

}  // namespace tote::cmd
