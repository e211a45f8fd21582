// Whatever parses prints as text that parses to the same, and has scores between 0 and 10 whichever metrics count.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cvss/score.h"

namespace {

using holdfast::cvss::Metrics;

void Check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto vector = holdfast::cvss::Vector::Parse({reinterpret_cast<const char*>(data), size});
  if (!vector) return 0;
  const auto again = holdfast::cvss::Vector::Parse(vector->Text());
  Check(again && *again == *vector && again->Text() == vector->Text());
  for (const Metrics metrics : {Metrics::kB, Metrics::kBT, Metrics::kBE, Metrics::kBTE}) {
    const double score = holdfast::cvss::Score(*vector, metrics);
    Check(score >= 0 && score <= 10 && score == holdfast::cvss::Score(*again, metrics));
  }
  const auto parts = holdfast::cvss::BaseScoresOf(*vector);
  Check(!parts || (parts->impact >= 0 && parts->exploitability >= 0));
  return 0;
}
