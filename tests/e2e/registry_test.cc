// Pulls from real registries on loopback: docker-registry, plain, with passwords and with TLS, filled by
// skopeo; and one that misbehaves (bad_registry.py).

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "image/open.h"
#include "io/decompress.h"
#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::CollectingLayers;
using test::ExpectError;
using test::FakeImage;
using test::LayerTar;
using test::RunCommand;
using test::Sha256Hex;
using test::Value;

bool HaveProgram(const std::string& name) { return std::system(("command -v " + name + " > /dev/null").c_str()) == 0; }

// A child that is ended with the object. Its standard input stays open as long.
class Server {
 public:
  explicit Server(std::vector<std::string> command, const std::vector<std::string>& variables = {}) {
    int input[2], output[2];
    EXPECT_EQ(pipe2(input, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(output, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments, environment;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    variables_ = variables;
    for (std::string& variable : variables_) environment.push_back(variable.data());
    for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
    environment.push_back(nullptr);
    EXPECT_EQ(posix_spawnp(&child_, arguments[0], &actions, nullptr, arguments.data(), environment.data()), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    input_ = input[1];
    output_ = output[0];
  }
  ~Server() {
    close(input_);
    close(output_);
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::string ReadLine() const {
    std::string line;
    for (char c = 0; read(output_, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }

 private:
  std::vector<std::string> variables_;
  pid_t child_ = 0;
  int input_ = -1, output_ = -1;
};

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  close(probe);
  return ntohs(address.sin_port);
}

bool Listens(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(port);
  const bool connected = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return connected;
}

// docker-registry on a free port, with its data in `folder`.
class DockerRegistry {
 public:
  DockerRegistry(const std::filesystem::path& folder, std::vector<std::string> variables = {}) : port_(FreePort()) {
    test::WriteFile(folder / "registry.yml",
                    "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: " + folder.string() +
                        "/data\nhttp:\n  addr: 127.0.0.1:" + std::to_string(port_) + "\n");
    server_ = std::make_unique<Server>(
        std::vector<std::string>{"docker-registry", "serve", (folder / "registry.yml").string()}, variables);
    for (int i = 0; i < 1000 && !Listens(port_); ++i) poll(nullptr, 0, 10);
  }
  [[nodiscard]] std::string Host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int port_;
  std::unique_ptr<Server> server_;
};

struct Fixture {
  test::TemporaryFolder folder;
  std::map<std::string, std::string> variables{{"HOME", folder.Path().string()}};
  NullLogger logger;
  SourceOptions options;
  CollectingLayers layers;
  FakeImage image{{LayerTar("base"), LayerTar("middle"), LayerTar("top")}};

  Fixture() {
    options.registry.retry.base_ms = 1;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
  }
  // The image as an OCI layout, for skopeo.
  std::string Layout() {
    const auto layout = folder.Path() / "layout";
    std::filesystem::create_directories(layout / "blobs/sha256");
    for (const auto& [path, content] : image.Blobs()) test::WriteFile(layout / path, content);
    test::WriteFile(layout / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    test::WriteFile(
        layout / "index.json",
        test::IndexOf(image.ManifestDescriptor(R"(,"annotations":{"org.opencontainers.image.ref.name":"x"})")));
    return layout.string() + ":x";
  }
  Result<ImageDescription> Pull(const std::string& target) {
    layers = CollectingLayers();
    HF_TRY(const auto source, OpenSource(target, options, logger));
    return source->Pull(layers);
  }
  // Each layer of the description, uncompressed, is what its diff id says.
  void ExpectWhole(const ImageDescription& description, std::size_t count) const {
    ASSERT_EQ(description.layers.size(), count);
    for (const auto& layer : description.layers) {
      io::MemorySource packed(layers.by_key.at(layer.key));
      const auto tar = Value(io::OpenDecompressor(packed, options.limits));
      EXPECT_EQ(Sha256Hex(Value(tar->ReadText(1 << 30))), layer.diff_id->AsDigest().Hex());
    }
  }
};

#define NEED(program) \
  if (!HaveProgram(program)) GTEST_SKIP() << program << " is not installed"

TEST(DockerRegistryE2e, PullsWhatSkopeoPushed) {
  NEED("docker-registry");
  NEED("skopeo");
  Fixture f;
  const DockerRegistry registry(f.folder.Path());
  const std::string reference = registry.Host() + "/team/app:1";
  (void)RunCommand("skopeo copy -q --dest-tls-verify=false oci:" + f.Layout() + " docker://" + reference);
  for (const std::string& target : {reference, "registry:" + reference}) {
    const auto description = Value(f.Pull(target));
    f.ExpectWhole(description, 3);
    EXPECT_EQ(description.source.name, registry.Host() + "/team/app");
    EXPECT_EQ("\"" + description.source.manifest_digest + "\"\n",
              RunCommand("skopeo inspect --tls-verify=false docker://" + reference +
                         " | grep -o '\"sha256:[0-9a-f]*\"' | head -1"));
    const auto by_digest = Value(f.Pull(registry.Host() + "/team/app@" + description.source.manifest_digest));
    EXPECT_EQ(by_digest.source.image_id, description.source.image_id);
  }
  ExpectError(f.Pull(registry.Host() + "/team/app:2"), ErrorKind::kNotFound, "MANIFEST_UNKNOWN");
  ExpectError(f.Pull(registry.Host() + "/none:1"), ErrorKind::kNotFound, "has no manifests/1");
}

TEST(DockerRegistryE2e, RealImagesInBothManifestFormats) {
  NEED("docker-registry");
  NEED("skopeo");
  const auto shared = test::SharedData();
  if (!shared) GTEST_SKIP() << "no shared data";
  Fixture f;
  const DockerRegistry registry(f.folder.Path());
  const std::string folder = f.folder.Path().string();
  (void)RunCommand("tar --zstd -C " + folder + " -xf " + (*shared / "images/busybox-oci-layout.tar.zst").string());
  (void)RunCommand("gunzip -c " + (*shared / "images/alpine-39.tar.gz").string() + " > " + folder + "/alpine.tar");
  (void)RunCommand("skopeo copy -q --dest-tls-verify=false oci:" + folder + "/busybox-amd64/musl/amd64 docker://" +
                   registry.Host() + "/busybox:musl");
  (void)RunCommand("skopeo copy -q --dest-tls-verify=false --format v2s2 docker-archive:" + folder +
                   "/alpine.tar docker://" + registry.Host() + "/alpine:3.9");
  f.ExpectWhole(Value(f.Pull(registry.Host() + "/busybox:musl")), 1);
  const auto alpine = Value(f.Pull(registry.Host() + "/alpine:3.9"));
  f.ExpectWhole(alpine, 1);
  EXPECT_EQ(alpine.source.architecture, "amd64");
  f.ExpectWhole(Value(f.Pull("oci-dir:" + folder + "/busybox-amd64/musl/amd64")), 1);
  // The archives that skopeo writes.
  for (const std::string format : {"docker-archive", "oci-archive"}) {
    (void)RunCommand("skopeo copy -q docker-archive:" + folder + "/alpine.tar " + format + ":" + folder + "/copy." +
                     format + ":alpine:3.9");
    const auto copy = Value(f.Pull(folder + "/copy." + format));
    EXPECT_EQ(copy.source.kind, format);
    f.ExpectWhole(copy, 1);
  }
}

TEST(DockerRegistryE2e, PasswordsComeFromTheFilesOfDocker) {
  NEED("docker-registry");
  NEED("skopeo");
  NEED("htpasswd");
  Fixture f;
  test::WriteFile(f.folder.Path() / "htpasswd", RunCommand("htpasswd -Bbn me secret"));
  const DockerRegistry registry(f.folder.Path(),
                                {"REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM=test",
                                 "REGISTRY_AUTH_HTPASSWD_PATH=" + (f.folder.Path() / "htpasswd").string()});
  const std::string reference = registry.Host() + "/app:1";
  (void)RunCommand("skopeo copy -q --dest-creds me:secret --dest-tls-verify=false oci:" + f.Layout() + " docker://" +
                   reference);
  ExpectError(f.Pull(reference), ErrorKind::kDenied, "needs a user name and password");
  std::filesystem::create_directories(f.folder.Path() / ".docker");
  const auto login = [&](const std::string& auth) {
    test::WriteFile(f.folder.Path() / ".docker/config.json",
                    R"({"auths":{")" + registry.Host() + R"(":{"auth":")" + auth + "\"}}}");
  };
  login("bWU6d3Jvbmc=");
  ExpectError(f.Pull(reference), ErrorKind::kDenied, "refuses the credentials");
  login("bWU6c2VjcmV0");
  f.ExpectWhole(Value(f.Pull(reference)), 3);
}

TEST(DockerRegistryE2e, TlsNeedsATrustedCertificate) {
  NEED("docker-registry");
  NEED("skopeo");
  NEED("openssl");
  Fixture f;
  const std::string folder = f.folder.Path().string();
  (void)RunCommand(
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout " +
      folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null; echo");
  const DockerRegistry registry(f.folder.Path(), {"REGISTRY_HTTP_TLS_CERTIFICATE=" + folder + "/cert.pem",
                                                  "REGISTRY_HTTP_TLS_KEY=" + folder + "/key.pem"});
  const std::string reference = registry.Host() + "/app:1";
  (void)RunCommand("skopeo copy -q --dest-tls-verify=false oci:" + f.Layout() + " docker://" + reference);
  ExpectError(f.Pull(reference), ErrorKind::kDenied, "certificate is not trusted");
  f.options.registry.ca_file = folder + "/cert.pem";
  f.ExpectWhole(Value(f.Pull(reference)), 3);
  f.options.registry.ca_file.clear();
  std::filesystem::create_directories(f.folder.Path() / "certs.d" / registry.Host());
  std::filesystem::copy(f.folder.Path() / "cert.pem", f.folder.Path() / "certs.d" / registry.Host() / "ca.crt");
  f.options.registry.certificates_folder = folder + "/certs.d";
  f.ExpectWhole(Value(f.Pull(reference)), 3);
  f.options.registry.certificates_folder.clear();
  f.options.registry.insecure_hosts = {registry.Host()};
  f.ExpectWhole(Value(f.Pull(reference)), 3);
}

class BadRegistry : public testing::Test {
 protected:
  BadRegistry()
      : server_({"python3", HF_SOURCE_DIR "/tests/e2e/bad_registry.py"}), host_("127.0.0.1:" + server_.ReadLine()) {}
  Result<ImageDescription> Pull(const std::string& behaviour) {
    return f.Pull("registry:" + host_ + "/" + behaviour + "/app:1");
  }
  std::vector<std::string> Log(const std::string& prefix) const {
    const auto client = Value(http::MakeCurlClient());
    auto response = Value(client->Send({.url = "http://" + host_ + "/log"}));
    std::vector<std::string> lines;
    const std::string text = Value(response.body->ReadText(1 << 20)) + "\n";
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      if (line.starts_with(prefix)) lines.push_back(line);
    }
    return lines;
  }
  // From the behaving registry, by way of mirrors that behave otherwise.
  Result<ImageDescription> PullMirrored(const std::vector<std::string>& behaviours) {
    std::vector<std::string> mirrors;
    for (const std::string& behaviour : behaviours) mirrors.push_back("localhost:" + Port() + "/" + behaviour);
    f.options.registry.mirrors[host_] = mirrors;
    return Pull("well");
  }
  [[nodiscard]] std::string Port() const { return host_.substr(host_.find(':') + 1); }
  Fixture f;

 private:
  Server server_;
  std::string host_;
};

TEST_F(BadRegistry, ThatBehavesIsPulled) { f.ExpectWhole(Value(Pull("well")), 1); }

TEST_F(BadRegistry, ThatDropsTheConnectionIsAskedForTheRest) {
  f.ExpectWhole(Value(Pull("drop")), 1);
  EXPECT_EQ(Log("drop GET blobs").back(), "drop GET blobs - bytes=100000-");
}

TEST_F(BadRegistry, ThatKnowsNoRangesIsReadAgain) { f.ExpectWhole(Value(Pull("no-range")), 1); }

TEST_F(BadRegistry, ThatServesOtherBytesIsNotBelieved) {
  ExpectError(Pull("wrong-digest"), ErrorKind::kCorrupt, "digest");
  ExpectError(Pull("lying-size"), ErrorKind::kCorrupt, "more than the 1000 bytes");
}

TEST_F(BadRegistry, ThatIsBusyIsAskedAgain) {
  f.ExpectWhole(Value(Pull("busy")), 1);
  EXPECT_EQ(Log("busy GET manifests").size(), 3U);
}

TEST_F(BadRegistry, ThatAlwaysWantsATokenIsLeft) {
  f.options.registry.credential = {.username = "me", .password = "secret"};
  ExpectError(Pull("loop-401"), ErrorKind::kDenied, "refuses");
  EXPECT_LE(Log("loop-401").size(), 3U);
}

TEST_F(BadRegistry, TokensHaveTheScopeAskedFor) {
  f.options.registry.credential = {.username = "me", .password = "secret"};
  f.ExpectWhole(Value(Pull("token")), 1);
  EXPECT_EQ(Log("token GET blobs").back(), "token GET blobs Bearer -");
  f.options.registry.credential.password = "wrong";
  ExpectError(Pull("token"), ErrorKind::kDenied, "refuses");
}

TEST_F(BadRegistry, ThatRedirectsTakesNoPasswordAlong) {
  f.options.registry.credential = {.username = "me", .password = "secret"};
  f.ExpectWhole(Value(Pull("redirect")), 1);
  EXPECT_EQ(Log("redirect GET blobs").back(), "redirect GET blobs Basic -");
  EXPECT_EQ(Log("elsewhere"), (std::vector<std::string>{"elsewhere localhost -"}));
}

TEST_F(BadRegistry, ThatLeadsToLinkLocalAddressesIsNotFollowed) {
  ExpectError(Pull("redirect-link-local"), ErrorKind::kDenied,
              "a redirect of 127.0.0.1: [fe80::1] is a link-local, metadata or reserved address: refused");
  ExpectError(Pull("redirect-metadata"), ErrorKind::kDenied, "metadata.google.internal is a link-local");
  ExpectError(Pull("realm-link-local"), ErrorKind::kDenied,
              "the token service that 127.0.0.1 names: [fe80::1] is a link-local");
  ExpectError(f.Pull("registry:[fe80::1]:5000/app:1"), ErrorKind::kDenied, "link-local, metadata or reserved");
}

TEST_F(BadRegistry, AsAMirrorIsLeftForTheBlobThatItFails) {
  for (const std::string behaviour : {"lacks-layer", "failing", "wrong-digest", "redirect-link-local"}) {
    f.ExpectWhole(Value(PullMirrored({behaviour})), 1);
    EXPECT_FALSE(Log(behaviour + " GET manifests").empty()) << behaviour;
    EXPECT_FALSE(Log(behaviour + " GET blobs").empty()) << behaviour;
    EXPECT_EQ(Log("well GET blobs").back(), "well GET blobs - -") << behaviour;
  }
}

TEST_F(BadRegistry, AsAMirrorThatBreaksOffIsContinuedElsewhere) {
  f.ExpectWhole(Value(PullMirrored({"half", "lacks-layer"})), 1);
  EXPECT_EQ(Log("lacks-layer GET blobs").back(), "lacks-layer GET blobs - bytes=100000-");
  EXPECT_EQ(Log("well GET blobs").back(), "well GET blobs - bytes=100000-");
}

TEST_F(BadRegistry, ThatStallsIsGivenUp) {
  f.options.http.stall_timeout_s = 1;
  f.options.http.stall_bytes_per_s = 1000;
  f.options.registry.retry.attempts_max = 1;
  ExpectError(Pull("slow"), ErrorKind::kUnavailable, "timed out");
}

TEST_F(BadRegistry, EndlessManifestsAreCut) {
  ExpectError(Pull("endless"), ErrorKind::kLimit, "longer than");
  ExpectError(Pull("bomb"), ErrorKind::kLimit, "longer than");
}

TEST_F(BadRegistry, EndlessHeadersAreCut) { ExpectError(Pull("headers"), ErrorKind::kLimit, "header is too long"); }

TEST_F(BadRegistry, OnLoopbackIsNotAskedThroughAProxy) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto description = Pull("well");
  unsetenv("http_proxy");
  f.ExpectWhole(Value(description), 1);
}

TEST_F(BadRegistry, CompressedManifestsAreRead) { f.ExpectWhole(Value(Pull("gzip")), 1); }

}  // namespace
}  // namespace holdfast::image
