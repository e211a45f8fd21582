// Bytes that were read ahead, and then the rest of the source that they came from.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "io/byte_source.h"

namespace holdfast::image {

class ChainedSource final : public io::ByteSource {
 public:
  // `rest` outlives it.
  ChainedSource(std::string head, io::ByteSource& rest) : head_(std::move(head)), rest_(rest) {}

  [[nodiscard]] Result<Bytes> Next(std::size_t max = io::kAnySize) override {
    if (at_ == head_.size()) return rest_.Next(max);
    const Bytes view = AsBytes(std::string_view(head_).substr(at_, max));
    at_ += view.size();
    return view;
  }

 private:
  std::string head_;
  std::size_t at_ = 0;
  io::ByteSource& rest_;
};

}  // namespace holdfast::image
