#include "io/json.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "io/internal/json_tree.h"

namespace holdfast::io {
namespace json = boost::json;
namespace {

const json::value* Node(const void* node) { return static_cast<const json::value*>(node); }

}  // namespace

bool JsonView::IsNull() const { return node_ == nullptr || Node(node_)->is_null(); }
bool JsonView::IsObject() const { return node_ != nullptr && Node(node_)->is_object(); }
bool JsonView::IsArray() const { return node_ != nullptr && Node(node_)->is_array(); }
bool JsonView::IsString() const { return node_ != nullptr && Node(node_)->is_string(); }

JsonView JsonView::operator[](std::string_view key) const {
  if (!IsObject()) return {};
  return JsonView(Node(node_)->get_object().if_contains(key));
}

JsonView JsonView::At(std::size_t index) const {
  if (index >= Size()) return {};
  if (IsArray()) return JsonView(&Node(node_)->get_array()[index]);
  return JsonView(&(Node(node_)->get_object().begin() + static_cast<std::ptrdiff_t>(index))->value());
}

std::string_view JsonView::KeyAt(std::size_t index) const {
  if (!IsObject() || index >= Size()) return {};
  return (Node(node_)->get_object().begin() + static_cast<std::ptrdiff_t>(index))->key();
}

std::size_t JsonView::Size() const {
  if (IsArray()) return Node(node_)->get_array().size();
  if (IsObject()) return Node(node_)->get_object().size();
  return 0;
}

std::optional<std::string_view> JsonView::String() const {
  if (!IsString()) return std::nullopt;
  const json::string& text = Node(node_)->get_string();
  return std::string_view(text.data(), text.size());
}

std::optional<std::int64_t> JsonView::Integer() const {
  if (node_ == nullptr || !Node(node_)->is_int64()) return std::nullopt;
  return Node(node_)->get_int64();
}

std::optional<double> JsonView::Double() const {
  if (node_ == nullptr || !Node(node_)->is_number()) return std::nullopt;
  if (Node(node_)->is_int64()) return static_cast<double>(Node(node_)->get_int64());
  if (Node(node_)->is_uint64()) return static_cast<double>(Node(node_)->get_uint64());
  return Node(node_)->get_double();
}

std::optional<bool> JsonView::Bool() const {
  if (node_ == nullptr || !Node(node_)->is_bool()) return std::nullopt;
  return Node(node_)->get_bool();
}

JsonDocument::JsonDocument(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonView JsonDocument::Root() const { return JsonView(&tree_->root); }

Result<JsonDocument> JsonDocument::Parse(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max)
    return Fail(ErrorKind::kLimit, Format("JSON document of {} bytes, limit {}", text.size(), limits.bytes_max));
  auto tree = std::make_unique<Tree>();
  json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::system::error_code error;
  tree->root = json::parse(text, error, &tree->memory, options);
  if (error == json::error::too_deep)
    return Fail(ErrorKind::kLimit, Format("JSON nested deeper than {}", limits.depth_max));
  if (error) return Fail(ErrorKind::kCorrupt, Format("not JSON: {}", error.message()));
  return JsonDocument(std::move(tree));
}

// ---- Writer

void JsonWriter::NewLine() {
  if (indent_ == 0) return;
  text_.push_back('\n');
  text_.append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(depth_), ' ');
}

void JsonWriter::BeforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) text_.push_back(',');
  first_ = false;
  NewLine();
}

void JsonWriter::Open(char bracket) {
  BeforeValue();
  text_.push_back(bracket);
  ++depth_;
  first_ = true;
}

void JsonWriter::Close(char bracket) {
  --depth_;
  if (!first_) NewLine();
  first_ = false;
  text_.push_back(bracket);
}

JsonWriter& JsonWriter::BeginObject() { return Open('{'), *this; }
JsonWriter& JsonWriter::EndObject() { return Close('}'), *this; }
JsonWriter& JsonWriter::BeginArray() { return Open('['), *this; }
JsonWriter& JsonWriter::EndArray() { return Close(']'), *this; }

JsonWriter& JsonWriter::Key(std::string_view key) {
  if (!first_) text_.push_back(',');
  first_ = false;
  NewLine();
  Quote(key);
  text_.append(indent_ == 0 ? ":" : ": ");
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  BeforeValue();
  Quote(value);
  return *this;
}

JsonWriter& JsonWriter::Integer(std::int64_t value) {
  BeforeValue();
  text_.append(Format("{}", value));
  return *this;
}

JsonWriter& JsonWriter::Unsigned(std::uint64_t value) {
  BeforeValue();
  text_.append(Format("{}", value));
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  if (!std::isfinite(value)) return Null();
  BeforeValue();
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  text_.append(buffer.data(), end.ptr);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  BeforeValue();
  text_.append(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::Null() {
  BeforeValue();
  text_.append("null");
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  BeforeValue();
  text_.append(json);
  return *this;
}

// The depth of the recursion is that of the document, which its limits bound.
JsonWriter& JsonWriter::Copy(const JsonView& value) {
  if (value.IsObject()) {
    BeginObject();
    for (std::size_t i = 0; i < value.Size(); ++i) Key(value.KeyAt(i)).Copy(value.At(i));
    return EndObject();
  }
  if (value.IsArray()) {
    BeginArray();
    for (const JsonView element : value) Copy(element);
    return EndArray();
  }
  if (const auto text = value.String()) return String(*text);
  if (const auto boolean = value.Bool()) return Bool(*boolean);
  if (const auto integer = value.Integer()) return Integer(*integer);
  if (!value.IsNull() && Node(value.node_)->is_uint64()) return Unsigned(Node(value.node_)->get_uint64());
  if (const auto number = value.Double()) return Double(*number);
  return Null();
}

std::string JsonWriter::Take() {
  std::string text = std::move(text_);
  text_.clear();
  return text;
}

namespace {

// ASCII that stands for itself inside of quotes.
bool IsPlain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

}  // namespace

void JsonWriter::Quote(std::string_view value) {
  // Nearly all strings are plain: those are taken as they are.
  const auto plain = std::find_if(value.begin(), value.end(), [](char c) { return !IsPlain(c); });
  if (plain == value.end()) {
    text_.push_back('"');
    text_.append(value);
    text_.push_back('"');
    return;
  }
  std::string repaired;
  if (!IsUtf8(value)) {
    repaired = RepairUtf8(value);
    value = repaired;
  }
  text_.push_back('"');
  for (const char c : value) {
    switch (c) {
      case '"': text_.append("\\\""); break;
      case '\\': text_.append("\\\\"); break;
      case '\n': text_.append("\\n"); break;
      case '\r': text_.append("\\r"); break;
      case '\t': text_.append("\\t"); break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
          text_.append(Format("\\u{:04x}", static_cast<unsigned>(c)));
        else
          text_.push_back(c);
    }
  }
  text_.push_back('"');
}

// ---- UTF-8

namespace {

// Length of the well-formed UTF-8 sequence at `text[at]`, 0 when it is not one (RFC 3629 section 4).
std::size_t Utf8Length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8Length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string RepairUtf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = Utf8Length(text, at);
    repaired.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(at, length));
    at += length == 0 ? 1 : length;
  }
  return repaired;
}

}  // namespace holdfast::io
