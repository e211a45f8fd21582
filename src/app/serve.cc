#include "app/serve.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.h"
#include "api/internal_handler.h"
#include "api/service_authenticator.h"
#include "app/configuration.h"
#include "app/fsck_command.h"
#include "app/mapping.h"
#include "app/platform_metrics.h"
#include "app/queue_commands.h"
#include "app/stores.h"
#include "app/web.h"
#include "base/format.h"
#include "base/redaction.h"
#include "cli/version.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "io/line_logger.h"
#include "service/accounts.h"
#include "service/analyzer_role.h"
#include "service/background.h"
#include "service/feeds.h"
#include "service/image_registries.h"
#include "service/images.h"
#include "service/matching_role.h"
#include "service/published_snapshot.h"
#include "service/remote_port.h"
#include "service/role_heartbeat.h"
#include "service/watchers.h"
#include "service/webhooks.h"
#include "store/schema.h"

namespace holdfast::app {
namespace {

constexpr std::int64_t kDrainMs = 20'000;

// The roles by the names of the command line, and by those that Anchore's clients know.
struct RoleName {
  std::string_view role, service;
};
constexpr std::array kRoles = {RoleName{"api", "apiext"},        RoleName{"catalog", "catalog"},
                               RoleName{"queue", "simplequeue"}, RoleName{"policy-engine", "policy_engine"},
                               RoleName{"analyzer", "analyzer"}, RoleName{"feeds", "feeds"}};

const config::Service& ServiceBlock(const config::Configuration& configuration, std::string_view role) {
  if (role == "catalog") return configuration.catalog.service;
  if (role == "queue") return configuration.simplequeue.service;
  if (role == "policy-engine") return configuration.policy_engine.service;
  if (role == "analyzer") return configuration.analyzer.service;
  if (role == "feeds") return configuration.feeds.service;
  return configuration.apiext.service;
}

class Roles {
 public:
  // Those that are named; else all that the configuration has enabled.
  Roles(const std::vector<std::string>& named, const config::Configuration& configuration)
      : configuration_(configuration), named_(named) {}
  [[nodiscard]] bool Has(std::string_view role) const {
    if (named_.empty()) return ServiceBlock(configuration_, role).enabled;
    return std::ranges::find(named_, role) != named_.end();
  }
  // Whether this process does the role's background work.
  [[nodiscard]] bool Works(std::string_view role) const {
    return Has(role) && ServiceBlock(configuration_, role).task_handlers_enabled;
  }
  [[nodiscard]] bool AnalyzerOnly() const { return named_.size() == 1 && named_.front() == "analyzer"; }
  // Whether analyzers may be in other processes.
  [[nodiscard]] bool Apart() const { return !named_.empty() || !Has("analyzer"); }
  // Of all that run here, the lowest: what one of them wants logged is logged.
  [[nodiscard]] LogLevel LeastLogged() const {
    const LogLevel all = ParseLogLevel(configuration_.log_level).value_or(LogLevel::kInfo);
    LogLevel least = LogLevel::kFatal;
    for (const RoleName& name : kRoles)
      if (Has(name.role))
        least = std::min(least, ParseLogLevel(ServiceBlock(configuration_, name.role).log_level).value_or(all));
    return least;
  }
  [[nodiscard]] std::vector<std::string> Services() const {
    std::vector<std::string> services;
    for (const RoleName& name : kRoles)
      if (Has(name.role)) services.emplace_back(name.service);
    return services;
  }
  // The first one named, or "all".
  [[nodiscard]] std::string Label() const { return named_.empty() ? "all" : named_.front(); }

