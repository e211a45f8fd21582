#include "service/image_registries.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "http/retry.h"
#include "image/registry_inspect.h"
#include "service/host_turns.h"

namespace holdfast::service {
namespace {

// Counts what is sent, redirects and token services included.
class CountingClient final : public http::Client {
 public:
  explicit CountingClient(std::unique_ptr<http::Client> inner) : inner_(std::move(inner)) {}
  Result<http::Response> Send(const http::Request& request) override {
    ++sent_;
    return inner_->Send(request);
  }
  [[nodiscard]] std::int64_t Sent() const { return sent_; }

 private:
  std::unique_ptr<http::Client> inner_;
  std::int64_t sent_ = 0;
};

class ImageRegistries final : public Registries {
 public:
  ImageRegistries(const Platform& platform, const ImageRegistriesOptions& options)
      : platform_(platform), options_(options), turns_(platform, options.budget, options.budget_wait_ms) {}

  // Somebody added the image, or a watcher found out that it is there.
  Result<RemoteImage> Inspect(const image::Reference& reference, const RegistryLogin& login) override {
    HF_TRY(auto image, Ask(reference.domain, login, Turn::kNow, [&](const image::RegistryContext& context) {
             return image::RegistryInspector(context, reference, platform_.limits).Inspect(reference, std::nullopt);
           }));
    return RemoteImage{.digest = image.manifest_digest,
                       .manifest = std::move(image.manifest),
                       .index_digest = image.index_digest,
                       .index = std::move(image.index),
                       .image_id = image.config_digest,
                       .config = std::move(image.config),
                       .compressed_bytes = image.compressed_bytes};
  }

  Result<Digest> ResolveTag(const image::Reference& reference, const RegistryLogin& login) override {
    return Ask(reference.domain, login, Turn::kWhenItFits, [&](const image::RegistryContext& context) {
      return image::RegistryInspector(context, reference, platform_.limits).ResolveTag(reference);
    });
  }

  Result<std::vector<std::string>> ListTags(const image::Reference& repository, const RegistryLogin& login,
                                            std::size_t count_max) override {
    return Ask(repository.domain, login, Turn::kWhenItFits, [&](const image::RegistryContext& context) {
      return image::RegistryInspector(context, repository, platform_.limits).ListTags(count_max);
    });
  }

  Result<void> Ping(std::string_view host, const RegistryLogin& login) override {
    return Ask(host, login, Turn::kNow,
               [&](const image::RegistryContext& context) { return image::PingRegistry(context, std::string(host)); });
  }

  Result<std::int64_t> PausedForMs(std::string_view host) override { return turns_.PausedForMs(host); }

 private:
  // One question: waits for its turn, counts the requests that it came to, and heeds what the host asks for.
  template <typename Question>
  auto Ask(std::string_view host, const RegistryLogin& login, Turn turn, const Question& question)
      -> decltype(question(std::declval<const image::RegistryContext&>())) {
    HF_CHECK_OK(turns_.Wait(host, turn));
    http::ClientOptions http = options_.http;
    http.deadline = Deadline::After(static_cast<std::uint64_t>(options_.question_ms_max));
    const auto pacer = http::MakeSystemPacer(http.deadline);
    HF_TRY(auto inner, http::MakeCurlClient(http));
    CountingClient client(std::move(inner));
    std::int64_t pause_ms = 0;
    image::RegistryOptions registry = options_.registry;
    registry.credential = login.credential;
    if (!login.verify) registry.insecure_hosts.emplace_back(host);
    registry.retry.retry_after_ms_max = 0;  // nobody is kept waiting here
    registry.on_pause = [&pause_ms](std::int64_t ms) { pause_ms = std::clamp(ms, pause_ms, kHostPauseMsMax); };
    auto answer = question(image::RegistryContext{client, *pacer, registry, platform_.logger});
    HF_CHECK_OK(turns_.Settle(host, turn, client.Sent(), pause_ms));
    if (answer) return answer;
    if (pause_ms > 0 && answer.error().Kind() == ErrorKind::kUnavailable)
      return std::unexpected(HostTurns::LeftAlone(host, pause_ms));
    if (!http.deadline.Check())
      return Fail(ErrorKind::kUnavailable,
                  Format("{} takes longer than the {} s that it has to answer", host, options_.question_ms_max / 1000));
    return answer;
  }

  const Platform& platform_;
  ImageRegistriesOptions options_;
  HostTurns turns_;
};

}  // namespace

std::unique_ptr<Registries> MakeImageRegistries(const Platform& platform, const ImageRegistriesOptions& options) {
  return std::make_unique<ImageRegistries>(platform, options);
}

}  // namespace holdfast::service
