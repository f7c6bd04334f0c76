// Numbers and characters in templates.
#pragma once

#include "template/node.h"
#include "template/token.h"

#include <memory>

namespace tote::go_template {

// Without a place. Error{kParse} with Go's words and no more for what is none.
std::unique_ptr<NumberNode> number_constant(const Token& token);

}  // namespace tote::go_template
