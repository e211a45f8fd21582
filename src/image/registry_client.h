// RegistryClient: GET requests to one repository on one registry host, with its authorization, its choice
// of https or http, its redirects and its retries.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/client.h"
#include "http/retry.h"
#include "http/url.h"
#include "image/credentials.h"
#include "image/registry_auth.h"

namespace holdfast::image {

struct RegistryOptions {
  Credential credential;  // for the registry asked for, instead of what the keychain knows
  std::string ca_file;    // PEM, beside the system's
  std::string client_certificate_file, client_key_file;
  // Like /etc/docker/certs.d: "<host[:port]>/*.crt", "*.cert" and "*.key" (client). Empty: none.
  std::string certificates_folder;
  std::vector<std::string> insecure_hosts;  // "host[:port]": certificates are not verified, plain http will do
  // Registry host → "host[:port][/prefix]" to ask first, in this order.
  std::map<std::string, std::vector<std::string>> mirrors;
  http::RetryPolicy retry;
  // Told when a registry, or its token service, asks to be left alone: 429 or 503 with Retry-After.
  std::function<void(std::int64_t milliseconds)> on_pause = nullptr;
};

// What all clients of one pull share; outlives them.
struct RegistryContext {
  http::Client& client;
  http::Pacer& pacer;
  const RegistryOptions& options;
  Logger& logger;
};

class RegistryClient {
 public:
  // `host`: "host[:port]" to connect to. An empty path asks the registry itself, at /v2/.
  RegistryClient(const RegistryContext& context, std::string host, std::string path, Credential credential);

  struct Get {
    std::string what;  // "manifests/latest", "blobs/sha256:…"
    std::string accept;
    bool accept_gzip = false;
    std::uint64_t from_byte = 0;  // asks for the rest only; the answer may be whole nevertheless
    bool head = false;            // headers only
  };
  // 200, or 206. Every other answer is an error with a sentence for people: kNotFound, kDenied, kUnavailable.
  [[nodiscard]] Result<http::Response> Fetch(const Get& get);
  // One attempt; what can be tried again is kUnavailable, with `retry_after_ms` set if the server said so.
  [[nodiscard]] Result<http::Response> FetchOnce(const Get& get, std::optional<std::int64_t>& retry_after_ms);

  [[nodiscard]] const std::string& Host() const { return host_; }
  [[nodiscard]] const RegistryContext& Context() const { return context_; }

  // For the rest of this pull, others are asked instead, if there are others.
  void GiveUp() { given_up_ = true; }
  [[nodiscard]] bool GivenUp() const { return given_up_; }

 private:
  Result<http::Response> SendAuthorised(const Get& get);
  Result<http::Response> SendAnyScheme(const http::Request& request, const std::string& tail);
  Error ErrorOf(http::Response& response, const Get& get) const;

  RegistryContext context_;
  std::string host_, path_;
  bool insecure_ = false, may_use_http_ = false, given_up_ = false;
  std::string scheme_;  // empty until the first answer
  http::TlsOptions tls_;
  RegistryAuth auth_;
};

}  // namespace holdfast::image
