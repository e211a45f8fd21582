#include "service/registries.h"

#include <algorithm>

#include "base/format.h"
#include "crypto/seal.h"

namespace holdfast::service {
namespace {

// What a sealed secret is bound to: it cannot be moved to another account's row.
std::string SealContext(const store::Registry& registry) {
  return Format("registry/{}/{}", registry.account_id, registry.registry);
}

store::Registry WithoutSecret(store::Registry registry) {
  registry.secret.clear();
  return registry;
}

store::Registry Sealed(const Platform& platform, store::Registry registry) {
  registry.secret = platform.sealer.Seal(crypto::Secret::Take(registry.secret), SealContext(registry));
  return registry;
}

// "host/prefix*" matches "host/prefix-and-more"; how much of the name it fixes, or nothing.
std::optional<std::size_t> MatchStored(std::string_view stored, std::string_view registry, std::string_view name) {
  if (stored == registry) return stored.size();
  if (!stored.ends_with('*')) return std::nullopt;
  stored.remove_suffix(1);
  if (!name.starts_with(stored)) return std::nullopt;
  return stored.size();
}

}  // namespace

Result<ImageName> ParseImageName(std::string_view text) {
  HF_TRY(auto reference, image::Reference::Parse(text));
  ImageName name{.registry = reference.domain,
                 .repository = reference.path,
                 .tag = reference.TagOrLatest(),
                 .reference = std::move(reference)};
  if (name.registry == "docker.io" && name.repository.starts_with("library/") && !text.contains("library/"))
    name.repository.erase(0, std::string_view("library/").size());
  return name;
}

Result<RegistryLogin> FindLogin(const Platform& platform, std::int64_t account_id, std::string_view registry,
                                std::string_view repository) {
  HF_TRY(const auto stored,
         platform.database.Read([&](store::Session& session) { return store::ListRegistries(session, account_id); }));
  return ChooseLogin(platform.sealer, stored, registry, repository);
}

Result<RegistryLogin> ChooseLogin(const crypto::Sealer& sealer, std::span<const store::Registry> stored,
                                  std::string_view registry, std::string_view repository) {
  const std::string name = std::string(registry) + "/" + std::string(repository);
  const store::Registry* best = nullptr;
  std::size_t best_size = 0;
  for (const store::Registry& entry : stored) {
    const auto size = MatchStored(entry.registry, registry, name);
    if (!size || (best != nullptr && *size <= best_size && entry.registry != registry)) continue;
    best = &entry;
    best_size = *size;
    if (entry.registry == registry) break;
  }
  if (best == nullptr) return RegistryLogin{};
  RegistryLogin login{.verify = best->verify};
  HF_TRY(const crypto::Secret password, sealer.Open(best->secret, SealContext(*best)));
  login.credential.password = password.Reveal();
  login.credential.username = best->username;
  return login;
}

Result<std::vector<store::Registry>> ListRegistries(const Platform& platform, std::int64_t account_id) {
  HF_TRY(auto registries,
         platform.database.Read([&](store::Session& session) { return store::ListRegistries(session, account_id); }));
  for (store::Registry& registry : registries) registry.secret.clear();
  return registries;
}

Result<store::Registry> GetRegistry(const Platform& platform, std::int64_t account_id, std::string_view registry) {
  HF_TRY(auto found, platform.database.Read(
                         [&](store::Session& session) { return store::FindRegistry(session, account_id, registry); }));
  if (!found) return Fail(ErrorKind::kNotFound, Format("registry '{}' is not known to this account", registry));
  return WithoutSecret(*std::move(found));
}

Result<void> CheckRegistry(const store::Registry& registry) {
  const std::string& name = registry.registry;
  if (name.empty()) return Fail(ErrorKind::kInvalidInput, "the registry has no name");
  if (name.contains("://"))
    return Fail(ErrorKind::kInvalidInput, Format("registry '{}': leave the URL scheme out", name));
  if (name.ends_with('/'))
    return Fail(ErrorKind::kInvalidInput, Format("registry '{}': leave the slash at the end out", name));
  if (registry.type == "awsecr" || registry.username == "awsauto" || registry.username == "_iam_role")
    return Fail(ErrorKind::kUnsupported,
                "credentials that are fetched from a cloud are not supported: give a user name and a password, "
                "renewed by whoever can");
  if (registry.type != "docker_v2")
    return Fail(ErrorKind::kInvalidInput, Format("registry type '{}' is not known: docker_v2 is", registry.type));
  return {};
}

Result<store::Registry> AddRegistry(const Platform& platform, store::Registry registry) {
  HF_CHECK_OK(CheckRegistry(registry));
  if (registry.name.empty()) registry.name = registry.registry;
  registry.created_at = registry.updated_at = platform.Now();
  const store::Registry sealed = Sealed(platform, registry);
  const auto inserted = platform.database.Write(
      [&](store::Session& session) -> Result<void> { return store::InsertRegistry(session, sealed); });
  if (!inserted && inserted.error().Kind() == ErrorKind::kConflict)
    return Fail(ErrorKind::kConflict, Format("registry '{}' already exists", registry.registry));
  HF_CHECK_OK(inserted);
  return WithoutSecret(std::move(registry));
}

Result<store::Registry> ReplaceRegistry(const Platform& platform, store::Registry registry) {
  HF_CHECK_OK(CheckRegistry(registry));
  if (registry.name.empty()) registry.name = registry.registry;
  registry.updated_at = platform.Now();
  const store::Registry sealed = Sealed(platform, registry);
  HF_TRY(const bool found,
         platform.database.Write([&](store::Session& session) { return store::UpdateRegistry(session, sealed); }));
  if (!found)
    return Fail(ErrorKind::kNotFound, Format("registry '{}' is not known to this account", registry.registry));
  return GetRegistry(platform, registry.account_id, registry.registry);
}

Result<void> RemoveRegistry(const Platform& platform, std::int64_t account_id, std::string_view registry) {
  return platform.database.Write(
      [&](store::Session& session) { return store::DeleteRegistry(session, account_id, registry); });
}

}  // namespace holdfast::service