 private:
  const config::Configuration& configuration_;
  std::vector<std::string> named_;
};

// "127.0.0.1:8228", or what the first role's block of the configuration says.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};

Result<ListenAddress> FindListenAddress(const config::Configuration& configuration, const Roles& roles) {
  const config::Service& block = ServiceBlock(configuration, roles.Label());
  if (configuration.listen.empty()) return ListenAddress{block.listen, static_cast<std::uint16_t>(block.port)};
  const std::size_t colon = configuration.listen.rfind(':');
  std::uint16_t port = 0;
  const std::string_view digits =
      colon == std::string::npos ? std::string_view() : std::string_view(configuration.listen).substr(colon + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size())
    return Fail(ErrorKind::kInvalidInput, Format("'{}' is no address and port to listen on", configuration.listen));
  return ListenAddress{configuration.listen.substr(0, colon), port};
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("localhost");
}

// An id that is this process's own, the same after a restart where it can be kept.
std::string HostId(const config::Configuration& configuration, const Roles& roles) {
  if (!configuration.host_id.empty()) return configuration.host_id;
  const std::string file = configuration.data_dir + "/host_id";
  if (std::FILE* stored = std::fopen(file.c_str(), "re"); stored != nullptr) {
    std::array<char, 256> text{};
    const std::size_t size = std::fread(text.data(), 1, text.size() - 1, stored);
    std::fclose(stored);
    if (size > 0) return std::string(text.data(), size);
  }
  const std::string id = Format("{}-{}", HostName(), crypto::Uuid4().substr(0, 8));
  if (!roles.Apart())
    if (std::FILE* made = std::fopen(file.c_str(), "wxe"); made != nullptr) {
      std::fwrite(id.data(), 1, id.size(), made);
      std::fclose(made);
    }
  return id;
}

// Signals that end the process are waited for, not handled: blocked before the first thread is made.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

void WaitForSignal(const sigset_t& set) {
  int received = 0;
  while (sigwait(&set, &received) != 0) continue;
}

http::ServerTls TlsOf(const config::Service& block) {
  if (!block.ssl_enable) return {};
  return {.certificate_file = block.ssl_cert, .key_file = block.ssl_key, .chain_file = block.ssl_chain};
}

std::string_view SchemeOf(const config::Service& block) { return block.ssl_enable ? "https" : "http"; }

// The soft limit of open files goes up to the hard one.
void RaiseOpenFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &files);
}

std::uint64_t OpenFilesMax() {
  rlimit files{};
  return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 1024;
}

// What all servers of this program have in common. Half of the files that may be open are left for what is not a
// client's connection.
http::ServerOptions ServerOptionsOf(const config::Configuration& configuration, const config::Service& block,
                                    const ListenAddress& listen) {
  http::ServerOptions options{.address = listen.address, .port = listen.port, .tls = TlsOf(block)};
  options.handler_threads = static_cast<unsigned>(std::clamp<std::int64_t>(block.max_request_threads, 1, 1000));
  options.connections_max = std::clamp<std::uint64_t>(OpenFilesMax() / 2, 16, options.connections_max);
  const std::int64_t seconds =
      block.request_timeout > 0 ? block.request_timeout : configuration.server_request_timeout_seconds;
  options.request_timeout_ms = seconds * 1000;
  return options;
}

// All that a process with a database holds, in order of construction.
class PlatformProcess {
 public:
  PlatformProcess(const config::Configuration& configuration, ConfiguredFiles files, const Roles& roles, Logger& logger)
      : configuration_(configuration),
        files_(std::move(files)),
        roles_(roles),
        logger_(logger),
        request_metrics_(metrics_),
        access_log_(logger, request_metrics_),
        database_metrics_(metrics_),
        platform_metrics_(metrics_) {}

  // Ready to answer when it returns.
  Result<void> Start() {
    HF_CHECK_OK(OpenStores());
    HF_CHECK_OK(MakePlatform());
    HF_CHECK_OK(MakeAccounts());
    HF_CHECK_OK(Listen());
    return StartRoles();
  }

  void Stop() {
    if (server_ != nullptr) server_->Stop(kDrainMs);
    if (analyzers_ != nullptr) analyzers_->Stop(kDrainMs);
    database_->StopWaiting();
    if (background_ != nullptr) background_->Stop();
  }

  [[nodiscard]] std::uint16_t Port() const { return server_->Port(); }

 private:
  Result<void> OpenStores() {
    HF_TRY(database_, OpenDatabase(configuration_, database_metrics_.Statements()));
    HF_CHECK_OK(store::Upgrade(*database_));
    HF_TRY(objects_, OpenObjects(configuration_, *database_, clock_));
    AdviseOnConnections(configuration_, *database_, logger_);
    return {};
  }

