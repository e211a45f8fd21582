#include "advisory/echo/echo.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using io::JsonView;

constexpr std::size_t kPackagesMax = 1'000'000;
constexpr std::size_t kStatementsMax = 20'000'000;  // of all packages
constexpr std::size_t kRowsMax = 100'000;           // of one vulnerability
constexpr std::size_t kTextBytesMax = 256;          // of a name, an id, a version
constexpr std::size_t kRecognitionStatements = 1'000;
constexpr std::string_view kFixedVersion = "fixed_version";

bool IsText(std::string_view text) {
  return !text.empty() && text.size() <= kTextBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool IsVulnerability(std::string_view id) {
  constexpr std::array<std::string_view, 3> kKinds = {"CVE-", "GHSA-", "TEMP-"};
  return IsText(id) && std::ranges::any_of(kKinds, [&](std::string_view kind) { return id.starts_with(kind); });
}

// Other trackers have the same tree with more at its leaves, so these decide.
bool IsLeaf(JsonView leaf) {
  if (!leaf.IsObject() || leaf.Size() > 1) return false;
  return leaf.Size() == 0 || (leaf.KeyAt(0) == kFixedVersion && leaf.At(0).IsString());
}

bool LooksLikeEcho(JsonView root) {
  if (!root.IsObject()) return false;
  std::size_t seen = 0, fixed = 0;
  for (std::size_t i = 0; i < root.Size() && i < kRecognitionStatements && seen < kRecognitionStatements; ++i) {
    const JsonView package = root.At(i);
    if (!package.IsObject()) return false;
    for (std::size_t j = 0; j < package.Size() && seen < kRecognitionStatements; ++j, ++seen) {
      if (!IsVulnerability(package.KeyAt(j)) || !IsLeaf(package.At(j))) return false;
      fixed += package.At(j).Size();
    }
  }
  return fixed > 0;
}

Result<model::Affected> RowOf(std::string_view package, JsonView leaf) {
  model::Affected row;
  row.ecosystem = "Echo";
  row.package = package;
  row.version_scheme = "dpkg";
  const JsonView fixed = leaf[kFixedVersion];
  if (!leaf.IsObject() || (!fixed.IsNull() && !IsText(fixed.StringOr(""))))
    return Fail(ErrorKind::kCorrupt, "a statement that is none");
  if (fixed.IsNull()) {
    row.fix_state = model::FixState::kNotFixed;
    row.ranges.push_back({"0", std::nullopt, std::nullopt});
  } else if (fixed.StringOr("") == "0") {
    row.fix_state = model::FixState::kNotAffected;
  } else {
    row.fix_state = model::FixState::kFixed;
    row.ranges.push_back({"0", std::string(fixed.StringOr("")), std::nullopt});
  }
  return row;
}

// By vulnerability, for the document is by package.
class Gatherer {
 public:
  Result<void> AddPackage(std::string_view package, JsonView statements) {
    if (!IsText(package) || !statements.IsObject()) return Fail(ErrorKind::kCorrupt, "a package that is none");
    for (std::size_t i = 0; i < statements.Size(); ++i) {
      const std::string_view id = statements.KeyAt(i);
      if (!IsVulnerability(id))
        return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no vulnerability", CleanText(id, 100)));
      HF_TRY(model::Affected row, RowOf(package, statements.At(i)));
      model::Advisory& advisory = advisories_[std::string(id)];
      if (advisory.affected.size() >= kRowsMax) return Fail(ErrorKind::kLimit, Format("{} in too many packages", id));
      advisory.affected.push_back(std::move(row));
    }
    return {};
  }

  void Give(AdvisorySink& sink) {
    for (auto& [id, advisory] : advisories_) {
      advisory.id = Format("ECHO-{}", id);
      advisory.source = "echo";
      advisory.related = {id};
      sink.Add(advisory);
    }
  }

 private:
  std::map<std::string, model::Advisory> advisories_;
};

class EchoProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "echo"; }
  [[nodiscard]] bool Recognises(const Document& document) const override { return LooksLikeEcho(document.root); }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    const JsonView root = document.root;
    if (!root.IsObject() || root.Size() == 0) return Fail(ErrorKind::kCorrupt, "no packages");
    if (root.Size() > kPackagesMax) return Fail(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax));
    Gatherer gatherer;
    std::size_t statements = 0;
    for (std::size_t i = 0; i < root.Size(); ++i) {
      statements += root.At(i).Size();
      if (statements > kStatementsMax)
        return Fail(ErrorKind::kLimit, Format("more than {} statements", kStatementsMax));
      if (const auto added = gatherer.AddPackage(root.KeyAt(i), root.At(i)); !added)
        sink.Problem(added.error().In(CleanText(root.KeyAt(i), 100)));
    }
    gatherer.Give(sink);
    return {};
  }
};

}  // namespace

std::unique_ptr<Provider> MakeEchoProvider() { return std::make_unique<EchoProvider>(); }

}  // namespace holdfast::advisory
