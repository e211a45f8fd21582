// JSON, YAML and TOML documents behind one read-only view, and a streaming JSON writer.
//
// A JsonDocument owns a parsed tree; JsonView is a pointer into it, valid while the document lives.
// A view of something absent is a null view, and each question to it has a harmless answer, so a
// parser of untrusted documents reads `doc.Root()["a"]["b"].StringOr("")` and checks only what matters.
// Duplicate keys: the last one wins (RFC 8259 section 4 leaves it open).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"

namespace holdfast::io {

class JsonView {
 public:
  JsonView() = default;  // the null view

  [[nodiscard]] bool IsNull() const;  // absent, or JSON null
  [[nodiscard]] bool IsObject() const;
  [[nodiscard]] bool IsArray() const;
  [[nodiscard]] bool IsString() const;

  // Member of an object, or the null view.
  [[nodiscard]] JsonView operator[](std::string_view key) const;
  // Element of an array, or member by position of an object; the null view when out of range.
  [[nodiscard]] JsonView At(std::size_t index) const;
  [[nodiscard]] std::string_view KeyAt(std::size_t index) const;
  // Elements or members; 0 for scalars.
  [[nodiscard]] std::size_t Size() const;

  // Scalars, when they have that type (an integral number also answers Double).
  [[nodiscard]] std::optional<std::string_view> String() const;
  [[nodiscard]] std::optional<std::int64_t> Integer() const;
  [[nodiscard]] std::optional<double> Double() const;
  [[nodiscard]] std::optional<bool> Bool() const;
  [[nodiscard]] std::string_view StringOr(std::string_view fallback) const { return String().value_or(fallback); }

  // Range-for over the elements of an array or the member values of an object.
  class Iterator {
   public:
    Iterator(const void* node, std::size_t index) : node_(node), index_(index) {}
    JsonView operator*() const { return JsonView(node_).At(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const void* node_;
    std::size_t index_;
  };
  [[nodiscard]] Iterator begin() const { return {node_, 0}; }
  [[nodiscard]] Iterator end() const { return {node_, Size()}; }

 private:
  friend class JsonDocument;
  friend class JsonWriter;
  explicit JsonView(const void* node) : node_(node) {}
  const void* node_ = nullptr;
};

struct JsonLimits {
  std::uint64_t bytes_max = 4 * kMiB;
  std::size_t depth_max = 64;
  std::size_t nodes_max = 5'000'000;  // YAML and TOML: aliases are counted each time they are expanded
};

class JsonDocument {
 public:
  // RFC 8259. kCorrupt with line-free position for bad syntax, kLimit for too long or too deep.
  [[nodiscard]] static Result<JsonDocument> Parse(std::string_view text, const JsonLimits& limits = {});
  // The first document of a YAML 1.2 stream. Untagged scalars follow the core schema; keys are strings.
  [[nodiscard]] static Result<JsonDocument> ParseYaml(std::string_view text, const JsonLimits& limits = {});
  // TOML 1.0. Dates and times are strings as they are written, and keys of at most 16 parts are read.
  [[nodiscard]] static Result<JsonDocument> ParseToml(std::string_view text, const JsonLimits& limits = {});

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] JsonView Root() const;

 private:
  struct Tree;
  explicit JsonDocument(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

// Writes one JSON document as text. Strings that are not UTF-8 are repaired with U+FFFD, so that the
// output is always valid JSON. Calls must nest properly: Key only inside objects, before each value.
class JsonWriter {
 public:
  // indent 0: one line, no blanks; else that many blanks a level.
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Integer(std::int64_t value);
  JsonWriter& Unsigned(std::uint64_t value);
  JsonWriter& Double(double value);  // shortest form that reads back equal
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // A whole value that is JSON already. Requires: it is one; nothing checks it. Indentation is not applied in it.
  JsonWriter& Raw(std::string_view json);
  // A value of a document with all that is in it, members in their order.
  JsonWriter& Copy(const JsonView& value);

  // Key and value in one.
  JsonWriter& Field(std::string_view key, std::string_view value) { return Key(key).String(value); }
  // The same, left out when the value is empty.
  JsonWriter& OptionalField(std::string_view key, std::string_view value) {
    return value.empty() ? *this : Field(key, value);
  }
  // The same, null when there is no value.
  JsonWriter& FieldOrNull(std::string_view key, const std::optional<std::string>& value) {
    return value ? Field(key, *value) : Key(key).Null();
  }

  [[nodiscard]] const std::string& Text() const { return text_; }
  // What was written so far, and forgets it: for streaming a large document to a sink.
  [[nodiscard]] std::string Take();

 private:
  void BeforeValue();
  void NewLine();
  void Open(char bracket);
  void Close(char bracket);
  void Quote(std::string_view value);

  std::string text_;
  int indent_;
  int depth_ = 0;
  bool first_ = true;       // nothing yet at this level
  bool after_key_ = false;  // the next value belongs to a key
};

// `text` with each byte that is not part of well-formed UTF-8 (RFC 3629) replaced by U+FFFD.
[[nodiscard]] std::string RepairUtf8(std::string_view text);
[[nodiscard]] bool IsUtf8(std::string_view text);

}  // namespace holdfast::io
