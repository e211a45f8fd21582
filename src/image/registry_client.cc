#include "image/registry_client.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "http/redirect.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

constexpr std::uint64_t kErrorBytesMax = 64 * 1024;
constexpr int kChallengesMax = 2;  // the first one, and one more when a token has run out

std::string_view HostName(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return port ? host.substr(0, colon) : host;
}

http::TlsOptions TlsFor(const RegistryOptions& options, const std::string& host, bool insecure) {
  http::TlsOptions tls{.verify = !insecure,
                       .ca_file = options.ca_file,
                       .client_certificate_file = options.client_certificate_file,
                       .client_key_file = options.client_key_file};
  if (options.certificates_folder.empty()) return tls;
  std::error_code error;
  const auto folder = std::filesystem::path(options.certificates_folder) / host;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string extension = entry.path().extension();
    if (extension == ".crt") tls.ca_file = entry.path();
    if (extension == ".cert") tls.client_certificate_file = entry.path();
    if (extension == ".key") tls.client_key_file = entry.path();
  }
  return tls;
}

bool CanBeTriedAgain(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

RegistryClient::RegistryClient(const RegistryContext& context, std::string host, std::string path,
                               Credential credential)
    : context_(context),
      host_(std::move(host)),
      path_(std::move(path)),
      auth_(context.client, std::move(credential), path_) {
  insecure_ = std::ranges::find(context.options.insecure_hosts, host_) != context.options.insecure_hosts.end();
  may_use_http_ = insecure_ || http::IsLoopbackHost(HostName(host_));
  tls_ = TlsFor(context.options, host_, insecure_);
}

// https first. Only where plain http will do, and only as long as nothing has answered, it is tried too:
// when nobody listens there, or does not speak TLS. A certificate that is not trusted is final.
Result<http::Response> RegistryClient::SendAnyScheme(const http::Request& request, const std::string& tail) {
  const http::RedirectPolicy policy{.allow_downgrade = may_use_http_};
  http::Request first = request;
  first.url = Format("{}://{}{}", scheme_.empty() ? "https" : scheme_, host_, tail);
  auto response = http::SendFollowing(context_.client, first, policy);
  const bool no_tls = !response && (response.error().Kind() == ErrorKind::kUnsupported ||
                                    response.error().Kind() == ErrorKind::kUnavailable);
  if (scheme_.empty() && no_tls && may_use_http_) {
    context_.logger.Debug(Format("{}: no TLS, trying plain http", host_));
    first.url = Format("http://{}{}", host_, tail);
    response = http::SendFollowing(context_.client, first, policy);
    if (response) scheme_ = "http";
  } else if (response && scheme_.empty()) {
    scheme_ = "https";
  }
  return response;
}

Result<http::Response> RegistryClient::SendAuthorised(const Get& get) {
  const std::string tail = path_.empty() ? "/v2/" : Format("/v2/{}/{}", path_, get.what);
  for (int challenges = 0;; ++challenges) {
    http::Request request{.method = get.head ? "HEAD" : "GET", .accept_gzip = get.accept_gzip, .tls = tls_};
    if (!get.accept.empty()) request.headers.Add("Accept", get.accept);
    if (get.from_byte > 0) request.headers.Add("Range", Format("bytes={}-", get.from_byte));
    if (!auth_.Header().empty()) request.headers.Add("Authorization", auth_.Header());
    HF_TRY(auto response, SendAnyScheme(request, tail));
    if (response.status != 401 || challenges >= kChallengesMax) return response;
    HF_TRY(const http::Url registry, http::Url::Parse(Format("{}://{}{}", scheme_, host_, tail)));
    HF_TRY(const http::Url answered, http::Url::Parse(response.url));
    // A challenge from where a redirect led to is none of the registry's.
    if (answered.Origin() != registry.Origin()) return response;
    HF_CHECK_OK(auth_.Answer(response, registry, tls_));
  }
}

Error RegistryClient::ErrorOf(http::Response& response, const Get& get) const {
  std::string detail;
  if (const auto text = response.body->ReadText(kErrorBytesMax)) {
    if (const auto document = io::JsonDocument::Parse(*text)) {
      const io::JsonView error = document->Root()["errors"].At(0);
      detail = error["code"].StringOr("");
      if (const auto message = error["message"].String())
        detail += Format("{}{}", detail.empty() ? "" : ": ", *message);
    }
  }
  detail = io::RepairUtf8(std::string_view(detail).substr(0, 300));
  const std::string in_brackets = detail.empty() ? "" : " (" + detail + ")";
  const std::string name = Format("{}/{}", host_, path_);
  switch (response.status) {
    case 401: return Error(ErrorKind::kDenied, Format("{} refuses the credentials{}", name, in_brackets));
    case 403: return Error(ErrorKind::kDenied, Format("no permission to read {}{}", name, in_brackets));
    case 404: return Error(ErrorKind::kNotFound, Format("{} has no {}{}", name, get.what, in_brackets));
    case 429: return Error(ErrorKind::kUnavailable, Format("{} asks to slow down{}", host_, in_brackets));
    default: break;
  }
  const ErrorKind kind = CanBeTriedAgain(response.status) ? ErrorKind::kUnavailable : ErrorKind::kCorrupt;
  return Error(kind, Format("{} answers {} for {}{}", host_, response.status, get.what, in_brackets));
}

Result<http::Response> RegistryClient::FetchOnce(const Get& get, std::optional<std::int64_t>& retry_after_ms) {
  retry_after_ms.reset();
  const auto heed = [&](std::string_view value) {
    retry_after_ms = http::ParseRetryAfterMs(value, context_.pacer.UnixSeconds());
    if (retry_after_ms.value_or(0) > 0 && context_.options.on_pause) context_.options.on_pause(*retry_after_ms);
  };
  auto sent = SendAuthorised(get);
  if (!sent && !auth_.RetryAfter().empty()) heed(auth_.RetryAfter());
  HF_TRY(auto response, std::move(sent));
  if (response.status == 200 || (response.status == 206 && get.from_byte > 0)) return response;
  const auto value = response.headers.Find("Retry-After");
  if (value && (response.status == 429 || response.status == 503))
    heed(*value);
  else if (value)
    retry_after_ms = http::ParseRetryAfterMs(*value, context_.pacer.UnixSeconds());
  return std::unexpected(ErrorOf(response, get));
}

Result<http::Response> RegistryClient::Fetch(const Get& get) {
  http::Retries retries(context_.options.retry, context_.pacer);
  while (true) {
    std::optional<std::int64_t> retry_after_ms;
    auto response = FetchOnce(get, retry_after_ms);
    if (response || response.error().Kind() != ErrorKind::kUnavailable) return response;
    context_.logger.Debug(response.error().Message());
    if (!retries.Wait(retry_after_ms)) return response;
  }
}

}  // namespace holdfast::image
