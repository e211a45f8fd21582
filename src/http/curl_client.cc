// The client over libcurl's multi interface, without a thread: whoever pulls bytes from a response
// drives the transfer. curl pushes into `incoming`; when that holds enough, the transfer is paused, so
// that a slow reader slows the server down instead of filling memory.

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/format.h"
#include "http/address.h"
#include "http/client.h"
#include "http/proxy.h"
#include "http/url.h"
#include "io/decompress.h"

namespace holdfast::http {
namespace {

constexpr std::size_t kBufferedBytesMax = 1024 * 1024;
constexpr long kReceiveBufferBytes = 256 * 1024;
constexpr int kPollMs = 1000;

// All transfers of one client: the connections kept open belong to it.
class Multi {
 public:
  Multi() : handle_(curl_multi_init()) {}
  ~Multi() { curl_multi_cleanup(handle_); }
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  [[nodiscard]] CURLM* Handle() const { return handle_; }

 private:
  CURLM* handle_;
};

bool InitialiseOnce() {
  static const bool ok = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ok;
}

Error ToError(CURLcode code, std::string_view host, std::string_view detail) {
  const auto make = [&](ErrorKind kind, std::string_view what) {
    return Error(kind, detail.empty() ? Format("{}: {}", host, what) : Format("{}: {} ({})", host, what, detail));
  };
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return make(ErrorKind::kNotFound, "the host is not known");
    case CURLE_COULDNT_RESOLVE_PROXY: return make(ErrorKind::kNotFound, "the proxy's host is not known");
    case CURLE_COULDNT_CONNECT: return make(ErrorKind::kUnavailable, "cannot connect");
    case CURLE_OPERATION_TIMEDOUT: return make(ErrorKind::kUnavailable, "timed out");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR: return make(ErrorKind::kDenied, "the TLS certificate is not trusted");
    case CURLE_SSL_CACERT_BADFILE: return make(ErrorKind::kInvalidInput, "the CA file cannot be used");
    case CURLE_SSL_CERTPROBLEM: return make(ErrorKind::kInvalidInput, "the client certificate cannot be used");
    case CURLE_SSL_CONNECT_ERROR: return make(ErrorKind::kUnsupported, "no TLS connection can be made");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return make(ErrorKind::kInvalidInput, "the URL cannot be used");
    case CURLE_BAD_CONTENT_ENCODING: return make(ErrorKind::kCorrupt, "the response's encoding is damaged");
    case CURLE_PARTIAL_FILE: return make(ErrorKind::kUnavailable, "the connection ended too early");
    default: return make(ErrorKind::kUnavailable, curl_easy_strerror(code));
  }
}

// Nothing for other families than IP.
std::optional<IpAddress> AddressOf(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &socket_address, sizeof(ipv4));
    return IpAddress::FromBytes({reinterpret_cast<const std::uint8_t*>(&ipv4.sin_addr), 4});
  }
  if (socket_address.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, &socket_address, sizeof(ipv6));
  return IpAddress::FromBytes({ipv6.sin6_addr.s6_addr, 16});
}

class Transfer {
 public:
  Transfer(std::shared_ptr<Multi> multi, const ClientOptions& options)
      : multi_(std::move(multi)), options_(options), easy_(curl_easy_init()) {}
  ~Transfer() {
    if (added_) curl_multi_remove_handle(multi_->Handle(), easy_);
    curl_slist_free_all(request_headers_);
    curl_easy_cleanup(easy_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  Result<void> Start(const Request& request);
  Result<void> AwaitHeaders();
  Result<Bytes> Next(std::size_t max);

  [[nodiscard]] int Status() const { return status_; }
  [[nodiscard]] Headers TakeHeaders() { return std::move(headers_); }
  [[nodiscard]] AddressClass Peer() const { return peer_; }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_, option, value) != CURLE_OK) options_ok_ = false;
  }
  void SetMethod(const Request& request);
  void SetTls(const TlsOptions& tls);
  Result<void> SetRoute(const Url& url, const Request& request);
  Result<void> SetHeaders(const Request& request);
  bool MayConnectTo(const std::optional<IpAddress>& address);
  Result<void> Pump();
  void CollectFinished();
  [[nodiscard]] Error Failure() const;

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  bool TakeHeaderLine(std::string_view line);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnConnected(void* self, char* peer, char* local, int peer_port, int local_port);

  std::shared_ptr<Multi> multi_;
  ClientOptions options_;
  CURL* easy_;
  curl_slist* request_headers_ = nullptr;
  std::string request_body_, host_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  bool options_ok_ = true, added_ = false;

  AddressPolicy addresses_;
  bool direct_ = false;  // to the URL's host itself: the peer's address is judged
  AddressClass peer_ = AddressClass::kPublic;
  std::optional<Error> refused_;  // an address that was not allowed, if no other was
  bool connecting_ = false;       // to one that is

  Headers headers_;
  std::uint64_t header_bytes_ = 0;
  int status_ = 0;
  bool headers_done_ = false, header_overrun_ = false;

  std::string incoming_, current_;  // views point into current_, which only Next changes
  std::size_t at_ = 0;
  bool paused_ = false, finished_ = false;
  CURLcode code_ = CURLE_OK;
};

