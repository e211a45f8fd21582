#include "image/open.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/image_fixtures.h"
#include "support/test_support.h"

namespace holdfast::image {
namespace {

using test::CollectingLayers;
using test::ExpectError;
using test::FakeImage;
using test::LayerTar;
using test::Sha256Hex;
using test::TarBuilder;
using test::Value;

// An HTTP server on a unix socket: answers each request by its path, and remembers the paths.
class FakeDaemon {
 public:
  using Handler = std::function<std::pair<int, std::string>(const std::string& path)>;
  FakeDaemon(std::string socket_path, Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path.c_str(), sizeof(address.sun_path) - 1);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 8);
    thread_ = std::thread([this] { Serve(); });
  }
  ~FakeDaemon() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  // To be read when no request is under way.
  std::vector<std::string> paths;

 private:
  void Serve() {
    while (true) {
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = read(peer, buffer, sizeof(buffer));
        if (count <= 0) break;
        request.append(buffer, static_cast<std::size_t>(count));
      }
      const std::string path = request.substr(4, request.find(' ', 4) - 4);
      paths.push_back(path);
      const auto [status, body] = handler_(path);
      const std::string answer =
          Format("HTTP/1.1 {} X\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                 status, body.size(), body);
      for (std::size_t at = 0; at < answer.size();) {
        const ssize_t count = send(peer, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (count <= 0) break;
        at += static_cast<std::size_t>(count);
      }
      close(peer);
    }
  }
  Handler handler_;
  int listener_ = -1;
  std::thread thread_;
};

struct Fixture {
  test::TemporaryFolder folder;
  std::map<std::string, std::string> variables{{"HOME", folder.Path().string()}};
  FakeImage image{{LayerTar("base")}};
  Deadline deadline;
  NullLogger logger;
  CollectingLayers layers;

  std::string Saved() const {
    return TarBuilder()
        .File("l.tar", image.layers[0])
        .File(Sha256Hex(image.config) + ".json", image.config)
        .File("manifest.json",
              Format(R"([{{"Config":"{}.json","RepoTags":["app:1"],"Layers":["l.tar"]}}])", Sha256Hex(image.config)))
        .Text();
  }
  std::string Path(const std::string& name) const { return (folder.Path() / name).string(); }
  std::string Write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((folder.Path() / name).parent_path());
    test::WriteFile(folder.Path() / name, content);
    return Path(name);
  }
  SourceOptions Options() {
    SourceOptions options;
    options.deadline = deadline;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return options;
  }
  Result<ImageDescription> Pull(const std::string& target) {
    HF_TRY(const auto source, OpenSource(target, Options(), logger));
    layers = CollectingLayers();
    return source->Pull(layers);
  }
  std::string KindOf(const std::string& target) { return Value(Pull(target)).source.kind; }
};

FakeDaemon::Handler Holding(const Fixture& f) {
  return [archive = f.Saved()](const std::string& path) -> std::pair<int, std::string> {
    if (path == "/images/app:1/json") return {200, "{}"};
    if (path == "/images/app:1/get") return {200, archive};
    return {404, R"({"message":"No such image: x"})"};
  };
}

TEST(Daemon, ImagesAreStreamed) {
  Fixture f;
  FakeDaemon daemon(f.Path("docker.sock"), Holding(f));
  f.variables["DOCKER_HOST"] = "unix://" + f.Path("docker.sock");
  const auto description = Value(f.Pull("docker:app:1"));
  EXPECT_EQ(f.layers.Of(description), f.image.layers);
  EXPECT_EQ(description.source.kind, "docker");
  EXPECT_EQ(description.source.reference, "app:1");
  EXPECT_EQ(description.source.tags, (std::vector<std::string>{"app:1"}));
  EXPECT_EQ(daemon.paths, (std::vector<std::string>{"/images/app:1/get"}));
  ExpectError(f.Pull("docker:other"), ErrorKind::kNotFound, "No such image");
}

TEST(Daemon, PodmanIsFoundBelowTheRuntimeFolder) {
  Fixture f;
  std::filesystem::create_directories(f.folder.Path() / "podman");
  FakeDaemon daemon(f.Path("podman/podman.sock"), Holding(f));
  f.variables["XDG_RUNTIME_DIR"] = f.folder.Path().string();
  EXPECT_EQ(f.KindOf("podman:app:1"), "podman");
}

TEST(Daemon, IsAskedBeforeTheRegistry) {
  Fixture f;
  FakeDaemon daemon(f.Path("docker.sock"), Holding(f));
  f.variables["DOCKER_HOST"] = "unix://" + f.Path("docker.sock");
  EXPECT_EQ(f.KindOf("app:1"), "docker");
  EXPECT_EQ(daemon.paths, (std::vector<std::string>{"/images/app:1/json", "/images/app:1/get"}));
}

