// From the parts of an image to what it may be called.
#pragma once

#include "bundle/discover/values_scope.h"

#include <optional>
#include <string>
#include <vector>

namespace tote::bundle::discover {

// What a rule has found.
struct ImageParts {
  std::string rule;
  Form form = Form::kSplit;
  ValuePath path = {};         // by which it is known; empty: that of the mapping
  Part registry = {};          // its own: written at the image itself or at its group
  Part default_registry = {};  // where no other says one
  Part repository = {};        // may have a host, a tag and a digest in it
  Part name = {};              // behind the repository, with a "/" between them
  Part tag = {};
  Part digest = {};
  std::string tag_suffix = {};
  std::string repository_suffix = {};
  bool is_whole_path = false;     // no registry of others goes in front of it
  bool may_lack_tag = false;      // and is then no image: not even an unresolved one
  bool wants_app_version = true;  // where there is no other tag
  Certainty certainty = Certainty::kHigh;
  std::string optional = {};  // besides that of the scope
};

// Puts them together and adds the image, or what is unresolved, to the chart's result.
void add_image(const MapScope& scope, const ImageParts& parts);

// Adds an element that can not be told.
void add_unresolved(const MapScope& scope, const Part& part, std::string code, std::string reason);
// Adds to the report, with the severity that report_codes.h has for the code.
void add_report(const MapScope& scope, const ValuePath& path, std::string_view code,
                std::string message, std::string image = {});

// What stands in front of a ":tag" and "@digest", and these.
struct TakenApart {
  std::string name;
  std::string tag;
  std::string digest;
};
TakenApart take_apart(std::string_view text);

// It can not be any image: a URL, a file, a text with blanks.
bool is_no_image(std::string_view text);
bool is_template(std::string_view text);

}  // namespace tote::bundle::discover