  Result<void> MakePlatform() {
    const std::string key_file = configuration_.secret_key_file.empty() ? configuration_.data_dir + "/secret.key"
                                                                        : configuration_.secret_key_file;
    if (configuration_.secret_key_file.empty() && !IsEmbedded(configuration_))
      return Fail(ErrorKind::kInvalidInput,
                  "secret_key_file is missing: all roles must have the same key for what is kept secret");
    HF_TRY(auto sealer, crypto::LoadOrCreateKeyFile(key_file));
    sealer_ = std::make_unique<crypto::Sealer>(std::move(sealer));
    platform_ = std::make_unique<service::Platform>(service::Platform{.database = *database_,
                                                                      .objects = *objects_,
                                                                      .clock = clock_,
                                                                      .logger = logger_,
                                                                      .sealer = *sealer_,
                                                                      .host_id = HostId(configuration_, roles_),
                                                                      .version = std::string(cli::kVersion),
                                                                      .limits = {},
                                                                      .initial_policies = files_.policies,
                                                                      .observer = &platform_metrics_});
    if (configuration_.catalog.event_notification_enabled)
      platform_->notified_event_levels = configuration_.catalog.event_notification_level;
    adder_ = std::make_unique<service::ImageAdder>(*platform_);
    platform_->adder = adder_.get();
    logins_ = std::make_unique<service::Logins>(*platform_, LoginOptionsOf(configuration_));
    SetServiceInfo(metrics_, roles_.Services(), platform_->host_id, platform_->version);
    registries_ = service::MakeImageRegistries(
        *platform_, {.question_ms_max = configuration_.server_request_timeout_seconds * 1000});
    snapshot_ = std::make_unique<service::LocalSnapshot>(*platform_, configuration_.data_dir + "/snapshots");
    HF_TRY(feed_source_, MakeFeedSource());
    HF_TRY(auto webhooks, WebhookOptionsOf(configuration_));
    webhooks_ = std::make_unique<service::Webhooks>(*platform_, std::move(webhooks));
    return {};
  }

  Result<std::unique_ptr<service::FeedSource>> MakeFeedSource() {
    const std::string work_folder = configuration_.data_dir + "/feeds";
    if (!configuration_.advisory_mirror.url.empty()) {
      HF_TRY(auto options, MirrorFeedOptionsOf(configuration_, logger_));
      return service::MakeMirrorFeedSource(std::move(options), work_folder, clock_, logger_);
    }
    return service::MakeLocalFeedSource(configuration_.advisory_source.empty() ? configuration_.data_dir + "/advisories"
                                                                               : configuration_.advisory_source,
                                        work_folder, clock_);
  }

  Result<void> MakeAccounts() {
    HF_TRY(const auto made_up,
           service::BootstrapAccounts(*platform_, {.email = configuration_.default_admin_email,
                                                   .password = configuration_.default_admin_password}));
    // Once, and never in the log: whoever starts the platform for the first time reads it here.
    if (made_up) std::fprintf(stderr, "the password of user admin is: %s\n", std::string(made_up->Reveal()).c_str());
    return {};
  }

  // The key that signs tokens: of the configuration, else made once and kept, sealed, for all replicas.
  Result<crypto::Secret> TokenKey() {
    if (!configuration_.keys.secret.Empty()) return configuration_.keys.secret;
    const std::string made = sealer_->Seal(crypto::RandomToken(), "token_key");
    HF_TRY(const std::string sealed, database_->Write([&](store::Session& session) {
      return store::GetOrMakeSetting(session, "token_key", made);
    }));
    return sealer_->Open(sealed, "token_key");
  }

  Result<void> MakeApi() {
    HF_TRY(contract_, api::Contract::Load());
    HF_TRY(auto token_key, TokenKey());
    services_ = std::make_unique<api::Services>(
        api::Services{.platform = *platform_,
                      .logins = *logins_,
                      .registries = *registries_,
                      .settings = {.compressed_bytes_max = CompressedBytesMax(configuration_),
                                   .oauth = configuration_.oauth.enabled,
                                   .token_key = std::move(token_key),
                                   .token_life_s = configuration_.oauth.default_token_expiration_seconds},
                      .feed_source = feed_source_.get(),
                      .snapshot = snapshot_.get(),
                      .webhooks = webhooks_.get()});
    HF_TRY(const std::int64_t schema, store::SchemaVersion(*database_));
    context_ = std::make_unique<api::Context>(api::Context{.contract = *contract_,
                                                           .logger = logger_,
                                                           .service_version = std::string(cli::kVersion),
                                                           .database_version = std::to_string(schema),
                                                           .services = services_.get()});
    authenticator_ = std::make_unique<api::ServiceAuthenticator>(*services_);
    authorizer_ = api::MakeNativeAuthorizer();
    api_server_ = std::make_unique<api::ApiServer>(*context_, *authenticator_, *authorizer_);
    return {};
  }

