// Credentials for registries, from the files that Docker, Podman and Kubernetes share (docker/cli config.json;
// containers-auth.json(5)) and the helper programs that they name.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "image/environment.h"

namespace holdfast::image {

struct Credential {
  std::string username, password;
  std::string identity_token;  // an OAuth2 refresh token, used in place of the two
  [[nodiscard]] bool Empty() const { return username.empty() && password.empty() && identity_token.empty(); }
  friend bool operator==(const Credential&, const Credential&) = default;
};

// One config.json or auth.json.
struct AuthFile {
  std::map<std::string, Credential> auths;     // by "host[:port][/path]", without scheme
  std::map<std::string, std::string> helpers;  // by the same; the name of the helper
  std::string store;                           // the helper for all others

  // kCorrupt, kLimit. Entries that cannot be read are left out.
  [[nodiscard]] static Result<AuthFile> Parse(std::string_view json);
  [[nodiscard]] bool Empty() const { return auths.empty() && helpers.empty() && store.empty(); }
};

// Runs "docker-credential-<helper> get" with `server` on its input; gives its output.
using HelperRunner = std::function<Result<std::string>(const std::string& helper, const std::string& server)>;
// Bounded in time and output. kNotFound when there is no such program; kUnavailable when it fails.
[[nodiscard]] HelperRunner MakeHelperRunner();

// Credentials of a repository: the entry with the longest path wins ("host/a/b", "host/a", "host"). Files are
// asked in order, the first that knows it answers.
class Keychain {
 public:
  Keychain(std::vector<AuthFile> files, HelperRunner runner) : files_(std::move(files)), runner_(std::move(runner)) {}
  // REGISTRY_AUTH_FILE; DOCKER_CONFIG; containers/auth.json below XDG_RUNTIME_DIR, XDG_CONFIG_HOME and ~/.config;
  // ~/.docker. Files that are absent are skipped; damaged ones are an error.
  [[nodiscard]] static Result<Keychain> Load(const Environment& environment, HelperRunner runner);

  // `host`: as in references, "docker.io". An empty credential when nothing is known.
  [[nodiscard]] Result<Credential> Find(std::string_view host, std::string_view path) const;

 private:
  Result<std::optional<Credential>> AskHelper(const std::string& helper, std::string_view host) const;
  Result<std::optional<Credential>> FindIn(const AuthFile& file, const std::vector<std::string>& keys) const;

  std::vector<AuthFile> files_;
  HelperRunner runner_;
};

}  // namespace holdfast::image
