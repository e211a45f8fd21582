#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "http/internal/request_head.h"
#include "io/json.h"

namespace holdfast::http {
namespace {

constexpr std::size_t kMethodBytesMax = 32;
constexpr std::size_t kSegmentsMax = 64;
constexpr std::size_t kQueryParametersMax = 512;

std::unexpected<Refusal> Refuse(int status, std::string message) {
  return std::unexpected(Refusal{.status = status, .message = std::move(message)});
}

constexpr bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
constexpr bool IsTokenChar(char c) { return IsAlphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c); }
// A control character, which is never part of text (RFC 9110 section 5.5).
constexpr bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string_view Trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the text before the next `separator`, or all of it.
std::string_view TakeUntil(std::string_view& rest, std::string_view separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + separator.size());
  return taken;
}

OrRefusal<void> ParseRequestLine(std::string_view line, RequestHead& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Refuse(400, "the request line is malformed");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(method) || method.size() > kMethodBytesMax) return Refuse(400, "the method is malformed");
  const bool printable = std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
  if (target.empty() || !printable) return Refuse(400, "the request target is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return version.starts_with("HTTP/") ? Refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
                                        : Refuse(400, "the request line is malformed");
  head.method = method;
  head.target = target;
  head.version_1_1 = version == "HTTP/1.1";
  return {};
}

OrRefusal<void> ParseField(std::string_view line, RequestHead& head) {
  const std::size_t colon = line.find(':');
  // A folded line begins with a blank, which is no token either.
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon)))
    return Refuse(400, "a header line is malformed");
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Refuse(400, "a header value holds a control character");
  if (head.headers.All().size() >= kHeaderFieldsMax) return Refuse(431, "the request has too many headers");
  head.headers.Add(std::string(line.substr(0, colon)), std::string(value));
  return {};
}

// How long the body is (RFC 9112 section 6), when there is one opinion about it only.
OrRefusal<void> DecideFraming(RequestHead& head) {
  const auto lengths = head.headers.FindAll("Content-Length");
  const auto codings = head.headers.FindAll("Transfer-Encoding");
  if (lengths.size() + codings.size() > 1) return Refuse(400, "the length of the body is stated more than once");
  if (!codings.empty()) {
    if (!head.version_1_1) return Refuse(400, "HTTP/1.0 has no transfer codings");
    if (!EqualsIgnoringCase(codings[0], "chunked"))
      return Refuse(501, "of transfer codings, only chunked is supported");
    head.chunked = true;
  }
  if (!lengths.empty()) {
    const std::string_view text = lengths[0];
    const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || std::from_chars(text.data(), text.data() + text.size(), head.content_length).ec != std::errc{})
      return Refuse(400, "Content-Length is not a number");
  }
  return {};
}

OrRefusal<void> CheckHost(const RequestHead& head) {
  const auto hosts = head.headers.FindAll("Host");
  if (hosts.size() > 1 || (hosts.empty() && head.version_1_1)) return Refuse(400, "one Host header is needed");
  const bool fine = hosts.empty() || std::ranges::all_of(hosts[0], [](char c) {
                      return IsAlphanumeric(c) || std::string_view("-._~!$&'()*+,;=:[]%").contains(c);
                    });
  if (!fine) return Refuse(400, "the Host header is malformed");
  return {};
}

// Does the connection stay? What is no list of tokens is refused.
OrRefusal<void> ReadConnection(RequestHead& head) {
  bool close = false, keep = false;
  for (std::string_view list : head.headers.FindAll("Connection")) {
    while (!list.empty()) {
      const std::string_view option = Trimmed(TakeUntil(list, ","));
      if (!option.empty() && !IsToken(option)) return Refuse(400, "the Connection header is malformed");
      close = close || EqualsIgnoringCase(option, "close");
      keep = keep || EqualsIgnoringCase(option, "keep-alive");
    }
  }
  head.keep_alive = !close && (keep || head.version_1_1);
  return {};
}

OrRefusal<void> ReadExpectation(RequestHead& head) {
  const auto expectations = head.headers.FindAll("Expect");
  if (expectations.empty() || !head.version_1_1) return {};
  if (expectations.size() > 1 || !EqualsIgnoringCase(expectations[0], "100-continue"))
    return Refuse(417, "the only expectation that can be met is 100-continue");
  head.expects_continue = true;
  return {};
}

// Nothing for a bad encoding, NUL, or what is not UTF-8 (overlong forms are not).
std::optional<std::string> PercentDecoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.contains('\0') || !io::IsUtf8(out)) return std::nullopt;
  return out;
}

