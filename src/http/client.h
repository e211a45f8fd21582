// Client: one HTTP exchange at a time, over TCP, TLS or a unix socket. It follows no redirect, sends no
// header that it was not given (but Host, Accept and Content-Length) and interprets no status: that is
// the caller's (redirect.h, retry.h). Proxies are taken from the usual environment variables,
// but not towards loopback (proxy.h).
//
// Which addresses may be connected to is a value of the request (address.h). It is judged on the address itself,
// before a packet goes there, and again on connections used once more; so no name, redirect or resolver leads
// elsewhere. Unix sockets and proxies are the user's choice and not judged; what a proxy is asked for is, as far as
// the URL tells.
//
// Errors: kDenied for an address that is not allowed, kUnavailable for what may go better next time (refused, reset,
// timed out, stalled), kNotFound for an unknown host, kDenied for a certificate that is not trusted, kUnsupported when
// the server does not speak TLS where https was asked, kLimit for a monstrous header and when the
// deadline passes, kInvalidInput for a malformed URL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "http/address.h"
#include "io/byte_source.h"

namespace holdfast::http {

struct Header {
  std::string name, value;
  friend bool operator==(const Header&, const Header&) = default;
};

// In order of arrival; names are compared without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> headers) : all_(headers) {}

  void Add(std::string name, std::string value) { all_.push_back({std::move(name), std::move(value)}); }
  void Remove(std::string_view name);
  void Clear() { all_.clear(); }
  // The first of that name; the view lives as long as this object is unchanged.
  [[nodiscard]] std::optional<std::string_view> Find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> FindAll(std::string_view name) const;
  [[nodiscard]] const std::vector<Header>& All() const { return all_; }

 private:
  std::vector<Header> all_;
};

[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

struct TlsOptions {
  bool verify = true;
  std::string ca_file;  // PEM; trusted besides the system's
  std::string client_certificate_file, client_key_file;
};

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;          // sent when the method is not GET or HEAD
  std::string unix_socket;   // path; empty: connect to the URL's host
  bool accept_gzip = false;  // ask for, and undo, Content-Encoding: gzip
  TlsOptions tls;
  AddressPolicy addresses;
};

struct Response {
  int status = 0;
  Headers headers;
  // May be dropped before its end: the connection is cut then. Belongs to the thread of the client.
  std::unique_ptr<io::ByteSource> body;
  std::string url;  // that answered, after redirects
  // Of the address that answered. Through a proxy: what the URL tells, public for a name; a unix socket: loopback.
  AddressClass peer = AddressClass::kPublic;
};

class Client {
 public:
  virtual ~Client() = default;
  // Returns when the headers are there. Any status is a success.
  [[nodiscard]] virtual Result<Response> Send(const Request& request) = 0;
};

struct ClientOptions {
  std::int64_t connect_timeout_ms = 30'000;
  // A transfer slower than stall_bytes_per_s for that long is given up.
  std::int64_t stall_timeout_s = 60;
  std::int64_t stall_bytes_per_s = 16;
  std::uint64_t headers_max = 256;
  std::uint64_t header_bytes_max = 64 * 1024;  // all of one response
  std::string user_agent = "holdfast";
  Deadline deadline;  // of all exchanges together; bodies that are still read too
};

// Over libcurl. Connections are kept and used again; responses may outlive the client.
[[nodiscard]] Result<std::unique_ptr<Client>> MakeCurlClient(const ClientOptions& options = {});

}  // namespace holdfast::http
