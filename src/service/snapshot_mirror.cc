#include "service/snapshot_mirror.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/clock.h"
#include "base/format.h"
#include "http/redirect.h"
#include "http/url.h"
#include "io/byte_source.h"
#include "io/file.h"
#include "io/json.h"

namespace holdfast::service {
namespace {

constexpr std::int64_t kLatestFormat = 1;

bool CanBeTriedAgain(int status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

class FolderMirror final : public MirrorReader {
 public:
  explicit FolderMirror(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<std::string> Read(std::string_view name, std::uint64_t bytes_max) override {
    HF_TRY(const auto source, io::OpenFile(folder_ / name));
    return source->ReadText(bytes_max);
  }
  Result<std::optional<std::string>> ReadLatest(Validators&) override {
    HF_TRY(auto text, Read(kLatestName, kLatestBytesMax));
    return text;
  }

 private:
  std::filesystem::path folder_;
};

class HttpMirror final : public MirrorReader {
 public:
  HttpMirror(std::unique_ptr<http::Client> client, std::string base, const MirrorOptions& options)
      : client_(std::move(client)), base_(std::move(base)), options_(options), pacer_(http::MakeSystemPacer()) {}

  Result<std::string> Read(std::string_view name, std::uint64_t bytes_max) override {
    Validators none;
    HF_TRY(auto text, Fetch(name, bytes_max, none));
    if (!text) return Fail(ErrorKind::kCorrupt, Format("{}/{}: not modified since never", base_, name));
    return *std::move(text);
  }
  Result<std::optional<std::string>> ReadLatest(Validators& known) override {
    return Fetch(kLatestName, kLatestBytesMax, known);
  }

 private:
  using Fetched = Result<std::optional<std::string>>;

  Fetched Fetch(std::string_view name, std::uint64_t bytes_max, Validators& known) {
    http::Retries retries(options_.retries, *pacer_);
    while (true) {
      std::optional<std::int64_t> retry_after_ms;
      auto fetched = FetchOnce(name, bytes_max, known, retry_after_ms);
      if (fetched || fetched.error().Kind() != ErrorKind::kUnavailable || !retries.Wait(retry_after_ms)) return fetched;
      if (options_.logger != nullptr) options_.logger->Debug(fetched.error().Message() + "; once more");
    }
  }

  Fetched FetchOnce(std::string_view name, std::uint64_t bytes_max, Validators& known,
                    std::optional<std::int64_t>& retry_after_ms) {
    const std::string url = Format("{}/{}", base_, name);
    http::Request request{.url = url, .tls = options_.tls};
    if (!known.etag.empty()) request.headers.Add("If-None-Match", known.etag);
    if (!known.last_modified.empty()) request.headers.Add("If-Modified-Since", known.last_modified);
    HF_TRY_IN(url, auto response, http::SendFollowing(*client_, request));
    const bool conditional = !known.etag.empty() || !known.last_modified.empty();
    if (response.status == 304 && conditional) return std::nullopt;
    if (response.status != 200) {
      if (const auto asked = response.headers.Find("Retry-After"))
        retry_after_ms = http::ParseRetryAfterMs(*asked, pacer_->UnixSeconds());
      return ErrorOf(url, response.status);
    }
    HF_TRY_IN(url, auto text, response.body->ReadText(bytes_max));
    known = ValidatorsOf(response.headers);
    return text;
  }

  // What changed in the second in which it was sent may change in it once more, and servers make ETags of times too
  // (RFC 9110, 8.8.2.2): such an answer is asked for again.
  static Validators ValidatorsOf(const http::Headers& headers) {
    const auto date = headers.Find("Date");
    const auto modified = headers.Find("Last-Modified");
    if (date && modified && *date == *modified) return {};
    Validators validators;
    if (const auto etag = headers.Find("ETag")) validators.etag = *etag;
    if (modified) validators.last_modified = *modified;
    return validators;
  }

  static std::unexpected<Error> ErrorOf(const std::string& url, int status) {
    const std::string what = Format("{}: the server answers with status {}", url, status);
    if (status == 404 || status == 410) return Fail(ErrorKind::kNotFound, what);
    if (status == 401 || status == 403) return Fail(ErrorKind::kDenied, what);
    return Fail(CanBeTriedAgain(status) ? ErrorKind::kUnavailable : ErrorKind::kCorrupt, what);
  }

  std::unique_ptr<http::Client> client_;
  std::string base_;
  MirrorOptions options_;
  std::unique_ptr<http::Pacer> pacer_;
};

}  // namespace

std::string ManifestName(const Sha256Value& manifest) { return Format("manifests/{}.manifest", manifest.Hex()); }
std::string SignatureName(const Sha256Value& manifest) { return Format("manifests/{}.sig", manifest.Hex()); }
std::string ChunkName(const Sha256Value& file) {
  const std::string hex = file.Hex();
  return Format("chunks/{}/{}.zst", hex.substr(0, 2), hex);
}

Result<Latest> ParseLatest(std::string_view text) {
  auto document = io::JsonDocument::Parse(text, {.bytes_max = kLatestBytesMax, .depth_max = 4});
  if (!document) return std::unexpected(std::move(document).error().In(kLatestName));
  const io::JsonView root = document->Root();
  if (const auto format = root["format"].Integer(); !format || *format != kLatestFormat)
    return Fail(format ? ErrorKind::kUnsupported : ErrorKind::kCorrupt,
                Format("{}: it is of no format that this build reads", kLatestName));
  const auto manifest = Digest::Parse(root["manifest"].StringOr(""));
  const std::int64_t bytes = root["bytes"].Integer().value_or(0);
  if (!manifest || bytes <= 0) return Fail(ErrorKind::kCorrupt, Format("{}: it names no manifest", kLatestName));
  Latest latest{manifest->Value(), static_cast<std::uint64_t>(bytes), std::string(root["built"].StringOr(""))};
  if (latest.bytes > advisory::kManifestBytesMax)
    return Fail(ErrorKind::kLimit,
                Format("{}: a manifest of more than {} bytes", kLatestName, advisory::kManifestBytesMax));
  return latest;
}

bool IsMirrorUrl(std::string_view from) { return from.starts_with("http://") || from.starts_with("https://"); }

Result<std::unique_ptr<MirrorReader>> OpenMirror(const std::string& from, const MirrorOptions& options) {
  if (!IsMirrorUrl(from)) {
    std::error_code error;
    if (!std::filesystem::is_directory(from, error))
      return Fail(ErrorKind::kNotFound, Format("{}: neither a folder nor an http(s) URL", from));
    return std::make_unique<FolderMirror>(from);
  }
  HF_TRY(const http::Url url, http::Url::Parse(from));
  if (url.path.contains('?')) return Fail(ErrorKind::kInvalidInput, Format("{}: a mirror's URL has no query", from));
  HF_TRY(auto client, http::MakeCurlClient({.connect_timeout_ms = options.connect_timeout_ms,
                                            .stall_timeout_s = options.stall_timeout_s}));
  std::string base = url.Text();
  while (base.ends_with('/')) base.pop_back();
  return std::make_unique<HttpMirror>(std::move(client), std::move(base), options);
}

}  // namespace holdfast::service
