#include "advisory/amazon/amazon.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "advisory/words.h"
#include "base/format.h"
#include "base/text.h"
#include "io/xml.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kRecognitionBytes = 4096;
constexpr std::size_t kNodesMax = 60'000'000;     // of one document
constexpr std::size_t kUpdatesMax = 1'000'000;    // likewise
constexpr std::size_t kPackagesMax = 50'000'000;  // of all documents: some 2 GB
constexpr std::size_t kRowsMax = 100'000;         // of one advisory
constexpr std::size_t kReferencesMax = 10'000;    // likewise
constexpr std::size_t kTextBytesMax = 64'000;
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kWordBytesMax = 256;

// A name, an architecture or a part of a version.
bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= kWordBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "2023-02-17 20:41:00", "2011-09-27 22:46" → RFC 3339.
std::string TimeOf(std::string_view text) {
  if (text.size() < 16 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':') return {};
  const std::string_view seconds = text.size() >= 19 && text[16] == ':' ? text.substr(17, 2) : "00";
  return Format("{}T{}:{}Z", text.substr(0, 10), text.substr(11, 5), seconds);
}

struct Collection {
  std::string_view release, extra;  // extra: empty for the release's own repository
};

// "amazon-linux-2---kernel-5.15".
std::optional<Collection> ParseCollection(std::string_view name) {
  constexpr std::string_view kBefore = "amazon-linux-", kBetween = "---";
  if (!name.starts_with(kBefore)) return std::nullopt;
  name.remove_prefix(kBefore.size());
  Collection collection;
  collection.release = name.substr(0, name.find('-'));
  name.remove_prefix(collection.release.size());
  if (name.starts_with(kBetween)) collection.extra = name.substr(kBetween.size());
  if (collection.extra.empty() && !name.empty()) return std::nullopt;
  if (collection.release == "ami") collection.release = "1";
  if (!std::ranges::all_of(collection.release, IsDigit) || collection.release.empty()) return std::nullopt;
  return collection;
}

// "kernel-5.15" → 5.15, "php8.2" → 8.2; empty for "docker".
std::string_view LineOf(std::string_view extra) {
  const std::size_t last = extra.find_last_not_of("0123456789.");
  std::string_view line = last == std::string_view::npos ? extra : extra.substr(last + 1);
  while (line.starts_with('.')) line.remove_prefix(1);
  while (line.ends_with('.')) line.remove_suffix(1);
  return line;
}

bool IsOfLine(std::string_view version, std::string_view line) {
  return !line.empty() && version.starts_with(line) &&
         (version.size() == line.size() || !IsDigit(version[line.size()]));
}

class Gatherer {
 public:
  Result<void> Take(io::XmlView update, AdvisorySink& sink) {
    const std::string_view id = Trim(update["id"].Text());
    if (!id.starts_with("ALAS") || id.size() > kIdBytesMax)
      return Fail(ErrorKind::kCorrupt, Format("an update named \"{}\"", CleanText(id, 100)));
    std::vector<Package> packages;
    HF_CHECK_OK(TakePackages(update["pkglist"], packages, id, sink));
    HF_TRY(model::Advisory head, Head(id, update));
    if (head.related.empty() && update.Attribute("type") != "security") {
      sink.LeaveOut();
      return {};
    }
    kept_ += packages.size();
    if (kept_ > kPackagesMax) return Fail(ErrorKind::kLimit, Format("more than {} packages", kPackagesMax));
    Subject& subject = subjects_[head.id];
    if (subject.head.id.empty() || head.modified > subject.head.modified) subject.head = std::move(head);
    subject.packages.insert(subject.packages.end(), packages.begin(), packages.end());
    for (const Package& package : packages)
      if (words_.Text(package.extra).empty()) own_.insert({package.release, package.name});
    return {};
  }

  void Give(AdvisorySink& sink) {
    for (auto& [id, subject] : std::exchange(subjects_, {})) {
      AddRows(subject);
      if (subject.head.affected.size() > kRowsMax)
        sink.Problem(Error(ErrorKind::kLimit, Format("{}: more than {} packages", id, kRowsMax)));
      else if (subject.head.affected.empty())
        sink.LeaveOut();
      else
        sink.Add(subject.head);
    }
    own_.clear();
    words_ = {};
    kept_ = 0;
  }

 private:
  struct Package {
    Word release = 0, name = 0, extra = 0, version = 0, architecture = 0;

    friend auto operator<=>(const Package&, const Package&) = default;
  };
  struct Subject {
    model::Advisory head;
    std::vector<Package> packages;
  };

  // A package that cannot be read is a problem, one for each update, and the others are kept.
  Result<void> TakePackages(io::XmlView list, std::vector<Package>& packages, std::string_view id, AdvisorySink& sink) {
    bool told = false;
    for (const io::XmlView collection : list.Named("collection")) {
      const std::string_view name = collection.Attribute("short");
      const auto parsed = ParseCollection(name);
      if (!parsed) return Fail(ErrorKind::kUnsupported, Format("{}: collection \"{}\"", id, CleanText(name, 100)));
      for (const io::XmlView item : collection.Named("package")) {
        if (packages.size() == kRowsMax) return Fail(ErrorKind::kLimit, Format("{}: too many packages", id));
        if (const auto package = PackageOf(item, *parsed)) {
          packages.push_back(*package);
        } else if (!std::exchange(told, true)) {
          const std::string_view broken = item.Attribute("name");
          sink.Problem(Error(ErrorKind::kCorrupt, Format("{}: package \"{}\"", id, CleanText(broken, 100))));
        }
      }
    }
    return {};
  }

