#include "store/postgres/settings.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/format.h"

namespace holdfast::store::postgres {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// "postgresql+pg8000://" → "postgresql://".
std::string WithoutDriver(const std::string& url) {
  const std::size_t scheme_end = url.find("://");
  const std::size_t plus = url.find('+');
  if (scheme_end == std::string::npos || plus > scheme_end) return url;
  return url.substr(0, plus) + url.substr(scheme_end);
}

// libpq takes what follows an unescaped '@' or '/' of a password for a host or a port, and tells the world about them.
Result<void> CheckUrl(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    // "host=… dbname=…"
    if (url.find('=') != std::string_view::npos) return {};
    return Fail(ErrorKind::kInvalidInput, "the database's URL does not begin with postgresql://");
  }
  const std::string_view scheme = url.substr(0, scheme_end);
  if (scheme != "postgresql" && scheme != "postgres")
    return Fail(ErrorKind::kInvalidInput, "the database's URL does not begin with postgresql://");
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t at = rest.find('@');
  const std::size_t slash = rest.find('/');
  if (std::ranges::count(rest, '@') > 1 || (at != std::string_view::npos && slash < at))
    return Fail(ErrorKind::kInvalidInput,
                "the database's URL has an '@' or '/' in its user or password that is not percent-encoded");
  return {};
}

// host:port[,host:port]: ports are numbers, else a password may have become one.
bool IsPortList(std::string_view ports) {
  return std::ranges::all_of(ports, [](char c) { return (c >= '0' && c <= '9') || c == ','; });
}

Result<std::vector<std::pair<std::string, std::string>>> ParseUrl(const std::string& given) {
  const std::string url = WithoutDriver(given);
  HF_CHECK_OK(CheckUrl(url));
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(PQconninfoParse(url.c_str(), &message));
  PQfreemem(message);  // it may quote what it does not understand
  if (!parsed) return Fail(ErrorKind::kInvalidInput, "the database's URL cannot be read");
  std::vector<std::pair<std::string, std::string>> keywords;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::string_view(option->keyword) == "port" && !IsPortList(option->val))
      return Fail(ErrorKind::kInvalidInput, "the port in the database's URL is no number");
    keywords.emplace_back(option->keyword, option->val);
  }
  return keywords;
}

}  // namespace

Result<ConnectionSettings> MakeSettings(const PostgresOptions& options) {
  ConnectionSettings settings;
  if (!options.url.empty()) {
    HF_TRY(settings.keywords, ParseUrl(options.url));
  }
  const auto find = [&](std::string_view keyword) {
    return std::ranges::find(settings.keywords, keyword, &std::pair<std::string, std::string>::first);
  };
  const auto set = [&](std::string_view keyword, const std::string& value) {
    if (value.empty()) return;
    if (const auto found = find(keyword); found != settings.keywords.end()) {
      found->second = value;
    } else {
      settings.keywords.emplace_back(keyword, value);
    }
  };
  const auto preset = [&](std::string_view keyword, const std::string& value) {
    if (find(keyword) == settings.keywords.end()) set(keyword, value);
  };
  set("host", options.host);
  set("port", options.port == 0 ? std::string() : std::to_string(options.port));
  set("dbname", options.database);
  set("user", options.user);
  set("password", options.password);
  set("sslmode", options.sslmode);
  set("sslrootcert", options.sslrootcert);
  set("sslcert", options.sslcert);
  set("sslkey", options.sslkey);
  preset("application_name", options.application_name);
  set("client_encoding", "UTF8");
  set("connect_timeout", std::to_string(std::max<std::int64_t>(2, options.connect_timeout_ms / 1000)));
  preset("keepalives_idle", "30");
  preset("keepalives_interval", "10");
  preset("keepalives_count", "3");
  preset("tcp_user_timeout", "60000");
  const auto given = find("options");
  set("options", Format("{} -c statement_timeout={} -c idle_in_transaction_session_timeout={}",
                        given != settings.keywords.end() ? given->second : "", options.statement_timeout_ms,
                        options.idle_transaction_timeout_ms));
  if (find("host") == settings.keywords.end() && find("hostaddr") == settings.keywords.end())
    return Fail(ErrorKind::kInvalidInput, "the database's URL names no host");
  if (const auto password = find("password"); password != settings.keywords.end()) settings.password = password->second;
  if (options.statement_timeout_ms > 0) settings.silence_max_ms = options.statement_timeout_ms + options.silence_ms;
  return settings;
}

}  // namespace holdfast::store::postgres