TEST(Daemon, AnAbsentOneIsNamed) {
  Fixture f;
  f.variables["DOCKER_HOST"] = "unix://" + f.Path("none.sock");
  ExpectError(f.Pull("docker:app"), ErrorKind::kUnavailable, "docker");
  f.variables["DOCKER_HOST"] = "ssh://host";
  ExpectError(f.Pull("docker:app"), ErrorKind::kUnsupported, "ssh://host");
}

TEST(OpenSource, GuessesFromWhatIsThere) {
  Fixture f;
  EXPECT_EQ(f.KindOf(f.Write("saved.tar", f.Saved())), "docker-archive");
  EXPECT_EQ(f.KindOf(f.Write("root.tar", TarBuilder().Folder("etc/").Text())), "rootfs");
  EXPECT_EQ(f.KindOf(f.Write("app.jar", "PK\3\4")), "file");
  EXPECT_EQ(f.KindOf(f.Write("empty", "")), "file");
  f.Write("folder/x", "1");
  EXPECT_EQ(f.KindOf(f.Path("folder")), "dir");
  for (const auto& [path, content] : f.image.Blobs()) f.Write("layout/" + path, content);
  f.Write("layout/index.json", test::IndexOf(f.image.ManifestDescriptor()));
  EXPECT_EQ(f.KindOf(f.Path("layout")), "oci-dir");
  EXPECT_EQ(f.KindOf("dir:" + f.Path("layout")), "dir");
  EXPECT_EQ(f.KindOf("file:" + f.Path("saved.tar")), "file");
}

TEST(OpenSource, ADamagedArchiveIsNoFileWithoutPackages) {
  Fixture f;
  for (const char* name : {"cut.tar", "cut.tar.gz", "cut.tgz", "cut.tar.lz4", "cut.tar.zst", "folder.x/cut.txz"}) {
    const std::string path = f.Write(name, f.Saved().substr(0, 300));
    ExpectError(f.Pull(path), ErrorKind::kCorrupt, "named like an archive");
    EXPECT_EQ(f.KindOf("file:" + path), "file");
  }
  for (const char* name : {"star", "guitar", "tar", "x.tar.d/file.gz", "x.gz"})
    EXPECT_EQ(f.KindOf(f.Write(name, "text")), "file") << name;
}

TEST(OpenSource, APipeThatNeverEndsEndsWithTheDeadline) {
  Fixture f;
  const std::string path = f.Path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int writer = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const std::string head = f.Saved().substr(0, 2000);
  ASSERT_EQ(write(writer, head.data(), head.size()), static_cast<ssize_t>(head.size()));
  f.deadline = Deadline::After(50);
  ExpectError(f.Pull(path), ErrorKind::kLimit, "50 ms");
  close(writer);
}

TEST(OpenSource, ArchivesTakeANameAfterThePath) {
  Fixture f;
  const std::string path = f.Write("with:colon.tar", f.Saved());
  EXPECT_EQ(Value(f.Pull("docker-archive:" + path + ":app:1")).source.tags, (std::vector<std::string>{"app:1"}));
  EXPECT_EQ(f.KindOf("docker-archive:" + path), "docker-archive");
  ExpectError(f.Pull("docker-archive:" + path + ":other"), ErrorKind::kNotFound, "there are: app:1");
  ExpectError(f.Pull("oci-archive:" + path), ErrorKind::kNotFound, "index.json");
}

TEST(OpenSource, SaysWhatWasTried) {
  Fixture f;
  f.variables["DOCKER_HOST"] = "unix://" + f.Path("none.sock");
  f.variables["CONTAINER_HOST"] = "unix://" + f.Path("none.sock");
  const auto failed = f.Pull("./No/Such Thing");
  ExpectError(failed, ErrorKind::kInvalidInput, "there is none");
  ExpectError(failed, ErrorKind::kInvalidInput, "docker (");
  ExpectError(failed, ErrorKind::kInvalidInput, "a registry (");
  ExpectError(f.Pull(""), ErrorKind::kInvalidInput);
  ExpectError(f.Pull("dir:"), ErrorKind::kInvalidInput, "names nothing");
  ExpectError(f.Pull("dir:" + f.Path("none")), ErrorKind::kNotFound, "there is no");
  ExpectError(f.Pull("docker-archive:" + f.Path("none")), ErrorKind::kNotFound, "there is no");
  ExpectError(f.Pull("oci-dir:" + f.Path("none")), ErrorKind::kNotFound, "there is no");
}

}  // namespace
}  // namespace holdfast::image
