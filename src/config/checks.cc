#include "config/internal/checks.h"

#include <algorithm>
#include <array>

#include "base/format.h"

namespace holdfast::config::internal {
namespace {

constexpr std::string_view kConnect = "credentials.database.db_connect";

// RFC 3986 section 2.1, for everything but unreserved characters.
std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      encoded += c;
    else
      encoded += Format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return encoded;
}

// "postgresql+psycopg2://…" and "postgres://…" as "postgresql://…". Empty: a scheme that is not known.
std::string NormalScheme(std::string_view connect) {
  const std::size_t colon = connect.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view scheme = connect.substr(0, std::min(colon, connect.find('+')));
  const std::string_view rest = connect.substr(colon);
  if (scheme == "sqlite" && rest.starts_with(":///")) return "sqlite" + std::string(rest);
  if ((scheme == "postgresql" || scheme == "postgres") && rest.starts_with("://"))
    return "postgresql" + std::string(rest);
  return {};
}

// Adds the password to "postgresql://user@host…" when it has none.
std::string WithPassword(std::string connect, std::string_view password) {
  constexpr std::size_t kFront = std::string_view("postgresql://").size();
  const std::size_t end = std::min(connect.find('/', kFront), connect.size());
  const std::size_t at = connect.rfind('@', end);
  if (password.empty() || !connect.starts_with("postgresql://") || at == std::string::npos || at < kFront ||
      connect.substr(kFront, at - kFront).find(':') != std::string::npos)
    return connect;
  return connect.insert(at, ":" + PercentEncode(password));
}

// A variable of the database; empty when it is not set.
std::string FindOr(const Variables& variables, const std::string& name, std::string_view fallback,
                   const Complain& complain) {
  auto found = variables.Find(name);
  if (!found) complain(Severity::kError, kConnect, found.error().Message());
  if (!found || !*found || (*found)->empty() || **found == "null") return std::string(fallback);
  return **std::move(found);
}

void CheckService(std::string_view name, const Service& service, const Complain& complain) {
  const std::string at = Format("services.{}", name);
  const bool cert = !service.ssl_cert.empty(), key = !service.ssl_key.empty();
  if (service.ssl_enable && !(cert && key))
    complain(Severity::kError, at + ".ssl_enable", "TLS needs ssl_cert and ssl_key");
  if (!service.ssl_enable && (cert || key))
    complain(Severity::kNote, at + ".ssl_enable", "ssl_cert and ssl_key have no effect while it is false");
}

void CheckStore(std::string_view at, const ObjectStore& store, const Complain& complain) {
  const StorageDriver& driver = store.storage_driver;
  const std::string config = Format("{}.storage_driver.config", at);
  if (driver.name == "localfs" && driver.archive_data_dir.empty())
    complain(Severity::kError, config + ".archive_data_dir", "localfs needs a folder");
  if (driver.name == "swift" && driver.container.empty())
    complain(Severity::kError, config + ".container", "swift needs a container");
  if (driver.name == "s3" || driver.name == "swift")
    complain(Severity::kWarning, Format("{}.storage_driver.name", at),
             Format("{} is not there: holdfast serve does not start with it; db and localfs are", driver.name));
  if (driver.name != "s3") return;
  if (driver.bucket.empty()) complain(Severity::kError, config + ".bucket", "s3 needs a bucket");
  if (driver.url.empty() == driver.region.empty())
    complain(Severity::kError, config + ".url", "s3 needs either a url or a region");
  if (!driver.iamauto && (driver.access_key.empty() || driver.secret_key.Empty()))
    complain(Severity::kError, config + ".access_key", "s3 needs access_key and secret_key, or iamauto: true");
}

}  // namespace

void CompleteDatabase(Database& database, const Variables& variables, const Complain& complain) {
  const std::string password = FindOr(variables, "ANCHORE_DB_PASSWORD", "", complain);
  if (database.db_password.Empty()) database.db_password = Secret(password);
  std::string connect(database.db_connect.Reveal());
  if (connect.empty()) {
    const std::string host = FindOr(variables, "ANCHORE_DB_HOST", "", complain);
    if (!host.empty())
      connect =
          Format("postgresql://{}@{}:{}/{}", PercentEncode(FindOr(variables, "ANCHORE_DB_USER", "postgres", complain)),
                 host, FindOr(variables, "ANCHORE_DB_PORT", "5432", complain),
                 PercentEncode(FindOr(variables, "ANCHORE_DB_NAME", "postgres", complain)));
  } else {
    connect = NormalScheme(connect);
    if (connect.empty())
      complain(Severity::kError, kConnect, "wants postgresql://user:password@host:port/name or sqlite:///path");
  }
  connect = WithPassword(std::move(connect), database.db_password.Reveal());
  database.db_connect = Secret::Take(connect);
  if (database.ssl && database.sslmode.empty()) database.sslmode = "require";
  struct File {
    std::string* path;
    std::string_view name;
  };
  for (const File& file : {File{&database.sslrootcert, "root.crt"}, File{&database.sslcert, "postgresql.crt"},
                           File{&database.sslkey, "postgresql.key"}})
    if (file.path->empty()) *file.path = variables.FindCredentialsFile(file.name);
}

void CheckTogether(const Configuration& c, const Complain& complain) {
  CheckService("apiext", c.apiext.service, complain);
  CheckService("catalog", c.catalog.service, complain);
  CheckService("simplequeue", c.simplequeue.service, complain);
  CheckService("policy_engine", c.policy_engine.service, complain);
  CheckService("analyzer", c.analyzer.service, complain);
  CheckService("feeds", c.feeds.service, complain);
  CheckStore("services.catalog.object_store", c.catalog.object_store, complain);
  for (const std::string& level : c.catalog.event_notification_level)
    if (level != "error" && level != "info")
      complain(Severity::kError, "services.catalog.event_log.notification.level", "wants error or info");
  if (c.keys.public_key_path.empty() != c.keys.private_key_path.empty())
    complain(Severity::kError, "keys.public_key_path", "a public and a private key belong together");
  else if (!c.keys.private_key_path.empty())
    complain(Severity::kNote, "keys.private_key_path", "has no effect: tokens are signed with keys.secret");
  if (c.oauth.enabled && c.keys.secret.Empty())
    complain(Severity::kError, "user_authentication.oauth.enabled", "tokens need keys.secret");
  if (!c.internal_token.Empty() && c.internal_token.Size() < 16)
    complain(Severity::kError, "internal_token", "wants at least 16 characters");
  if (c.policy_engine.vulnerabilities_provider == "legacy")
    complain(Severity::kNote, "services.policy_engine.vulnerabilities.provider",
             "the legacy provider is not there; Holdfast's matcher is used");
}

}  // namespace holdfast::config::internal
