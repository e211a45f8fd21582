#include "advisory/fedora/release.h"

#include <algorithm>

#include "base/format.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kDigitsMax = 4;

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= kDigitsMax &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool Take(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

}  // namespace

std::optional<model::EcosystemRelease> ParseFedoraRelease(std::string_view name) {
  constexpr std::string_view kModular = " Modular";
  if (name.ends_with(kModular)) name.remove_suffix(kModular.size());
  if (!Take(name, "Fedora ")) return std::nullopt;
  const bool epel = Take(name, "EPEL ");
  const std::string_view major = name.substr(0, name.find('.'));
  const bool minor_ok = major.size() == name.size() || (epel && IsNumber(name.substr(major.size() + 1)));
  if (!IsNumber(major) || !minor_ok) return std::nullopt;
  return model::EcosystemRelease{epel ? "EPEL" : "Fedora", std::string(major)};
}

std::string FedoraFix(const model::EcosystemRelease& release, std::string evr) {
  const std::string tag = Format(".el{}_", release.release);
  const std::size_t at = evr.rfind(tag);
  if (release.ecosystem == "EPEL" && at != std::string::npos && IsNumber(std::string_view(evr).substr(at + tag.size())))
    evr.resize(at + tag.size() - 1);
  return evr;
}

}  // namespace holdfast::advisory
