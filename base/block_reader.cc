#include "base/block_reader.h"

#include <algorithm>

namespace tote {

std::size_t BlockReader::read_at(MutableBytes out, std::uint64_t offset) const {
  std::size_t filled = 0;
  const std::uint64_t end = size();
  while (filled < out.size() && offset < end) {
    const Block block = block_at(offset);
    const Bytes bytes = get(block);
    const ConstBytes rest = as_bytes(*bytes).subspan(offset - block.begin);
    const ConstBytes part = rest.first(std::min(rest.size(), out.size() - filled));
    copy_bytes(part, out.subspan(filled));
    filled += part.size();
    offset += part.size();
  }
  return filled;
}

BlockReader::Bytes BlockReader::find(std::uint64_t number) const {
  const Lock lock(mutex_);
  const auto found = std::find_if(blocks_.begin(), blocks_.end(),
                                  [&](const auto& block) { return block.first == number; });
  if (found == blocks_.end()) return nullptr;
  std::rotate(blocks_.begin(), found, found + 1);
  return blocks_.front().second;
}

BlockReader::Bytes BlockReader::get(const Block& block) const {
  if (Bytes found = find(block.number)) return found;
  auto loaded = std::make_shared<const std::string>(load(block));
  const Lock lock(mutex_);
  blocks_.emplace_front(block.number, loaded);
  if (blocks_.size() > kept_) blocks_.pop_back();
  return loaded;
}

}  // namespace tote
