#include "support/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <vector>

#include "base/format.h"

namespace holdfast::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBinaries = "/usr/lib/postgresql/15/bin/";
constexpr std::string_view kSystemUser = "postgres";  // PostgreSQL refuses to run as root
constexpr int kStartChecksMax = 1200;                 // of 50 ms

// Below the ports that the kernel gives to clients, so that nobody takes it while the server restarts.
std::uint16_t FreePort() {
  constexpr int kFirst = 20'000, kCount = 12'000, kTriesMax = 500;
  const int start = static_cast<int>(::getpid() * 37L % kCount);
  for (int i = 0; i < kTriesMax; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirst + (start + i) % kCount);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(listener);
    if (free) return port;
  }
  throw std::runtime_error("no free port on 127.0.0.1");
}

struct Program {
  std::vector<std::string> arguments;  // the first is its path
  fs::path log;
  uid_t user = 0;
  gid_t group = 0;
};

// Starts the program as its user; it ends with this process.
pid_t Spawn(const Program& program) {
  std::vector<char*> arguments;
  for (const std::string& argument : program.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int log = ::open(program.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  if (::getuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(program.group) != 0 || ::setuid(program.user) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::string Encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out += c;
    } else {
      out += Format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace

PostgresServer& PostgresServer::Shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : data_(folder_.Path() / "data") {
  if (!fs::exists(std::string(kBinaries) + "postgres"))
    throw std::runtime_error("these tests need PostgreSQL 15 (Debian's postgresql-15): no " + std::string(kBinaries));
  server_user_ = ::getuid();
  server_group_ = ::getgid();
  if (server_user_ == 0) {
    const passwd* user = ::getpwnam(kSystemUser.data());
    if (user == nullptr) throw std::runtime_error("these tests need the system user 'postgres'");
    server_user_ = user->pw_uid;
    server_group_ = user->pw_gid;
  }
  GiveToServer(folder_.Path());
  InitialiseFolder();
  port_ = FreePort();
  Start();
}

PostgresServer::~PostgresServer() {
  if (process_ > 0) End(SIGQUIT);
}

void PostgresServer::GiveToServer(const fs::path& path) const {
  if (::chown(path.c_str(), server_user_, server_group_) != 0)
    throw std::runtime_error("cannot give " + path.string() + " to the server's user");
}

void PostgresServer::InitialiseFolder() {
  const fs::path password = folder_.Path() / "password";
  WriteFile(password, std::string(kPassword) + "\n");
  GiveToServer(password);
  const fs::path log = folder_.Path() / "initdb.log";
  const pid_t child = Spawn({{std::string(kBinaries) + "initdb", "-D", data_, "-U", std::string(kUser), "-A",
                              "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
                             log,
                             server_user_,
                             server_group_});
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error("initdb: " + ReadFile(log));
}

bool PostgresServer::Answers() const {
  const std::string port = std::to_string(port_);
  const std::array<const char*, 4> keywords = {"host", "port", "connect_timeout", nullptr};
  const std::array<const char*, 4> values = {"127.0.0.1", port.c_str(), "2", nullptr};
  return PQpingParams(keywords.data(), values.data(), 0) == PQPING_OK;
}

void PostgresServer::Start() {
  const fs::path log = folder_.Path() / "server.log";
  process_ =
      Spawn({{std::string(kBinaries) + "postgres", "-D", data_, "-p", std::to_string(port_), "-k", folder_.Path(), "-c",
              "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
              "shared_buffers=32MB", "-c", "max_connections=100", "-c", "autovacuum=off"},
             log,
             server_user_,
             server_group_});
  for (int i = 0; i < kStartChecksMax; ++i) {
    if (Answers()) return;
    if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
    ::poll(nullptr, 0, 50);
  }
  process_ = -1;
  throw std::runtime_error("PostgreSQL does not start: " + ReadFile(log));
}

void PostgresServer::End(int signal) {
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PostgresServer::Stop() { End(SIGINT); }
void PostgresServer::Kill() { End(SIGQUIT); }

void PostgresServer::Restart() {
  Stop();
  Start();
}

std::string PostgresServer::Url(std::string_view database) const {
  return Format("postgresql://{}:{}@127.0.0.1:{}/{}?sslmode=disable", kUser, Encoded(kPassword), port_, database);
}

void PostgresServer::Run(std::string_view database, const std::string& sql) const {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(Url(database).c_str()), &PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error("cannot run " + sql + ": " + PQerrorMessage(connection.get()));
}

std::string PostgresServer::MakeDatabase() {
  std::string name = Format("test_{}", ++databases_);
  Run("postgres", "CREATE DATABASE " + name);
  return name;
}

fs::path PostgresServer::EnableTls() {
  const fs::path folder = folder_.Path() / "tls";
  fs::create_directories(folder);
  const std::string in = "cd " + folder.string() + " && ";
  constexpr const char* kKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
  RunCommand(in + "openssl req -x509 " + kKey + "-keyout ca.key -out ca.crt -days 2 -subj '/CN=test authority' 2>&1");
  RunCommand(in + "openssl req " + kKey + "-keyout server.key -out server.csr -subj '/CN=127.0.0.1' 2>&1");
  WriteFile(folder / "names", "subjectAltName=IP:127.0.0.1\n");
  RunCommand(in +
             "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names "
             "-out server.crt 2>&1");
  for (const char* name : {"server.crt", "server.key"}) {
    fs::copy_file(folder / name, data_ / name, fs::copy_options::overwrite_existing);
    fs::permissions(data_ / name, fs::perms::owner_read | fs::perms::owner_write);
    GiveToServer(data_ / name);
  }
  Run("postgres", "ALTER SYSTEM SET ssl = on");
  Restart();
  return folder / "ca.crt";
}

}  // namespace holdfast::test
