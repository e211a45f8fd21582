#include "image/daemon_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/format.h"
#include "image/archive_source.h"
#include "image/reference.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

constexpr std::uint64_t kMessageBytesMax = 64 * 1024;

bool IsSocket(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

Result<DaemonEndpoint> ParseHost(std::string_view kind, std::string_view host, const Environment& environment) {
  DaemonEndpoint endpoint{.kind = std::string(kind)};
  if (host.starts_with("unix://")) {
    endpoint.unix_socket = host.substr(7);
    endpoint.base_url = "http://localhost";
    return endpoint;
  }
  const bool verify = environment("DOCKER_TLS_VERIFY").has_value();
  if (host.starts_with("tcp://")) {
    endpoint.base_url = (verify ? "https://" : "http://") + std::string(host.substr(6));
  } else if (host.starts_with("http://") || host.starts_with("https://")) {
    endpoint.base_url = host;
  } else {
    return Fail(ErrorKind::kUnsupported,
                Format("the daemon's address '{}' is not unix://, tcp://, http:// or https://", host));
  }
  while (endpoint.base_url.ends_with('/')) endpoint.base_url.pop_back();
  if (const auto folder = environment("DOCKER_CERT_PATH"); folder && endpoint.base_url.starts_with("https://"))
    endpoint.tls = {.ca_file = *folder + "/ca.pem",
                    .client_certificate_file = *folder + "/cert.pem",
                    .client_key_file = *folder + "/key.pem"};
  return endpoint;
}

// What may stand in a path: a reference or (the beginning of) an id.
Result<std::string> PathName(const std::string& image) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (image.size() == 64 && std::ranges::all_of(image, hex)) return image;
  if (image.starts_with("sha256:") && Digest::Parse(image)) return image;
  HF_TRY(const Reference reference, Reference::Parse(image));
  std::string name = reference.FamiliarName();
  if (reference.digest) return name + "@" + reference.digest->Text();
  return name + ":" + reference.TagOrLatest();
}

Result<http::Response> Ask(http::Client& client, const DaemonEndpoint& endpoint, const std::string& image,
                           std::string_view what) {
  HF_TRY(const std::string name, PathName(image));
  http::Request request{.url = Format("{}/images/{}/{}", endpoint.base_url, name, what),
                        .unix_socket = endpoint.unix_socket,
                        .tls = endpoint.tls};
  HF_TRY_IN(endpoint.kind, auto response, client.Send(request));
  return response;
}

// {"message": "No such image: x"}
Error ErrorOf(http::Response& response, const DaemonEndpoint& endpoint, const std::string& image) {
  std::string message;
  if (const auto text = response.body->ReadText(kMessageBytesMax))
    if (const auto document = io::JsonDocument::Parse(*text)) message = document->Root()["message"].StringOr("");
  const ErrorKind kind = response.status == 404   ? ErrorKind::kNotFound
                         : response.status == 403 ? ErrorKind::kDenied
                                                  : ErrorKind::kUnavailable;
  return Error(kind, Format("{} answers {} for {}{}{}", endpoint.kind, response.status, image,
                            message.empty() ? "" : ": ", io::RepairUtf8(std::string_view(message).substr(0, 500))));
}

class DaemonSource final : public Source {
 public:
  DaemonSource(std::shared_ptr<http::Client> client, DaemonEndpoint endpoint, std::string image, PlanOptions options)
      : client_(std::move(client)),
        endpoint_(std::move(endpoint)),
        image_(std::move(image)),
        options_(std::move(options)) {}

  Result<ImageDescription> Pull(LayerSink& sink) override {
    HF_TRY(auto response, Ask(*client_, endpoint_, image_, "get"));
    if (response.status != 200) return std::unexpected(ErrorOf(response, endpoint_, image_));
    options_.format = ArchiveFormat::kDocker;
    const auto archive = MakeArchiveStreamSource(std::move(response.body), endpoint_.kind, image_, options_);
    HF_TRY_IN(Format("{} image {}", endpoint_.kind, image_), auto description, archive->Pull(sink));
    return description;
  }

 private:
  std::shared_ptr<http::Client> client_;
  DaemonEndpoint endpoint_;
  std::string image_;
  PlanOptions options_;
};

}  // namespace

Result<std::optional<DaemonEndpoint>> FindDaemon(std::string_view kind, const Environment& environment) {
  const bool docker = kind == "docker";
  if (const auto host = environment(docker ? "DOCKER_HOST" : "CONTAINER_HOST")) {
    HF_TRY(DaemonEndpoint endpoint, ParseHost(kind, *host, environment));
    return endpoint;
  }
  std::vector<std::string> sockets;
  const auto runtime = environment("XDG_RUNTIME_DIR");
  if (runtime) sockets.push_back(*runtime + (docker ? "/docker.sock" : "/podman/podman.sock"));
  sockets.insert(sockets.begin() + (docker ? 0 : static_cast<std::ptrdiff_t>(sockets.size())),
                 docker ? "/var/run/docker.sock" : "/run/podman/podman.sock");
  for (const std::string& socket : sockets)
    if (IsSocket(socket))
      return DaemonEndpoint{.kind = std::string(kind), .unix_socket = socket, .base_url = "http://localhost"};
  return std::nullopt;
}

Result<bool> DaemonHasImage(http::Client& client, const DaemonEndpoint& endpoint, const std::string& image) {
  HF_TRY(auto response, Ask(client, endpoint, image, "json"));
  if (response.status == 200) return true;
  if (response.status == 404) return false;
  return std::unexpected(ErrorOf(response, endpoint, image));
}

std::unique_ptr<Source> MakeDaemonSource(std::shared_ptr<http::Client> client, DaemonEndpoint endpoint,
                                         std::string image, PlanOptions options) {
  return std::make_unique<DaemonSource>(std::move(client), std::move(endpoint), std::move(image), std::move(options));
}

}  // namespace holdfast::image
