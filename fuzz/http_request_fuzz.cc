// What a client sends before a handler sees it: the head's end, the head, its target, and a chunked body. What our
// strict reader takes, Boost.Beast takes too and reads in the same way; the same bytes, cut anywhere, give the same
// body.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/internal/chunked.h"
#include "http/internal/request_head.h"
#include "io/json.h"

namespace {

namespace http = holdfast::http;
namespace beast = boost::beast::http;

void Require(bool fine) {
  if (!fine) __builtin_trap();
}

void CompareWithBeast(std::string_view head, const http::RequestHead& ours) {
  if (ours.headers.Find("Proxy-Connection")) return;  // Beast looks into it, which is no server's business
  if (head.starts_with("\r\n")) head.remove_prefix(2);
  beast::request_parser<beast::empty_body> parser;
  parser.header_limit(1 << 20);
  parser.body_limit(boost::none);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(head), error);
  Require(!error && parser.is_header_done());
  Require(parser.get().method_string() == ours.method && parser.get().target() == ours.target);
  Require(parser.chunked() == ours.chunked && parser.content_length().value_or(0) == ours.content_length);
  std::size_t fields = 0;
  for (const auto& field : parser.get()) {
    ++fields;
    const auto values = ours.headers.FindAll(std::string_view(field.name_string()));
    Require(std::find(values.begin(), values.end(), std::string_view(field.value())) != values.end());
  }
  Require(fields == ours.headers.All().size());
}

void CheckTarget(std::string_view method, std::string_view target) {
  const auto decoded = http::DecodeTarget(method, target);
  if (!decoded) return;
  for (const std::string& segment : decoded->segments)
    Require(!segment.empty() && segment != "." && segment != ".." && segment.find('\0') == std::string::npos &&
            holdfast::io::IsUtf8(segment));
  for (const auto& [name, value] : decoded->query)
    Require(holdfast::io::IsUtf8(name) && holdfast::io::IsUtf8(value) && value.find('\0') == std::string::npos);
}

constexpr std::uint64_t kBodyBytesMax = 1000;

struct Decoded {
  int status = 0;
  std::size_t taken = 0;
  bool done = false;
  std::string body;
};
Decoded Dechunk(std::string_view bytes, std::size_t step) {
  http::ChunkedDecoder decoder(kBodyBytesMax);
  Decoded decoded;
  while (decoded.taken < bytes.size() && !decoder.Done()) {
    const auto taken = decoder.Feed(bytes.substr(decoded.taken, step), decoded.body);
    if (!taken) {
      decoded.status = taken.error().status;
      return decoded;
    }
    decoded.taken += *taken;
  }
  decoded.done = decoder.Done();
  Require(decoded.body.size() <= kBodyBytesMax);
  return decoded;
}

void CheckChunked(std::string_view bytes) {
  const Decoded whole = Dechunk(bytes, bytes.size() + 1), cut = Dechunk(bytes, 1);
  Require(whole.status == cut.status && whole.body == cut.body && whole.done == cut.done);
  Require(!whole.done || whole.taken == cut.taken);
  if (!whole.done) return;
  beast::request_parser<beast::string_body> parser;
  parser.eager(true);
  parser.body_limit(boost::none);
  parser.header_limit(1 << 20);
  const std::string request =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(bytes.substr(0, whole.taken));
  boost::system::error_code error;
  parser.put(boost::asio::buffer(request), error);
  // Trailers and extensions that Beast looks into, and that are dropped here, may not please it.
  Require(error || (parser.is_done() && parser.get().body() == whole.body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t looked = 0;
  const http::HeadEnd end = http::FindHeadEnd(text, looked);
  if (end.state == http::HeadEnd::State::kComplete) {
    const std::string_view head = text.substr(0, end.size);
    if (const auto parsed = http::ParseRequestHead(head)) {
      CompareWithBeast(head, *parsed);
      CheckTarget(parsed->method, parsed->target);
    }
    CheckChunked(text.substr(end.size));
  }
  static_cast<void>(http::ParseRequestHead(text));
  CheckTarget("GET", text);
  CheckChunked(text);
  return 0;
}
