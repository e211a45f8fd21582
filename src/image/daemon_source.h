// Images held by a Docker or Podman daemon, through its API (Docker Engine API, "GET /images/{name}/get"):
// what it sends is a docker archive, which is read as it arrives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"
#include "image/environment.h"
#include "image/plan.h"
#include "image/source.h"

namespace holdfast::image {

struct DaemonEndpoint {
  std::string kind;         // "docker" or "podman"
  std::string unix_socket;  // or, when empty,
  std::string base_url;     // "http://host:port"
  http::TlsOptions tls;
};

// Where the daemon should be: DOCKER_HOST (with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH) or CONTAINER_HOST, else the
// usual sockets, if there are any. kUnsupported for other ways than unix, tcp, http and https.
[[nodiscard]] Result<std::optional<DaemonEndpoint>> FindDaemon(std::string_view kind, const Environment& environment);

// `image`: a reference or an id. kUnavailable when nobody listens.
[[nodiscard]] Result<bool> DaemonHasImage(http::Client& client, const DaemonEndpoint& endpoint,
                                          const std::string& image);

[[nodiscard]] std::unique_ptr<Source> MakeDaemonSource(std::shared_ptr<http::Client> client, DaemonEndpoint endpoint,
                                                       std::string image, PlanOptions options);

}  // namespace holdfast::image