  std::optional<Package> PackageOf(io::XmlView item, const Collection& collection) {
    const std::string_view name = item.Attribute("name"), version = item.Attribute("version"),
                           release = item.Attribute("release"), epoch = item.Attribute("epoch"),
                           architecture = item.Attribute("arch");
    if (!IsWord(name) || !IsWord(version) || !IsWord(release) || !IsWord(architecture)) return std::nullopt;
    if (epoch.size() > 10 || !std::ranges::all_of(epoch, IsDigit)) return std::nullopt;
    const std::string evr = Format("{}:{}-{}", epoch.empty() ? "0" : epoch, version, release);
    return Package{words_.Of(collection.release), words_.Of(name), words_.Of(collection.extra), words_.Of(evr),
                   words_.Of(architecture)};
  }

  static Result<model::Advisory> Head(std::string_view id, io::XmlView update) {
    model::Advisory head;
    head.id = id;
    head.source = "amazon";
    head.summary = CleanText(update["title"].Text());
    head.details = Trim(update["description"].Text().substr(0, kTextBytesMax));
    head.severity = model::ParseSeverity(Trim(update["severity"].Text())).value_or(model::Severity::kUnknown);
    head.published = TimeOf(update["issued"].Attribute("date"));
    head.modified = TimeOf(update["updated"].Attribute("date"));
    for (const io::XmlView reference : update["references"].Named("reference")) {
      if (head.references.size() == kReferencesMax)
        return Fail(ErrorKind::kLimit, Format("{}: too many references", id));
      const std::string_view name = reference.Attribute("id");
      const bool cve = name.starts_with("CVE-") && name.size() <= kIdBytesMax;
      if (cve) head.related.emplace_back(name);
      head.references.push_back({"WEB", std::string(reference.Attribute("href"))});
    }
    return head;
  }

  // The least version of the extra's own packages.
  [[nodiscard]] std::string BeginningOf(const Package& package) const {
    const std::string& extra = words_.Text(package.extra);
    if (extra.empty()) return "0";
    std::string_view version = words_.Text(package.version);
    const std::string_view epoch = TakeUntil(version, ':');
    const std::string_view line = LineOf(extra);
    const std::string_view first = version.substr(0, version.find_first_not_of("0123456789"));
    std::string_view beginning;
    if (IsOfLine(version, line))
      beginning = line;
    else if (own_.contains({package.release, package.name}))
      beginning = first;
    if (beginning.empty()) return "0";
    return epoch == "0" ? std::string(beginning) : Format("{}:{}", epoch, beginning);
  }

  // A fix that all architectures share is told once, without any.
  void AddRows(Subject& subject) const {
    std::vector<Package>& packages = subject.packages;
    std::ranges::sort(packages);
    const auto repeated = std::ranges::unique(packages);
    packages.erase(repeated.begin(), repeated.end());
    for (auto first = packages.begin(); first != packages.end();) {
      const auto last = std::find_if(first, packages.end(), [&](const Package& p) {
        return p.release != first->release || p.name != first->name || p.extra != first->extra;
      });
      const bool alike = std::all_of(first, last, [&](const Package& p) { return p.version == first->version; });
      for (auto package = first; package != (alike ? first + 1 : last); ++package)
        subject.head.affected.push_back(Row(*package, !alike));
      first = last;
    }
  }

  [[nodiscard]] model::Affected Row(const Package& package, bool of_architecture) const {
    model::Affected row;
    row.ecosystem = "Amazon Linux";
    row.release = words_.Text(package.release);
    row.package = words_.Text(package.name);
    row.version_scheme = "rpm";
    row.fix_state = model::FixState::kFixed;
    row.ranges.push_back({BeginningOf(package), words_.Text(package.version), std::nullopt});
    if (of_architecture) row.architecture = words_.Text(package.architecture);
    return row;
  }

  Words words_;
  std::map<std::string, Subject> subjects_;
  std::set<std::pair<Word, Word>> own_;  // release and name of the packages of the releases themselves
  std::size_t kept_ = 0;
};

class AmazonProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view Id() const override { return "amazon"; }
  [[nodiscard]] bool Recognises(const Document& document) const override {
    const std::string_view head = document.text.substr(0, kRecognitionBytes);
    return document.notation == Notation::kXml && head.contains("<updates") &&
           head.contains("from=\"linux-security@amazon.com\"");
  }
  [[nodiscard]] Result<void> Read(const Document& document, AdvisorySink& sink) override {
    HF_TRY(const io::XmlDocument xml,
           io::XmlDocument::Parse(document.text, {.bytes_max = kDocumentBytesMax, .nodes_max = kNodesMax}));
    if (xml.Root().Name() != "updates") return Fail(ErrorKind::kCorrupt, "no list of updates");
    std::size_t count = 0;
    for (const io::XmlView update : xml.Root().Named("update")) {
      if (++count > kUpdatesMax) return Fail(ErrorKind::kLimit, "too many updates");
      if (const auto taken = gatherer_.Take(update, sink); !taken) sink.Problem(taken.error());
    }
    return {};
  }
  void Finish(AdvisorySink& sink) override { gatherer_.Give(sink); }

 private:
  Gatherer gatherer_;
};

}  // namespace

std::unique_ptr<Provider> MakeAmazonProvider() { return std::make_unique<AmazonProvider>(); }

}  // namespace holdfast::advisory
