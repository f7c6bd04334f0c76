// The flags of `push` that make an image one that is to be run.
#pragma once

#include "bundle/image_settings.h"
#include "bundle/owner_rules.h"
#include "cmd/cli/flags.h"
#include "oci/platform.h"

#include <string>
#include <vector>

namespace tote::cmd {

// Values that hold no commas themselves may be given as a list. Of "" is left "".
std::vector<std::string> split_each(const std::vector<std::string>& values);

struct RunFlags {
  bool any = false;  // whether one of them was given
  bundle::ImageSettings settings{.platform = oci::host_platform()};
  std::vector<bundle::OwnerRule> owners = {};

  // They are refused beside --bundle and --index. `flags` must not outlive this.
  void add_to(FlagSet& flags);

 private:
  void add_process(FlagSet& flags);
  void add_image(FlagSet& flags);
  // What is parsed goes into `target`.
  template <class Value, class Parse>
  Flag& add(FlagSet& flags, const std::string& name, const std::string& help, Value& target,
            Parse parse);
  // The last value counts.
  template <class Value, class Parse>
  Flag& add_last(FlagSet& flags, const std::string& name, const std::string& help, Value& target,
                 Parse parse);
};

// What only an image can have: it is refused beside --bundle. Returns the flag.
Flag& for_images_only(Flag& flag);
// It is refused beside --index, which is made of images that are there. Returns the flag.
Flag& not_for_indexes(Flag& flag);

}  // namespace tote::cmd