void Transfer::SetMethod(const Request& request) {
  if (request.method == "GET") return Set(CURLOPT_HTTPGET, 1L);
  if (request.method == "HEAD") return Set(CURLOPT_NOBODY, 1L);
  request_body_ = request.body;
  Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_body_.size()));
  Set(CURLOPT_POSTFIELDS, request_body_.c_str());
  Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Transfer::SetTls(const TlsOptions& tls) {
  Set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  Set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  // The system's folder of authorities stays in place beside it: redirects lead to hosts of the world.
  if (!tls.ca_file.empty()) Set(CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.client_certificate_file.empty()) Set(CURLOPT_SSLCERT, tls.client_certificate_file.c_str());
  if (!tls.client_key_file.empty()) Set(CURLOPT_SSLKEY, tls.client_key_file.c_str());
}

// Unix socket, proxy or the host itself. Only then is the peer the one whom the URL names.
Result<void> Transfer::SetRoute(const Url& url, const Request& request) {
  addresses_ = request.addresses;
  if (!request.unix_socket.empty()) {
    Set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    Set(CURLOPT_PROXY, "");
    peer_ = AddressClass::kLoopback;
    return {};
  }
  HF_CHECK_OK(CheckHost(url.host, addresses_));
  const std::string proxy = ProxyFor(url, ProxyVariables::OfProcess());
  Set(CURLOPT_PROXY, proxy.c_str());
  Set(CURLOPT_NOPROXY, "");  // all exceptions have been made already
  direct_ = proxy.empty();
  peer_ = ClassOfHost(url.host).value_or(AddressClass::kPublic);
  return {};
}

Result<void> Transfer::SetHeaders(const Request& request) {
  for (const Header& header : request.headers.All()) {
    if ((header.name + header.value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Fail(ErrorKind::kInvalidInput, Format("the header {} holds a line break", header.name));
    request_headers_ = curl_slist_append(request_headers_, Format("{}: {}", header.name, header.value).c_str());
  }
  if (request.accept_gzip) request_headers_ = curl_slist_append(request_headers_, "Accept-Encoding: gzip");
  Set(CURLOPT_HTTPHEADER, request_headers_);
  return {};
}

// Judges the peer, remembers it, and why it was refused.
bool Transfer::MayConnectTo(const std::optional<IpAddress>& address) {
  if (!direct_) return true;
  const AddressClass peer = address ? ClassOf(*address) : AddressClass::kNever;
  if (address && addresses_.Allows(*address)) {
    peer_ = peer;
    connecting_ = true;
    return true;
  }
  refused_ = RefusedAddress(host_, address ? address->Text() : "", peer);
  return false;
}

// Before a packet goes to a new peer. A host's other addresses are tried after one that is refused.
curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  const bool may =
      purpose == CURLSOCKTYPE_IPCXN && static_cast<Transfer*>(self)->MayConnectTo(AddressOf(address->addr));
  if (!may) return CURL_SOCKET_BAD;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Before the request is sent, also over a connection that an earlier request with another policy has opened.
int Transfer::OnConnected(void* self, char* peer, char* /*local*/, int /*peer_port*/, int /*local_port*/) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.MayConnectTo(IpAddress::Parse(peer == nullptr ? "" : peer))) return CURL_PREREQFUNC_OK;
  transfer.connecting_ = false;
  return CURL_PREREQFUNC_ABORT;
}

Result<void> Transfer::Start(const Request& request) {
  HF_TRY(const Url url, Url::Parse(request.url));
  if (easy_ == nullptr) return Fail(ErrorKind::kInternal, "no handle for a transfer");
  host_ = url.host;
  Set(CURLOPT_URL, request.url.c_str());
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_ERRORBUFFER, detail_.data());
  Set(CURLOPT_PRIVATE, static_cast<void*>(this));
  Set(CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
  Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout_ms));
  Set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options_.stall_bytes_per_s));
  Set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout_s));
  Set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  Set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  Set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  Set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnOpenSocket);
  Set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  Set(CURLOPT_PREREQFUNCTION, &Transfer::OnConnected);
  Set(CURLOPT_PREREQDATA, static_cast<void*>(this));
  HF_CHECK_OK(SetRoute(url, request));
  SetMethod(request);
  SetTls(request.tls);
  HF_CHECK_OK(SetHeaders(request));
  if (!options_ok_) return Fail(ErrorKind::kInternal, "the HTTP library refuses an option");
  added_ = curl_multi_add_handle(multi_->Handle(), easy_) == CURLM_OK;
  if (!added_) return Fail(ErrorKind::kInternal, "the HTTP library refuses a transfer");
  return {};
}

