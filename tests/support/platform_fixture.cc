#include "support/platform_fixture.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "io/sha256.h"

namespace holdfast::test {
namespace {

crypto::Sealer MakeSealer() {
  return Value(crypto::Sealer::FromKeys({crypto::Secret(std::string(crypto::Sealer::kKeyBytes, 'k'))}));
}

Digest DigestOf(std::string_view text) {
  io::Sha256 sha256;
  sha256.Update(AsBytes(text));
  return Digest(sha256.Finish());
}

std::string TextOf(const store::Cell& cell) {
  if (cell.IsNull()) return "NULL";
  return Format("{}|{}|{}", cell.Integer(), cell.Text(), DigestOf(cell.Bytes()).Hex().substr(0, 8));
}

// The tables that have a column account_id.
Result<std::vector<std::string>> OwnedTables(store::Session& session) {
  static constexpr store::Statement kList{
      "test.owned_tables",
      "SELECT m.name FROM sqlite_master AS m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM "
      "pragma_table_info(m.name) AS c WHERE c.name = 'account_id') ORDER BY m.name",
      "SELECT CAST(table_name AS TEXT) FROM information_schema.columns WHERE table_schema = 'public' "
      "AND column_name = 'account_id' ORDER BY 1"};
  HF_TRY(const auto rows, session.Run(kList));
  std::vector<std::string> tables;
  for (const store::Row& row : rows) tables.push_back(row[0].Text());
  return tables;
}

Result<std::string> DumpTable(store::Session& session, const std::string& table, std::int64_t account_id) {
  const std::string sql = Format("SELECT * FROM {} WHERE account_id = $1", table);
  HF_TRY(const auto rows, session.Run({"test.dump_table", sql}, {account_id}));
  std::vector<std::string> lines;
  for (const store::Row& row : rows) {
    std::string line = table + ":";
    for (const store::Cell& cell : row) line += " " + TextOf(cell);
    lines.push_back(line + "\n");
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace

service::RemoteImage MakeRemoteImage(std::string_view seed) {
  const std::string config = Format(R"({{"architecture":"amd64","os":"linux","seed":"{}"}})", seed);
  const std::string manifest =
      Format(R"({{"schemaVersion":2,"config":{{"digest":"{}"}},"layers":[]}})", DigestOf(config).Text());
  return {.digest = DigestOf(manifest),
          .manifest = manifest,
          .index_digest = std::nullopt,
          .index = {},
          .image_id = DigestOf(config),
          .config = config,
          .compressed_bytes = 1000};
}

Result<service::RemoteImage> FakeRegistries::Find(const image::Reference& reference) {
  if (failure) return std::unexpected(*failure);
  const auto found = images.find(reference.Text());
  if (found == images.end()) return Fail(ErrorKind::kNotFound, Format("{} is not there", reference.Text()));
  return found->second;
}

Result<service::RemoteImage> FakeRegistries::Inspect(const image::Reference& reference,
                                                     const service::RegistryLogin& login) {
  Record("inspect " + reference.Text(), login);
  return Find(reference);
}

Result<Digest> FakeRegistries::ResolveTag(const image::Reference& reference, const service::RegistryLogin& login) {
  Record("resolve " + reference.Text(), login);
  HF_TRY(const auto image, Find(reference));
  return image.index_digest.value_or(image.digest);
}

Result<std::vector<std::string>> FakeRegistries::ListTags(const image::Reference& repository,
                                                          const service::RegistryLogin& login, std::size_t count_max) {
  Record("tags " + repository.Name(), login);
  if (failure) return std::unexpected(*failure);
  const auto found = tags.find(repository.Name());
  if (found == tags.end()) return Fail(ErrorKind::kNotFound, Format("{} is not there", repository.Name()));
  std::vector<std::string> names = found->second;
  if (names.size() > count_max) names.resize(count_max);
  return names;
}

Result<void> FakeRegistries::Ping(std::string_view host, const service::RegistryLogin& login) {
  Record("ping " + std::string(host), login);
  if (failure) return std::unexpected(*failure);
  const auto found = hosts.find(std::string(host));
  if (found == hosts.end()) return Fail(ErrorKind::kUnavailable, Format("{} does not answer", host));
  if (found->second != login.credential) return Fail(ErrorKind::kDenied, Format("{} refuses the credentials", host));
  return {};
}

std::vector<FakeRegistries::Question> FakeRegistries::Asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void FakeRegistries::Record(std::string what, const service::RegistryLogin& login) {
  const std::scoped_lock lock(mutex_);
  asked_.push_back({std::move(what), login});
}

PlatformFixture::PlatformFixture(Driver driver)
    : sealer_(MakeSealer()),
      objects_(blob::MakeMemoryStore(clock_)),
      test_database_(driver),
      database_(test_database_.OpenUpgraded()),
      platform_{.database = *database_,
                .objects = *objects_,
                .clock = clock_,
                .logger = logger_,
                .sealer = sealer_,
                .host_id = "host-1",
                .base_url = "http://host-1:8228",
                .version = "1.2.3",
                .limits = {},
                .api_url = "http://host-1:8228"} {
  Value(service::BootstrapAccounts(
      platform_, {.email = "admin@example.org", .password = crypto::Secret(kTestPassword), .cost = kTestPasswordCost}));
}

store::Account PlatformFixture::AddAccount(std::string_view name) {
  auto account = Value(service::CreateAccount(platform_, name, std::nullopt));
  Value(service::CreateUser(platform_, name, name, crypto::Secret(kTestPassword), kTestPasswordCost));
  return account;
}

store::Account PlatformFixture::AdminAccount() { return Value(service::GetAccount(platform_, service::kAdminAccount)); }

std::string PlatformFixture::DumpAccount(std::int64_t account_id) {
  return Value(database_->Read([&](store::Session& session) -> Result<std::string> {
    HF_TRY(const auto tables, OwnedTables(session));
    std::string text;
    for (const std::string& table : tables) {
      HF_TRY(const std::string dump, DumpTable(session, table, account_id));
      text += dump;
    }
    return text;
  }));
}

}  // namespace holdfast::test
