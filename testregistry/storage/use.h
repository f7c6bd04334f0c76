// What a client does with what it is told.
#pragma once

namespace tote::testregistry {

// kKeep: it will leave what it asked for out of what it pushes, so garbage collection has to spare
// that from now on as if it had just come.
enum class Use { kRead, kKeep };

}  // namespace tote::testregistry
