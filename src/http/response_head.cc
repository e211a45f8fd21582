#include "http/internal/response_head.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/bytes.h"
#include "base/format.h"
#include "io/decompress.h"
#include "io/json.h"

namespace holdfast::http {
namespace {

constexpr std::size_t kCompressedBytesMin = 1024;
constexpr std::string_view kRetryAfterSeconds = "2";

std::string_view Reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

// Headers that say how the answer is framed: the server's alone.
bool IsServers(std::string_view name) {
  constexpr std::array<std::string_view, 8> kNames = {
      "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Date", "Server", "Trailer", "X-Request-Id"};
  return std::ranges::any_of(kNames, [&](std::string_view server) { return EqualsIgnoringCase(server, name); });
}

bool IsText(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") || type.ends_with("yaml");
}

}  // namespace

ServerResponse RefusalResponse(const Refusal& refusal) {
  io::JsonWriter json;
  json.BeginObject().Field("message", refusal.message).Key("httpcode").Integer(refusal.status);
  json.Key("detail").BeginObject().Key("error_codes").BeginArray().EndArray().EndObject().EndObject();
  ServerResponse response{.status = refusal.status, .headers = {{"Content-Type", "application/json"}}};
  response.body = json.Take();
  if (refusal.status == 503) response.headers.Add("Retry-After", std::string(kRetryAfterSeconds));
  return response;
}

bool IsSendable(const ServerResponse& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers.All(),
                             [](const Header& header) { return IsToken(header.name) && IsFieldValue(header.value); });
}

void CompressFor(const ServerRequest& request, ServerResponse& response) {
  if (response.body.size() <= kCompressedBytesMin || response.headers.Find("Content-Encoding") ||
      !IsText(response.headers.Find("Content-Type").value_or("")))
    return;
  response.headers.Add("Vary", "Accept-Encoding");
  if (request.method == "HEAD" || !ListNames(request.headers, "Accept-Encoding", "gzip")) return;
  std::string packed = io::CompressGzip(AsBytes(response.body));
  if (packed.size() >= response.body.size()) return;
  response.headers.Add("Content-Encoding", "gzip");
  response.body = std::move(packed);
}

bool IsBodiless(int status) { return status < 200 || status == 204 || status == 304; }

std::string ResponseHead(const ServerResponse& response, const ResponseContext& context) {
  std::string head = Format("HTTP/1.1 {} {}\r\nDate: {}\r\nServer: {}\r\nX-Request-Id: {}\r\n", response.status,
                            Reason(response.status), context.date, context.server_name, context.request_id);
  for (const Header& header : response.headers.All())
    if (!IsServers(header.name)) head.append(header.name).append(": ").append(header.value).append("\r\n");
  if (!IsBodiless(response.status)) head.append(Format("Content-Length: {}\r\n", response.body.size()));
  if (!context.keep_alive)
    head.append("Connection: close\r\n");
  else if (!context.version_1_1)
    head.append("Connection: keep-alive\r\n");
  return head.append("\r\n");
}

std::string HttpDate(std::int64_t unix_seconds) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  return Format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                parts.tm_sec);
}

}  // namespace holdfast::http
