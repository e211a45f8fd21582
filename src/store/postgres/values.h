// Values on the wire, in PostgreSQL's binary format ("Formats and Format Codes", chapter 55 of the manual): big-endian,
// and exact in both directions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace holdfast::store::postgres {

using Oid = unsigned int;

// The type as which a parameter is sent; 0 for NULL, whose type the server finds out.
[[nodiscard]] Oid TypeOf(const Value& value);

// Of an array of such elements; 0 for 0. Requires: no array itself.
[[nodiscard]] Oid ArrayOf(Oid element);
// About how many bytes the parameters are.
[[nodiscard]] std::size_t SizeOf(const Parameters& parameters);

// Parameters as libpq takes them. Points into the parameters, so these outlive it.
class EncodedParameters {
 public:
  explicit EncodedParameters(const Parameters& parameters);
  // The columns of these rows, each as an array of that type; where the type is 0 all is NULL. The rows may go.
  EncodedParameters(std::span<const Parameters> rows, std::span<const Oid> types);
  EncodedParameters(const EncodedParameters&) = delete;
  EncodedParameters& operator=(const EncodedParameters&) = delete;

  [[nodiscard]] int Count() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* Values() const { return values_.data(); }
  [[nodiscard]] const int* Lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* Formats() const { return formats_.data(); }
  [[nodiscard]] std::size_t Bytes() const { return bytes_; }

 private:
  void Add(const std::string& bytes);

  std::vector<std::string> made_;  // reserved for all, so that it never moves
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::size_t bytes_ = 0;
};

// One column of a result row in binary format. kInternal for a type that Value has no place for.
[[nodiscard]] Result<Cell> DecodeCell(Oid type, std::string_view bytes);

}  // namespace holdfast::store::postgres
