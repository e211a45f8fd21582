#include "service/image_registries.h"

#include <utility>

#include "base/format.h"
#include "http/retry.h"
#include "image/registry_inspect.h"

namespace holdfast::service {
namespace {

constexpr int kTurnTries = 3;
constexpr std::int64_t kTurnPauseMs = 100;

class ImageRegistries final : public Registries {
 public:
  ImageRegistries(const Platform& platform, const ImageRegistriesOptions& options)
      : platform_(platform), options_(options) {}

  // Somebody added the image, or a watcher found out that it is there.
  Result<RemoteImage> Inspect(const image::Reference& reference, const RegistryLogin& login) override {
    HF_TRY(const auto link, Connect(reference.domain, login, store::Turn::kNow));
    image::RegistryInspector inspector(link->Context(platform_.logger), reference, platform_.limits);
    HF_TRY(auto image, inspector.Inspect(reference, std::nullopt));
    return RemoteImage{.digest = image.manifest_digest,
                       .manifest = std::move(image.manifest),
                       .index_digest = image.index_digest,
                       .index = std::move(image.index),
                       .image_id = image.config_digest,
                       .config = std::move(image.config),
                       .compressed_bytes = image.compressed_bytes};
  }

  Result<Digest> ResolveTag(const image::Reference& reference, const RegistryLogin& login) override {
    HF_TRY(const auto link, Connect(reference.domain, login, store::Turn::kWhenItFits));
    image::RegistryInspector inspector(link->Context(platform_.logger), reference, platform_.limits);
    return inspector.ResolveTag(reference);
  }

  Result<std::vector<std::string>> ListTags(const image::Reference& repository, const RegistryLogin& login,
                                            std::size_t count_max) override {
    HF_TRY(const auto link, Connect(repository.domain, login, store::Turn::kWhenItFits));
    image::RegistryInspector inspector(link->Context(platform_.logger), repository, platform_.limits);
    return inspector.ListTags(count_max);
  }

  Result<void> Ping(std::string_view host, const RegistryLogin& login) override {
    HF_TRY(const auto link, Connect(host, login, store::Turn::kNow));
    return image::PingRegistry(link->Context(platform_.logger), std::string(host));
  }

 private:
  // What one question needs; the inspector borrows it.
  struct Link {
    std::unique_ptr<http::Client> client;
    std::shared_ptr<http::Pacer> pacer;
    image::RegistryOptions options;

    [[nodiscard]] image::RegistryContext Context(Logger& logger) const { return {*client, *pacer, options, logger}; }
  };

  Result<std::unique_ptr<Link>> Connect(std::string_view host, const RegistryLogin& login, store::Turn turn) {
    auto link = std::make_unique<Link>();
    link->options = options_.registry;
    link->options.credential = login.credential;
    if (!login.verify) link->options.insecure_hosts.emplace_back(host);
    link->pacer = http::MakeSystemPacer();
    HF_CHECK_OK(WaitForTurn(host, turn, *link->pacer));
    HF_TRY(link->client, http::MakeCurlClient(options_.http));
    return link;
  }

  // One question to a host counts as one request of its budget.
  Result<void> WaitForTurn(std::string_view host, store::Turn turn, http::Pacer& pacer) {
    for (std::int64_t waited = 0;;) {
      HF_TRY(const std::int64_t wait_ms, AskForTurn(host, turn, pacer));
      if (wait_ms == 0) return {};
      if (waited + wait_ms > options_.budget_wait_ms)
        return Fail(ErrorKind::kUnavailable, Format("{} is being asked too much at the moment: try again later", host));
      pacer.SleepMs(wait_ms);
      waited += wait_ms;
    }
  }

  // How long to wait. When nobody knows whether a token was taken, another one is: that costs a request, no more.
  Result<std::int64_t> AskForTurn(std::string_view host, store::Turn turn, http::Pacer& pacer) {
    for (int tries = 0;; ++tries) {
      auto wait_ms = platform_.database.Write([&](store::Session& session) {
        return store::TakeHostToken(session, host, options_.budget, turn, platform_.Now());
      });
      if (wait_ms) return wait_ms;
      const bool away = wait_ms.error().Kind() == ErrorKind::kUnavailable;
      // It is not the registry that does not answer.
      if (away && tries >= kTurnTries) return Fail(ErrorKind::kConflict, wait_ms.error().Message());
      if (!away) return wait_ms;
      pacer.SleepMs(kTurnPauseMs);
    }
  }

  const Platform& platform_;
  ImageRegistriesOptions options_;
};

}  // namespace

std::unique_ptr<Registries> MakeImageRegistries(const Platform& platform, const ImageRegistriesOptions& options) {
  return std::make_unique<ImageRegistries>(platform, options);
}

}  // namespace holdfast::service