OrRefusal<void> DecodePath(std::string_view path, DecodedTarget& decoded) {
  while (!path.empty()) {
    const std::string_view raw = TakeUntil(path, "/");
    if (raw.empty()) continue;
    auto segment = PercentDecoded(raw, false);
    if (!segment || std::ranges::any_of(*segment, IsControl)) return Refuse(400, "the path is badly encoded");
    if (*segment == "." || *segment == "..") return Refuse(400, "the path holds a dot segment");
    if (decoded.segments.size() >= kSegmentsMax) return Refuse(400, "the path has too many segments");
    decoded.segments.push_back(*std::move(segment));
  }
  return {};
}

OrRefusal<void> DecodeQuery(std::string_view query, DecodedTarget& decoded) {
  while (!query.empty()) {
    std::string_view value = TakeUntil(query, "&");
    if (value.empty()) continue;
    const std::string_view name = TakeUntil(value, "=");
    auto decoded_name = PercentDecoded(name, true);
    auto decoded_value = PercentDecoded(value, true);
    if (!decoded_name || !decoded_value) return Refuse(400, "the query is badly encoded");
    if (decoded.query.size() >= kQueryParametersMax) return Refuse(400, "the query has too many parameters");
    decoded.query.emplace_back(*std::move(decoded_name), *std::move(decoded_value));
  }
  return {};
}

}  // namespace

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsToken(std::string_view name) { return !name.empty() && std::ranges::all_of(name, IsTokenChar); }

bool IsFieldValue(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return IsControl(c) && c != '\t'; });
}

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= 128 &&
         std::ranges::all_of(text, [](char c) { return IsAlphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

bool ListNames(const Headers& headers, std::string_view header, std::string_view element) {
  for (std::string_view list : headers.FindAll(header)) {
    while (!list.empty()) {
      std::string_view parameters = TakeUntil(list, ",");
      if (!EqualsIgnoringCase(Trimmed(TakeUntil(parameters, ";")), element)) continue;
      std::string_view quality = Trimmed(TakeUntil(parameters, ";"));
      if (!quality.starts_with("q=") && !quality.starts_with("Q=")) return true;
      quality.remove_prefix(2);
      return quality.find_first_not_of("0.") != std::string_view::npos;
    }
  }
  return false;
}

HeadEnd FindHeadEnd(std::string_view bytes, std::size_t& looked) {
  for (; looked < bytes.size(); ++looked) {
    const char c = bytes[looked];
    const bool after_cr = looked > 0 && bytes[looked - 1] == '\r';
    if ((c == '\n') != after_cr) return {.state = HeadEnd::State::kBad};
    if (IsControl(c) && c != '\t' && c != '\r' && c != '\n') return {.state = HeadEnd::State::kBad};
    const std::size_t size = looked + 1;
    if (c == '\n' && size > 4 && bytes.substr(size - 4, 4) == "\r\n\r\n")
      return {.state = HeadEnd::State::kComplete, .size = size};
  }
  return {};
}

OrRefusal<RequestHead> ParseRequestHead(std::string_view head) {
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  if (!head.ends_with("\r\n\r\n")) return Refuse(400, "the request is malformed");
  head.remove_suffix(2);
  RequestHead parsed;
  if (auto fine = ParseRequestLine(TakeUntil(head, "\r\n"), parsed); !fine) return std::unexpected(fine.error());
  while (!head.empty())
    if (auto fine = ParseField(TakeUntil(head, "\r\n"), parsed); !fine) return std::unexpected(fine.error());
  for (auto* check : {&DecideFraming, &ReadExpectation, &ReadConnection})
    if (auto fine = check(parsed); !fine) return std::unexpected(fine.error());
  if (auto fine = CheckHost(parsed); !fine) return std::unexpected(fine.error());
  return parsed;
}

OrRefusal<DecodedTarget> DecodeTarget(std::string_view method, std::string_view target) {
  DecodedTarget decoded;
  if (method == "OPTIONS" && target == "*") return decoded;
  const bool is_url = target.starts_with("http://") || target.starts_with("https://");
  if (!is_url && !target.starts_with('/')) return Refuse(400, "the request target is not a path");
  if (is_url) {
    TakeUntil(target, "//");
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  const std::string_view path = TakeUntil(target, "?");
  if (auto fine = DecodePath(path, decoded); !fine) return std::unexpected(fine.error());
  if (auto fine = DecodeQuery(target, decoded); !fine) return std::unexpected(fine.error());
  return decoded;
}

}  // namespace holdfast::http
