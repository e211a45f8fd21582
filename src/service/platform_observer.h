// Told of what use cases do, for metrics. Called by many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::service {

struct MatchFigures {
  std::size_t contexts = 0, opened = 0, closed = 0;
  std::int64_t milliseconds = 0;
};

class PlatformObserver {
 public:
  virtual ~PlatformObserver() = default;
  // "go", "warn" or "stop"; "error" when there is no verdict.
  virtual void Evaluated(std::string_view result, std::int64_t milliseconds) = 0;
  virtual void Imported(bool success, std::int64_t milliseconds) = 0;
  virtual void Matched(const MatchFigures& figures) = 0;
  // A layer of an image under analysis: its record was there already, or is new.
  virtual void LayerSeen(bool known) = 0;
};

}  // namespace holdfast::service
