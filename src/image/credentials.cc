#include "image/credentials.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/base64.h"
#include "base/format.h"
#include "io/file.h"
#include "io/json.h"

namespace holdfast::image {
namespace {

constexpr std::uint64_t kAuthFileBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kHelperOutputBytesMax = 256 * 1024;
constexpr int kHelperTimeoutMs = 30'000;
constexpr std::string_view kDockerHubServer = "https://index.docker.io/v1/";

// "https://index.docker.io/v1/" → "docker.io"; "http://host:5000/v2" → "host:5000"; "host/path" stays.
std::string NormaliseKey(std::string_view key) {
  const std::size_t scheme = key.find("://");
  if (scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
  while (key.ends_with('/')) key.remove_suffix(1);
  for (const std::string_view version : {"/v1", "/v2"})
    if (key.ends_with(version)) key.remove_suffix(version.size());
  std::string normal(key);
  const std::size_t slash = normal.find('/');
  const std::string host = normal.substr(0, slash);
  if (host == "index.docker.io" || host == "registry-1.docker.io") normal.replace(0, host.size(), "docker.io");
  return normal;
}

// "user:password", sometimes followed by zeros.
Credential DecodeAuth(std::string_view base64) {
  const auto bytes = DecodeBase64(base64);
  if (!bytes) return {};
  std::string_view text = AsText(*bytes);
  while (text.ends_with('\0')) text.remove_suffix(1);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  return {.username = std::string(text.substr(0, colon)), .password = std::string(text.substr(colon + 1))};
}

bool IsHelperName(std::string_view name) {
  return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  // A socket, since writing to one can be told not to raise SIGPIPE.
  bool Open() { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0; }
  void Close(std::size_t end) {
    if (ends[end] >= 0) close(std::exchange(ends[end], -1));
  }
  ~Pipe() {
    Close(0);
    Close(1);
  }
};

// Reads until the end, the time-out or the bound.
Result<std::string> ReadWithin(int descriptor, int timeout_ms) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  std::string output;
  std::array<char, 4096> buffer{};
  while (output.size() <= kHelperOutputBytesMax) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wait{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) == 0)
      return Fail(ErrorKind::kUnavailable, Format("no answer within {} s", timeout_ms / 1000));
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return output;
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return Fail(ErrorKind::kLimit, "too much output");
}

Result<std::string> RunHelper(const std::string& helper, const std::string& server) {
  const std::string program = "docker-credential-" + helper;
  Pipe input, output;
  if (!input.Open() || !output.Open()) return Fail(ErrorKind::kUnavailable, "no pipe for " + program);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input.ends[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program, verb = "get";
  std::array<char*, 3> arguments = {name.data(), verb.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return Fail(error == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable,
                Format("{}: {}", program, std::strerror(error)));
  input.Close(0);
  output.Close(1);
  // Shorter than a socket's buffer: cannot block. A helper may also answer without reading it.
  static_cast<void>(send(input.ends[1], server.data(), server.size(), MSG_NOSIGNAL));
  input.Close(1);
  auto answer = ReadWithin(output.ends[0], kHelperTimeoutMs);
  if (!answer) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answer) return std::unexpected(std::move(answer).error().In(program));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    // The protocol's way to say that there is none.
    if (answer->find("credentials not found") != std::string::npos) return std::string();
    return Fail(ErrorKind::kUnavailable, program + " failed");
  }
  return answer;
}

}  // namespace

HelperRunner MakeHelperRunner() { return &RunHelper; }

