#include "image/open.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "image/archive_source.h"
#include "image/daemon_source.h"
#include "image/directory_source.h"
#include "image/layout_source.h"
#include "image/registry_source.h"
#include "io/file.h"

namespace holdfast::image {
namespace {

using Opened = Result<std::unique_ptr<Source>>;

constexpr std::array<std::string_view, 8> kSchemes = {"registry",    "docker",         "podman", "oci-dir",
                                                      "oci-archive", "docker-archive", "dir",    "file"};

bool IsNamedLikeArchive(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  for (const std::string_view end : {".tar", ".tgz", ".txz", ".tzst", ".tbz", ".tbz2"})
    if (name.ends_with(end)) return true;
  const std::size_t dot = name.rfind('.');  // ".tar.gz", whatever the compression
  return dot != std::string_view::npos && name.substr(0, dot).ends_with(".tar");
}

class Opener {
 public:
  Opener(const SourceOptions& options, Logger& logger) : options_(options), logger_(logger) {}

  Opened Open(std::string_view target) {
    if (target.empty()) return Fail(ErrorKind::kInvalidInput, "no image named");
    if (target == "-") return Archive(ArchiveFormat::kAny, target);
    const std::size_t colon = target.find(':');
    for (const std::string_view scheme : kSchemes)
      if (target.substr(0, colon) == scheme && colon != std::string_view::npos) {
        if (target.substr(colon + 1).empty())
          return Fail(ErrorKind::kInvalidInput, Format("'{}' names nothing", target));
        return OpenAs(scheme, target.substr(colon + 1));
      }
    return Guess(target);
  }

 private:
  Opened OpenAs(std::string_view scheme, std::string_view rest) {
    if (scheme == "registry") return Registry(rest);
    if (scheme == "docker" || scheme == "podman") return Daemon(scheme, rest);
    if (scheme == "oci-dir") return Layout(rest);
    if (scheme == "oci-archive") return Archive(ArchiveFormat::kOci, rest);
    if (scheme == "docker-archive") return Archive(ArchiveFormat::kDocker, rest);
    const DirectoryOptions directory{.excludes = options_.excludes, .limits = options_.limits};
    std::error_code error;
    if (!std::filesystem::exists(rest, error)) return Fail(ErrorKind::kNotFound, Format("there is no '{}'", rest));
    const bool folder = std::filesystem::is_directory(rest, error);
    if (folder != (scheme == "dir"))
      return Fail(ErrorKind::kInvalidInput, Format("'{}' is {} folder", rest, folder ? "a" : "not a"));
    return folder ? MakeDirectorySource(rest, std::string(rest), directory)
                  : MakeFileSource(rest, std::string(rest), directory);
  }

  [[nodiscard]] PlanOptions PlanFor(ArchiveFormat format, std::string image) const {
    return {.format = format,
            .image = std::move(image),
            .platform = options_.platform,
            .limits = options_.limits,
            .deadline = options_.deadline};
  }

  // "path", or "path:name" with the longest path that exists.
  static std::pair<std::string, std::string> SplitPath(std::string_view text) {
    std::error_code error;
    for (std::size_t end = text.size(); end != std::string_view::npos && end > 0; end = text.rfind(':', end - 1)) {
      const std::string path(text.substr(0, end));
      if (std::filesystem::exists(path, error))
        return {path, std::string(end < text.size() ? text.substr(end + 1) : "")};
    }
    return {std::string(text), ""};
  }

  Opened Archive(ArchiveFormat format, std::string_view text) {
    if (text == "-")
      return MakeArchiveStreamSource(std::make_unique<io::DescriptorSource>(STDIN_FILENO, options_.deadline), "", "-",
                                     PlanFor(format, ""));
    auto [path, image] = SplitPath(text);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      if (!std::filesystem::exists(path, error)) return Fail(ErrorKind::kNotFound, Format("there is no '{}'", path));
      if (std::filesystem::is_directory(path, error))
        return Fail(ErrorKind::kInvalidInput, Format("'{}' is a folder", path));
      HF_TRY(auto stream, io::OpenFile(path, options_.deadline));
      return MakeArchiveStreamSource(std::move(stream), "", std::string(text), PlanFor(format, std::move(image)));
    }
    return MakeArchiveSource(path, std::string(text), PlanFor(format, std::move(image)));
  }

