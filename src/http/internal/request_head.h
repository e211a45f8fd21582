// The head of an HTTP/1 request (RFC 9112), read strictly: what two readers could understand differently is refused,
// since a proxy before this server may be the other reader. Refused are, among others: bare CR or LF, folded lines,
// blanks before a colon, Content-Length more than once or beside Transfer-Encoding, any transfer coding but "chunked",
// a missing or second Host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/client.h"  // Headers

namespace holdfast::http {

// What the client is told instead of an answer of the handler.
struct Refusal {
  int status = 400;
  std::string message;
};
template <typename T>
using OrRefusal = std::expected<T, Refusal>;

struct RequestHead {
  std::string method, target;
  Headers headers;
  std::uint64_t content_length = 0;
  bool version_1_1 = true;  // else 1.0
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  [[nodiscard]] bool HasBody() const { return chunked || content_length > 0; }
};

// Where a head ends, in bytes that grow. kBad: a control character that no head may hold (so that TLS sent to a
// plain port, and bare line feeds, are answered at once and not after a timeout).
struct HeadEnd {
  enum class State : std::uint8_t { kMore, kBad, kComplete };
  State state = State::kMore;
  std::size_t size = 0;  // with the empty line, when complete
};
// `looked` is 0 at first and then kept by the caller: no byte is looked at twice.
[[nodiscard]] HeadEnd FindHeadEnd(std::string_view bytes, std::size_t& looked);

inline constexpr std::size_t kHeaderFieldsMax = 256;

// One head with its empty line. One empty line before it is skipped (RFC 9112 section 2.2).
// Refusals: 400, 417 (an expectation but 100-continue), 431 (too many fields), 501 (a transfer coding), 505.
[[nodiscard]] OrRefusal<RequestHead> ParseRequestHead(std::string_view head);

struct DecodedTarget {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
// Decodes a target: "/path?query", "*" for OPTIONS, or a whole URL as sent to proxies, whose host is not looked at.
// Decoded text is UTF-8 (so that there is one spelling of each character) without NUL; segments hold no control
// characters and are never "." or "..". Refusal: 400.
[[nodiscard]] OrRefusal<DecodedTarget> DecodeTarget(std::string_view method, std::string_view target);

// The identifier of a request as a client may choose it: [A-Za-z0-9._-]{1,128}.
[[nodiscard]] bool IsRequestId(std::string_view text);

// Is `name` a token (RFC 9110 section 5.6.2)?
[[nodiscard]] bool IsToken(std::string_view name);
// May `value` stand in a header: no control character but tab.
[[nodiscard]] bool IsFieldValue(std::string_view value);

// 0 to 15, or -1.
[[nodiscard]] int HexDigit(char c);

// Does a list header ("a, b;q=0") name this element, in any case? With q=0 it does not.
[[nodiscard]] bool ListNames(const Headers& headers, std::string_view header, std::string_view element);

}  // namespace holdfast::http