  Result<void> Listen() {
    if (roles_.Has("api")) HF_CHECK_OK(MakeApi());
    port_ = std::make_unique<service::LocalAnalyzerPort>(*platform_);
    if (roles_.Has("queue") && roles_.Apart()) {
      if (configuration_.internal_token.Empty())
        return Fail(ErrorKind::kInvalidInput, "internal_token is missing: analyzers need it to reach the queue role");
      internal_ = std::make_unique<api::InternalHandler>(*port_, configuration_.internal_token, platform_->limits);
    }
    web_ = std::make_unique<Web>(WebParts{.api = api_server_.get(),
                                          .internal = internal_.get(),
                                          .metrics = configuration_.metrics_enabled ? &metrics_ : nullptr,
                                          .metrics_open = configuration_.metrics_auth_disabled,
                                          .may_see_metrics = [this](const auto& request) { return MaySee(request); },
                                          .before_metrics = [this] { RefreshMetrics(); },
                                          .version = std::string(cli::kVersion)});
    HF_TRY(const auto listen, FindListenAddress(configuration_, roles_));
    const config::Service& block = ServiceBlock(configuration_, roles_.Label());
    http::ServerObserver* observer = &request_metrics_;
    if (block.enable_access_logging) observer = &access_log_;
    HF_TRY(server_, http::StartServer(ServerOptionsOf(configuration_, block, listen), *web_, observer, logger_));
    platform_->base_url = Format("{}://{}:{}", SchemeOf(block), block.endpoint_hostname, Port());
    platform_->api_url = ApiUrl();
    return {};
  }

  // Where clients reach the API, through a proxy or not.
  [[nodiscard]] std::string ApiUrl() const {
    const config::Service& api = configuration_.apiext.service;
    const bool here = roles_.Has("api");
    const std::int64_t port = here ? Port() : api.port;
    return Format("{}://{}:{}", api.external_tls ? std::string_view("https") : SchemeOf(api),
                  api.external_hostname.empty() ? api.endpoint_hostname : api.external_hostname,
                  api.external_port > 0 ? api.external_port : port);
  }

  bool MaySee(const http::ServerRequest& request) {
    const auto header = request.headers.Find("Authorization");
    auto credentials = header ? api::ParseAuthorization(*header) : std::nullopt;
    if (!credentials) return false;
    credentials->peer = request.peer;
    if (authenticator_ != nullptr) {
      const auto identity = authenticator_->Authenticate(*credentials);
      return identity && identity->administers;
    }
    if (credentials->kind != api::CredentialKind::kBasic) return false;
    const auto identity = logins_->Check(credentials->username, crypto::Secret(credentials->password), request.peer);
    return identity && identity->IsAdmin();
  }

  // Of all that look at one database, only the queue role tells how long its queues are.
  void RefreshMetrics() {
    if (roles_.Has("queue")) database_metrics_.Refresh(*database_, platform_->Now());
  }

  Result<void> StartRoles() {
    background_ = std::make_unique<service::Background>(*platform_, database_metrics_.Steps());
    service::StartHeartbeats(*background_, *platform_, roles_.Services());
    if (roles_.Has("policy-engine") || roles_.Has("api")) service::KeepSnapshot(*background_, *snapshot_);
    if (roles_.Works("policy-engine")) service::StartMatching(*background_, *platform_, *snapshot_);
    if (roles_.Works("catalog")) {
      service::StartCatalogWork(*background_, *platform_, *registries_, WatcherOptionsOf(configuration_));
      webhooks_->Start(*background_);
    }
    if (roles_.Works("feeds")) StartFeedSync();
    if (roles_.Works("queue"))
      service::StartQueueWork(*background_, *platform_, configuration_.image_analyze_timeout_seconds * 1000);
    if (!roles_.Has("analyzer")) return {};
    analysis_metrics_ = std::make_unique<AnalysisMetrics>(metrics_);
    analyzers_ = std::make_unique<service::AnalyzerRole>(
        *port_,
        AnalyzerOptionsOf(configuration_, {.host_id = platform_->host_id, .base_url = platform_->base_url},
                          files_.searches),
        analysis_metrics_.get(), logger_);
    return analyzers_->Start();
  }

