#include "store/codec.h"

#include <algorithm>

namespace holdfast::store {

std::optional<Digest> ToDigest(const Cell& cell) {
  const std::string& bytes = cell.Bytes();
  Sha256Value value;
  if (bytes.size() != value.bytes.size()) return std::nullopt;
  std::ranges::copy(AsBytes(bytes), value.bytes.begin());
  return Digest(value);
}

}  // namespace holdfast::store
