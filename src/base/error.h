// Error: an expected failure as a value.
//
// A kind says what the handler should do, not where it happened. The set is closed: adding one means
// a new row in the two tables that translate kinds (exit codes in cli, HTTP status in api).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

enum class ErrorKind : std::uint8_t {
  kInvalidInput,  // the caller asked for something that makes no sense: tell the user
  kNotFound,      // the thing named is not there
  kConflict,      // somebody else holds or has changed it
  kDenied,        // credentials missing, wrong or not sufficient
  kUnsupported,   // understood, but this build does not do it
  kCorrupt,       // the data is damaged, or lies about itself
  kLimit,         // a budget was hit; the value of the limit is in the message
  kUnavailable,   // try again later
  kInternal,      // our own bug
};

// "invalid-input", "not-found", ...: stable, used in logs and machine-readable output.
[[nodiscard]] std::string_view ErrorKindName(ErrorKind kind);

// A kind, one sentence, and the frames added while it travelled up, outermost first:
// "reading layer sha256:12…: gzip: truncated stream". Never holds a secret.
class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  [[nodiscard]] ErrorKind Kind() const { return kind_; }
  [[nodiscard]] const std::string& Message() const { return message_; }

  // Prepends a frame: Error(k, "truncated").In("gzip") reads "gzip: truncated".
  [[nodiscard]] Error In(std::string_view frame) &&;
  [[nodiscard]] Error In(std::string_view frame) const&;

  friend bool operator==(const Error&, const Error&) = default;

 private:
  ErrorKind kind_;
  std::string message_;
};

}  // namespace holdfast