Result<AuthFile> AuthFile::Parse(std::string_view json) {
  HF_TRY(const io::JsonDocument document, io::JsonDocument::Parse(json, {.bytes_max = kAuthFileBytesMax}));
  const io::JsonView root = document.Root();
  if (!root.IsObject()) return Fail(ErrorKind::kCorrupt, "not a JSON object");
  AuthFile file;
  file.store = root["credsStore"].StringOr("");
  const io::JsonView helpers = root["credHelpers"];
  for (std::size_t i = 0; i < helpers.Size(); ++i)
    file.helpers[NormaliseKey(helpers.KeyAt(i))] = helpers.At(i).StringOr("");
  const io::JsonView auths = root["auths"];
  for (std::size_t i = 0; i < auths.Size(); ++i) {
    const io::JsonView entry = auths.At(i);
    Credential credential = DecodeAuth(entry["auth"].StringOr(""));
    if (credential.Empty()) {
      credential.username = entry["username"].StringOr("");
      credential.password = entry["password"].StringOr("");
    }
    credential.identity_token = entry["identitytoken"].StringOr("");
    if (!credential.Empty()) file.auths[NormaliseKey(auths.KeyAt(i))] = std::move(credential);
  }
  return file;
}

Result<Keychain> Keychain::Load(const Environment& environment, HelperRunner runner) {
  std::vector<std::filesystem::path> paths;
  const auto home = environment("HOME");
  const auto add = [&](const std::string& variable, const char* below) {
    if (const auto value = environment(variable)) paths.push_back(std::filesystem::path(*value) / below);
  };
  if (const auto file = environment("REGISTRY_AUTH_FILE")) paths.emplace_back(*file);
  add("DOCKER_CONFIG", "config.json");
  add("XDG_RUNTIME_DIR", "containers/auth.json");
  add("XDG_CONFIG_HOME", "containers/auth.json");
  if (home) paths.push_back(std::filesystem::path(*home) / ".config/containers/auth.json");
  if (home && !environment("DOCKER_CONFIG")) paths.push_back(std::filesystem::path(*home) / ".docker/config.json");
  std::vector<AuthFile> files;
  for (const auto& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    HF_TRY(const auto bytes, io::OpenFile(path));
    HF_TRY_IN(path.string(), const std::string text, bytes->ReadText(kAuthFileBytesMax));
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
    HF_TRY_IN(path.string(), AuthFile file, AuthFile::Parse(text));
    if (!file.Empty()) files.push_back(std::move(file));
  }
  return Keychain(std::move(files), std::move(runner));
}

Result<std::optional<Credential>> Keychain::AskHelper(const std::string& helper, std::string_view host) const {
  if (!IsHelperName(helper)) return Fail(ErrorKind::kInvalidInput, "a credential helper with a malformed name");
  const std::string server(host == "docker.io" ? kDockerHubServer : host);
  HF_TRY(const std::string answer, runner_(helper, server));
  if (answer.empty()) return std::nullopt;
  HF_TRY_IN("docker-credential-" + helper, const io::JsonDocument document, io::JsonDocument::Parse(answer));
  Credential credential{.username = std::string(document.Root()["Username"].StringOr("")),
                        .password = std::string(document.Root()["Secret"].StringOr(""))};
  if (credential.username == "<token>") credential = {.identity_token = credential.password};
  return credential.Empty() ? std::nullopt : std::optional(credential);
}

Result<std::optional<Credential>> Keychain::FindIn(const AuthFile& file, const std::vector<std::string>& keys) const {
  for (const std::string& key : keys) {
    if (const auto helper = file.helpers.find(key); helper != file.helpers.end())
      return AskHelper(helper->second, keys.back());
    if (const auto found = file.auths.find(key); found != file.auths.end()) return found->second;
  }
  if (file.store.empty()) return std::nullopt;
  return AskHelper(file.store, keys.back());
}

Result<Credential> Keychain::Find(std::string_view host, std::string_view path) const {
  std::vector<std::string> keys;  // most specific first
  for (std::string key = NormaliseKey(host) + "/" + std::string(path);; key.resize(key.rfind('/'))) {
    keys.push_back(key);
    if (key.find('/') == std::string::npos) break;
  }
  for (const AuthFile& file : files_) {
    HF_TRY(auto credential, FindIn(file, keys));
    if (credential) return *std::move(credential);
  }
  return Credential{};
}

}  // namespace holdfast::image
