#include "store/postgres/values.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/format.h"

namespace holdfast::store::postgres {
namespace {

// Of pg_type.dat; these numbers never change.
constexpr Oid kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
              kOid = 26, kFloat4 = 700, kFloat8 = 701, kUnknown = 705, kByteaArray = 1001, kTextArray = 1009,
              kInt8Array = 1016, kFloat8Array = 1022, kBpchar = 1042, kVarchar = 1043, kNumeric = 1700, kVoid = 2278;

template <typename T>
void AppendBig(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

std::string Encode(std::int64_t value) {
  std::string out;
  AppendBig(out, static_cast<std::uint64_t>(value));
  return out;
}
const std::string& Encode(const std::string& value) { return value; }
const std::string& Encode(const Blob& value) { return value.bytes; }

// array_recv of arrayfuncs.c: dimensions, "has nulls", element type, {size, lower bound}, {length, element}; the length
// of NULL is -1.
class ArrayEncoder {
 public:
  ArrayEncoder(std::size_t count, bool has_nulls, Oid type) {
    AppendBig<std::uint32_t>(out_, count == 0 ? 0 : 1);
    AppendBig<std::uint32_t>(out_, has_nulls ? 1 : 0);
    AppendBig<std::uint32_t>(out_, type);
    if (count == 0) return;
    AppendBig(out_, static_cast<std::uint32_t>(count));
    AppendBig<std::uint32_t>(out_, 1);
  }
  void Add(std::string_view bytes) {
    AppendBig(out_, static_cast<std::uint32_t>(bytes.size()));
    out_ += bytes;
  }
  void AddNull() { AppendBig(out_, std::uint32_t{0xffffffff}); }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

template <typename Item>
std::string EncodeArray(const std::vector<Item>& items, Oid type) {
  ArrayEncoder array(items.size(), false, type);
  for (const Item& item : items) array.Add(Encode(item));
  return array.Take();
}

std::string EncodeColumn(std::span<const Parameters> rows, std::size_t column, Oid type) {
  ArrayEncoder array(rows.size(), true, type);
  for (const Parameters& row : rows) {
    const Value& value = row[column];
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      array.Add(Encode(*integer));
    else if (const auto* real = std::get_if<double>(&value))
      array.Add(Encode(std::bit_cast<std::int64_t>(*real)));
    else if (const auto* text = std::get_if<std::string>(&value))
      array.Add(*text);
    else if (const auto* blob = std::get_if<Blob>(&value))
      array.Add(blob->bytes);
    else
      array.AddNull();
  }
  return array.Take();
}

// In text form, of whatever type the server takes it for.
std::string NothingButNull(std::size_t count) {
  std::string out = "{";
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "NULL" : ",NULL";
  return out + "}";
}

template <typename T>
std::optional<T> LoadExactly(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  return LoadBig<T>(AsBytes(bytes));
}

// numeric_send of numeric.c: count of digits, weight of the first, sign, scale; digits of base 10000. SUM over BIGINT
// answers this type, so whole numbers become integers.
std::optional<Value> DecodeNumeric(std::string_view bytes) {
  constexpr std::uint16_t kPositive = 0x0000, kNegative = 0x4000;
  if (bytes.size() < 8) return std::nullopt;
  const Bytes raw = AsBytes(bytes);
  const auto count = LoadBig<std::uint16_t>(raw, 0);
  const auto weight = static_cast<std::int16_t>(LoadBig<std::uint16_t>(raw, 2));
  const auto sign = LoadBig<std::uint16_t>(raw, 4);
  const auto scale = LoadBig<std::uint16_t>(raw, 6);
  if (bytes.size() != 8 + std::size_t{count} * 2) return std::nullopt;
  if (sign != kPositive && sign != kNegative) return Value(std::numeric_limits<double>::quiet_NaN());
  std::string digits = sign == kNegative ? "-0" : "0";
  for (std::size_t i = 0; i < count; ++i) digits += Format("{:04}", LoadBig<std::uint16_t>(raw, 8 + 2 * i));
  const int exponent = (weight + 1 - count) * 4;  // of the last digit
  if (scale == 0 && exponent >= 0 && exponent <= 20) {
    const std::string whole = digits + std::string(static_cast<std::size_t>(exponent), '0');
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    if (error == std::errc() && end == whole.data() + whole.size()) return Value(value);
  }
  digits += Format("e{}", exponent);
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return Value(value);
}

template <typename Signed, typename Unsigned>
std::optional<Value> DecodeInteger(std::string_view bytes) {
  const auto raw = LoadExactly<Unsigned>(bytes);
  if (!raw) return std::nullopt;
  return Value(static_cast<std::int64_t>(static_cast<Signed>(*raw)));
}

template <typename Real, typename Unsigned>
std::optional<Value> DecodeReal(std::string_view bytes) {
  const auto raw = LoadExactly<Unsigned>(bytes);
  if (!raw) return std::nullopt;
  return Value(static_cast<double>(std::bit_cast<Real>(*raw)));
}

std::optional<Value> Decode(Oid type, std::string_view bytes) {
  switch (type) {
    case kInt8: return DecodeInteger<std::int64_t, std::uint64_t>(bytes);
    case kInt4: return DecodeInteger<std::int32_t, std::uint32_t>(bytes);
    case kInt2: return DecodeInteger<std::int16_t, std::uint16_t>(bytes);
    case kOid: return DecodeInteger<std::uint32_t, std::uint32_t>(bytes);
    case kBool: return DecodeInteger<std::uint8_t, std::uint8_t>(bytes);
    case kFloat8: return DecodeReal<double, std::uint64_t>(bytes);
    case kFloat4: return DecodeReal<float, std::uint32_t>(bytes);
    case kNumeric: return DecodeNumeric(bytes);
    case kBytea: return Value(Blob{std::string(bytes)});
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kChar:
    case kUnknown: return Value(std::string(bytes));
    case kVoid: return Value();
    default: return std::nullopt;
  }
}

}  // namespace

Oid TypeOf(const Value& value) {
  struct Visitor {
    Oid operator()(std::monostate) const { return 0; }
    Oid operator()(std::int64_t) const { return kInt8; }
    Oid operator()(double) const { return kFloat8; }
    Oid operator()(const std::string&) const { return kText; }
    Oid operator()(const Blob&) const { return kBytea; }
    Oid operator()(const std::vector<std::int64_t>&) const { return kInt8Array; }
    Oid operator()(const std::vector<std::string>&) const { return kTextArray; }
    Oid operator()(const std::vector<Blob>&) const { return kByteaArray; }
  };
  return std::visit(Visitor(), value);
}

Oid ArrayOf(Oid element) {
  switch (element) {
    case kInt8: return kInt8Array;
    case kFloat8: return kFloat8Array;
    case kText: return kTextArray;
    case kBytea: return kByteaArray;
    default: return 0;
  }
}

std::size_t SizeOf(const Parameters& parameters) {
  std::size_t size = 0;
  for (const Value& value : parameters) {
    size += sizeof(std::int64_t);
    if (const auto* text = std::get_if<std::string>(&value)) size += text->size();
    if (const auto* blob = std::get_if<Blob>(&value)) size += blob->bytes.size();
  }
  return size;
}

EncodedParameters::EncodedParameters(std::span<const Parameters> rows, std::span<const Oid> types) {
  made_.reserve(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    Add(made_.emplace_back(types[i] == 0 ? NothingButNull(rows.size()) : EncodeColumn(rows, i, types[i])));
    formats_.push_back(types[i] == 0 ? 0 : 1);
  }
}

void EncodedParameters::Add(const std::string& bytes) {
  values_.push_back(bytes.data());
  lengths_.push_back(static_cast<int>(bytes.size()));
  bytes_ += bytes.size();
}

EncodedParameters::EncodedParameters(const Parameters& parameters) : formats_(parameters.size(), 1) {
  made_.reserve(parameters.size());
  for (const Value& value : parameters) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      Add(made_.emplace_back(Encode(*integer)));
    } else if (const auto* real = std::get_if<double>(&value)) {
      Add(made_.emplace_back(Encode(std::bit_cast<std::int64_t>(*real))));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      Add(*text);
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      Add(blob->bytes);
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
      Add(made_.emplace_back(EncodeArray(*integers, kInt8)));
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
      Add(made_.emplace_back(EncodeArray(*texts, kText)));
    } else if (const auto* blobs = std::get_if<std::vector<Blob>>(&value)) {
      Add(made_.emplace_back(EncodeArray(*blobs, kBytea)));
    } else {
      values_.push_back(nullptr);
      lengths_.push_back(0);
    }
  }
}

Result<Cell> DecodeCell(Oid type, std::string_view bytes) {
  auto value = Decode(type, bytes);
  if (!value) return Fail(ErrorKind::kInternal, Format("a result of type {} must be cast", type));
  return Cell(*std::move(value));
}

}  // namespace holdfast::store::postgres