  void StartFeedSync() {
    const std::int64_t period_s = configuration_.policy_engine.cycle_timers.feed_sync;
    if (!configuration_.policy_engine.sync_enabled || period_s <= 0) return;
    background_->Start({.name = "feed_sync_timer", .period_ms = period_s * 1000, .step = [this]() -> Result<bool> {
                          const auto sync = service::SyncFeeds(*platform_, *feed_source_);
                          // Another replica is at it.
                          if (!sync && sync.error().Kind() == ErrorKind::kConflict) return false;
                          HF_CHECK_OK(sync);
                          return false;
                        }});
  }

  const config::Configuration& configuration_;
  ConfiguredFiles files_;
  const Roles& roles_;
  Logger& logger_;
  SystemClock clock_;
  metrics::Registry metrics_;
  RequestMetrics request_metrics_;
  AccessLog access_log_;
  DatabaseMetrics database_metrics_;
  PlatformMetrics platform_metrics_;
  std::unique_ptr<AnalysisMetrics> analysis_metrics_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<blob::ObjectStore> objects_;
  std::unique_ptr<crypto::Sealer> sealer_;
  std::unique_ptr<service::Platform> platform_;
  std::unique_ptr<service::ImageAdder> adder_;
  std::unique_ptr<api::Contract> contract_;
  std::unique_ptr<service::Logins> logins_;
  std::unique_ptr<service::Registries> registries_;
  std::unique_ptr<service::LocalSnapshot> snapshot_;
  std::unique_ptr<service::FeedSource> feed_source_;
  std::unique_ptr<service::Webhooks> webhooks_;
  std::unique_ptr<api::Services> services_;
  std::unique_ptr<api::Context> context_;
  std::unique_ptr<api::ServiceAuthenticator> authenticator_;
  std::unique_ptr<api::Authorizer> authorizer_;
  std::unique_ptr<api::ApiServer> api_server_;
  std::unique_ptr<service::LocalAnalyzerPort> port_;
  std::unique_ptr<api::InternalHandler> internal_;
  std::unique_ptr<Web> web_;
  std::unique_ptr<service::Background> background_;
  std::unique_ptr<service::AnalyzerRole> analyzers_;
  std::unique_ptr<http::Server> server_;
};

// A process that only analyses: no database, no objects, no secrets but the internal token.
Result<void> RunAnalyzerProcess(const config::Configuration& configuration, const catalog::SearchConfig& searches,
                                const Roles& roles, const sigset_t& signals, Logger& logger) {
  if (configuration.queue_url.empty())
    return Fail(ErrorKind::kInvalidInput, "queue_url is missing: an analyzer gets its work from the queue role");
  HF_TRY(const auto port, service::MakeRemotePort(RemotePortOptionsOf(configuration)));
  metrics::Registry metrics;
  RequestMetrics request_metrics(metrics);
  AccessLog access_log(logger, request_metrics);
  AnalysisMetrics analysis_metrics(metrics);
  const std::string host_id = HostId(configuration, roles);
  SetServiceInfo(metrics, roles.Services(), host_id, cli::kVersion);
  // There are no users to ask for a password here: metrics are open, or not to be had.
  Web web({.metrics = configuration.metrics_enabled ? &metrics : nullptr,
           .metrics_open = configuration.metrics_auth_disabled,
           .version = std::string(cli::kVersion)});
  HF_TRY(const auto listen, FindListenAddress(configuration, roles));
  const config::Service& block = configuration.analyzer.service;
  http::ServerOptions server_options = ServerOptionsOf(configuration, block, listen);
  server_options.handler_threads = 2;
  http::ServerObserver* observer = &request_metrics;
  if (block.enable_access_logging) observer = &access_log;
  HF_TRY(const auto server, http::StartServer(server_options, web, observer, logger));
  const std::string base_url = Format("{}://{}:{}", SchemeOf(block), block.endpoint_hostname, server->Port());
  service::AnalyzerRole analyzers(
      *port, AnalyzerOptionsOf(configuration, {.host_id = host_id, .base_url = base_url}, searches), &analysis_metrics,
      logger);
  HF_CHECK_OK(analyzers.Start());
  logger.Info(Format("analyzing for {}", configuration.queue_url));
  WaitForSignal(signals);
  logger.Info("stopping");
  server->Stop(kDrainMs);
  analyzers.Stop(kDrainMs);
  return {};
}