bool Transfer::TakeHeaderLine(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > options_.header_bytes_max || headers_.All().size() >= options_.headers_max) return false;
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    headers_.Clear();  // of an interim response
    status_ = 0;
    return true;
  }
  if (line.empty()) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    status_ = static_cast<int>(status);
    headers_done_ = status_ >= 200;
    return true;
  }
  if (headers_done_) return true;  // a trailer
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value.remove_suffix(value.size() - (value.find_last_not_of(" \t") + 1));
  headers_.Add(std::string(line.substr(0, colon)), std::string(value));
  return true;
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.TakeHeaderLine({data, size * count})) return size * count;
  transfer.header_overrun_ = true;
  return size * count + 1;  // anything but the size ends the transfer
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (transfer.incoming_.size() > kBufferedBytesMax) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  transfer.incoming_.append(data, size * count);
  return size * count;
}

void Transfer::CollectFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_->Handle(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    auto& transfer = *static_cast<Transfer*>(owner);
    transfer.finished_ = true;
    transfer.code_ = message->data.result;
  }
}

Error Transfer::Failure() const {
  if (header_overrun_) return Error(ErrorKind::kLimit, Format("{}: the response's header is too long", host_));
  if (refused_ && !connecting_) return *refused_;
  return ToError(code_, host_, detail_.data());
}

// Lets curl work once, and waits when there was nothing to do.
Result<void> Transfer::Pump() {
  HF_CHECK_OK(options_.deadline.Check());
  int running = 0;
  if (curl_multi_perform(multi_->Handle(), &running) != CURLM_OK)
    return Fail(ErrorKind::kInternal, "the HTTP library fails");
  CollectFinished();
  if (finished_ || !incoming_.empty()) return {};
  const auto poll_ms = static_cast<int>(options_.deadline.LeftMs(kPollMs));
  if (curl_multi_poll(multi_->Handle(), nullptr, 0, poll_ms, nullptr) != CURLM_OK)
    return Fail(ErrorKind::kInternal, "the HTTP library cannot wait");
  return {};
}

Result<void> Transfer::AwaitHeaders() {
  // Ends: curl gives up a transfer that stalls.
  while (!headers_done_ && !finished_) HF_CHECK_OK(Pump());
  if (!headers_done_)
    return std::unexpected(code_ == CURLE_OK ? Error(ErrorKind::kUnavailable, host_ + ": no answer") : Failure());
  return {};
}

Result<Bytes> Transfer::Next(std::size_t max) {
  while (true) {
    if (at_ < current_.size()) {
      const std::string_view view = std::string_view(current_).substr(at_, max);
      at_ += view.size();
      return AsBytes(view);
    }
    current_.clear();
    at_ = 0;
    current_.swap(incoming_);
    if (!current_.empty()) continue;
    if (finished_) {
      if (code_ != CURLE_OK) return std::unexpected(Failure());
      return Bytes{};
    }
    if (std::exchange(paused_, false)) curl_easy_pause(easy_, CURLPAUSE_CONT);
    if (incoming_.empty()) HF_CHECK_OK(Pump());
  }
}

class Body final : public io::ByteSource {
 public:
  explicit Body(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  Result<Bytes> Next(std::size_t max) override { return transfer_->Next(max); }

 private:
  std::unique_ptr<Transfer> transfer_;
};

// Content-Encoding: gzip, undone as it is read. curl could do it too, but then keeps what a bomb inflates
// to while the transfer is paused.
class GunzippedBody final : public io::ByteSource {
 public:
  explicit GunzippedBody(std::unique_ptr<io::ByteSource> packed) : packed_(std::move(packed)) {}
  Result<Bytes> Next(std::size_t max) override {
    if (plain_ == nullptr) {
      HF_TRY(plain_, io::OpenDecompressor(*packed_, limits_));
    }
    return plain_->Next(max);
  }

 private:
  Limits limits_;
  std::unique_ptr<io::ByteSource> packed_;
  std::unique_ptr<io::Decompressor> plain_;
};

class CurlClient final : public Client {
 public:
  explicit CurlClient(const ClientOptions& options) : options_(options), multi_(std::make_shared<Multi>()) {}

  Result<Response> Send(const Request& request) override {
    auto transfer = std::make_unique<Transfer>(multi_, options_);
    HF_CHECK_OK(transfer->Start(request));
    HF_CHECK_OK(transfer->AwaitHeaders());
    Response response{
        .status = transfer->Status(), .headers = transfer->TakeHeaders(), .url = request.url, .peer = transfer->Peer()};
    response.body = std::make_unique<Body>(std::move(transfer));
    if (request.accept_gzip && EqualsIgnoringCase(response.headers.Find("Content-Encoding").value_or(""), "gzip"))
      response.body = std::make_unique<GunzippedBody>(std::move(response.body));
    return response;
  }

 private:
  ClientOptions options_;
  std::shared_ptr<Multi> multi_;  // with each response that is still read
};

}  // namespace

Result<std::unique_ptr<Client>> MakeCurlClient(const ClientOptions& options) {
  if (!InitialiseOnce()) return Fail(ErrorKind::kInternal, "the HTTP library cannot be started");
  return std::make_unique<CurlClient>(options);
}

}  // namespace holdfast::http
