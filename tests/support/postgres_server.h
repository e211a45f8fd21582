// A PostgreSQL 15 server of a test program's own: made by initdb in a temporary folder, on a free port of 127.0.0.1
// and a socket, ended with the process. A missing PostgreSQL throws, so that its tests fail rather than vanish.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/test_support.h"

namespace holdfast::test {

class PostgresServer {
 public:
  static constexpr std::string_view kUser = "holdfast";
  static constexpr std::string_view kPassword = "s3cret word/@";

  // The server that all tests of this program share.
  static PostgresServer& Shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A database that nobody used before; answers its name.
  std::string MakeDatabase();
  // "postgresql://holdfast:…@127.0.0.1:port/name?sslmode=disable"
  [[nodiscard]] std::string Url(std::string_view database) const;
  [[nodiscard]] std::uint16_t Port() const { return port_; }

  // Connections are cut; what was committed stays.
  void Start();
  void Stop();
  // As after kill -9: the server recovers when it starts.
  void Kill();
  void Restart();

  // Makes a certificate authority, and a certificate for 127.0.0.1 that the server uses from now on. Answers the
  // authority's certificate.
  std::filesystem::path EnableTls();

  // One SQL command as the superuser, for arranging trouble.
  void Run(std::string_view database, const std::string& sql) const;

 private:
  void InitialiseFolder();
  void End(int signal);
  [[nodiscard]] bool Answers() const;
  void GiveToServer(const std::filesystem::path& path) const;

  TemporaryFolder folder_;
  std::filesystem::path data_;
  uid_t server_user_ = 0;  // the user that it runs as
  gid_t server_group_ = 0;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  int databases_ = 0;
};

}  // namespace holdfast::test