Result<void> RunPlatformProcess(const config::Configuration& configuration, const ConfiguredFiles& files,
                                const Roles& roles, const sigset_t& signals, Logger& logger) {
  PlatformProcess process(configuration, files, roles, logger);
  HF_CHECK_OK(process.Start());
  logger.Info(Format("ready on port {}", process.Port()));
  WaitForSignal(signals);
  logger.Info("stopping");
  process.Stop();
  return {};
}

// Secrets of the configuration never show in the log, wherever they come up.
void Hide(const config::Configuration& configuration, Redaction& redaction) {
  for (const crypto::Secret* secret :
       {&configuration.default_admin_password, &configuration.database.db_password, &configuration.keys.secret,
        &configuration.internal_token, &configuration.webhooks.webhook_pass, &configuration.webhooks.signing_secret})
    if (!secret->Empty()) redaction.Add(secret->Reveal());
  for (const auto& [name, target] : configuration.webhooks.targets)
    if (!target.webhook_pass.Empty()) redaction.Add(target.webhook_pass.Reveal());
}

cli::ExitCode Serve(const cli::Options& options, Logger& talk) {
  const sigset_t signals = BlockSignals();
  RaiseOpenFiles();
  const auto configuration = LoadConfiguration(options, talk);
  if (!configuration) {
    talk.Log(LogLevel::kError, configuration.error().Message());
    return cli::ExitCode::kUsage;
  }
  const Roles roles(options.roles, *configuration);
  const SystemClock clock;
  Redaction redaction;
  Hide(*configuration, redaction);
  const auto logger =
      io::MakeLineLogger({.least = roles.LeastLogged(), .constants = {{"service", roles.Label()}}}, clock, redaction);
  const auto done = [&]() -> Result<void> {
    HF_TRY(auto files, ReadConfiguredFiles(*configuration, ConfigurationFolder(options), *logger));
    return roles.AnalyzerOnly() ? RunAnalyzerProcess(*configuration, files.searches, roles, signals, *logger)
                                : RunPlatformProcess(*configuration, files, roles, signals, *logger);
  }();
  if (done) return cli::ExitCode::kOk;
  logger->Log(LogLevel::kError, done.error().Message());
  return done.error().Kind() == ErrorKind::kInvalidInput ? cli::ExitCode::kUsage : cli::ExitCode::kDatabase;
}

cli::ExitCode DbUpgrade(const cli::Options& options, Logger& logger) {
  const auto upgrade = [&]() -> Result<void> {
    HF_TRY(const auto configuration, LoadConfiguration(options, logger));
    HF_TRY(const auto database, OpenDatabase(configuration, {}));
    HF_CHECK_OK(store::Upgrade(*database));
    HF_TRY(const std::int64_t version, store::SchemaVersion(*database));
    logger.Info(Format("the database has schema {}", version));
    return {};
  }();
  if (upgrade) return cli::ExitCode::kOk;
  logger.Log(LogLevel::kError, upgrade.error().Message());
  return cli::ExitCode::kDatabase;
}

}  // namespace

cli::ServiceCommands ServiceCommandsOfThisProgram() {
  return {.serve = &Serve,
          .db_upgrade = &DbUpgrade,
          .config_check = &ConfigCheck,
          .config_show = &ConfigShow,
          .queue_status = &QueueStatus,
          .queue_dead = &QueueDead,
          .queue_requeue = &QueueRequeue,
          .queue_drop = &QueueDrop,
          .fsck = &Fsck};
}

}  // namespace holdfast::app