  Opened Layout(std::string_view text) {
    auto [path, image] = SplitPath(text);
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
      return Fail(ErrorKind::kNotFound, Format("there is no folder '{}'", path));
    return MakeLayoutSource(path, std::string(text), PlanFor(ArchiveFormat::kOci, std::move(image)));
  }

  Result<std::shared_ptr<http::Client>> Client() {
    if (client_ == nullptr) {
      http::ClientOptions http = options_.http;
      http.deadline = options_.deadline;
      HF_TRY(client_, http::MakeCurlClient(http));
    }
    return client_;
  }

  Opened Daemon(std::string_view kind, std::string_view image) {
    HF_TRY(auto endpoint, FindDaemon(kind, options_.environment));
    if (!endpoint) return Fail(ErrorKind::kNotFound, Format("no {} daemon found", kind));
    HF_TRY(auto client, Client());
    return MakeDaemonSource(std::move(client), *std::move(endpoint), std::string(image),
                            PlanFor(ArchiveFormat::kDocker, ""));
  }

  Opened Registry(std::string_view text) {
    HF_TRY(Reference reference, Reference::Parse(text));
    HF_TRY(auto client, Client());
    HF_TRY_IN("reading credentials", Keychain keychain, Keychain::Load(options_.environment, MakeHelperRunner()));
    RegistryAccess access{.client = std::move(client),
                          .pacer = http::MakeSystemPacer(options_.deadline),
                          .keychain = std::make_shared<const Keychain>(std::move(keychain)),
                          .options = options_.registry,
                          .platform = options_.platform,
                          .limits = options_.limits};
    return MakeRegistrySource(std::move(reference), std::move(access), logger_);
  }

  // Nothing when the daemon is not there or does not have it; that is said in `tried`.
  std::unique_ptr<Source> FromDaemon(std::string_view kind, std::string_view image, std::string& tried) {
    const auto skip = [&](std::string_view why) {
      tried += Format("{} ({}), ", kind, why);
      logger_.Debug(Format("{}: {}", kind, why));
      return nullptr;
    };
    auto endpoint = FindDaemon(kind, options_.environment);
    if (!endpoint) return skip(endpoint.error().Message());
    if (!*endpoint) return skip("no daemon");
    auto client = Client();
    if (!client) return skip(client.error().Message());
    const auto has = DaemonHasImage(**client, **endpoint, std::string(image));
    if (!has) return skip(has.error().Message());
    if (!*has) return skip("does not have it");
    return MakeDaemonSource(*client, **endpoint, std::string(image), PlanFor(ArchiveFormat::kDocker, ""));
  }

  Opened Guess(std::string_view target) {
    std::error_code error;
    const std::filesystem::path path(target);
    if (std::filesystem::is_directory(path, error)) return OpenAs(IsLayout(path) ? "oci-dir" : "dir", target);
    if (std::filesystem::is_regular_file(path, error)) {
      HF_TRY(const bool archive, LooksLikeArchive(path));
      if (archive) return Archive(ArchiveFormat::kAny, target);
      // A damaged archive must not pass for a file without packages.
      if (IsNamedLikeArchive(target))
        return Fail(ErrorKind::kCorrupt,
                    Format("'{}' is named like an archive, but does not begin like one that can be read; file:{} takes "
                           "it as a single file",
                           target, target));
      return OpenAs("file", target);
    }
    if (std::filesystem::exists(path, error)) return Archive(ArchiveFormat::kAny, target);
    std::string tried = "a file or folder (there is none), ";
    for (const std::string_view kind : {"docker", "podman"})
      if (auto source = FromDaemon(kind, target, tried)) return source;
    auto source = Registry(target);
    if (!source)
      return Fail(source.error().Kind(),
                  Format("cannot open '{}': tried {}a registry ({})", target, tried, source.error().Message()));
    return source;
  }

  const SourceOptions& options_;
  Logger& logger_;
  std::shared_ptr<http::Client> client_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenSource(std::string_view target, const SourceOptions& options, Logger& logger) {
  return Opener(options, logger).Open(target);
}

}  // namespace holdfast::image
