// A file of ubuntu-cve-tracker (README, "Format"): "Key: value" with continued lines that begin with a blank, among
// them "jammy_curl: released (7.81.0-1ubuntu1.10)" and "esm-apps/jammy_curl: needed".
#include <string>
#include <utility>
#include <vector>

#include "advisory/ubuntu/forms.h"
#include "advisory/ubuntu/status.h"
#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kLinesMax = 500'000;
constexpr std::size_t kRecognitionBytes = 4096;
constexpr std::size_t kProblemsMax = 100;

class TrackerFile {
 public:
  explicit TrackerFile(const UbuntuReading& reading) : reading_(reading) {}

  Result<void> Read(std::string_view text) {
    for (std::size_t lines = 0; !text.empty(); ++lines) {
      if (lines == kLinesMax) return Fail(ErrorKind::kLimit, Format("more than {} lines", kLinesMax));
      const std::string_view line = TakeLine(text);
      if (line.empty() || line.starts_with('#')) continue;
      if (line.starts_with(' ') || line.starts_with('\t'))
        Continued(Trim(line));
      else
        Field(line);
    }
    if (problems_ > kProblemsMax)
      reading_.sink.Problem(
          Error(ErrorKind::kUnsupported, Format("{}: {} more lines", CleanText(cve_, 100), problems_ - kProblemsMax)));
    if (statements_.size() > kUbuntuRowsMax || urls_.size() > kUbuntuReferencesMax)
      return Fail(ErrorKind::kLimit, "too many statements or references");
    if (!IsUbuntuCve(cve_)) return Fail(ErrorKind::kCorrupt, "names no CVE");
    model::Advisory about = AboutUbuntuCve(cve_);
    about.details = std::move(description_);
    about.severity = severity_;
    about.published = UbuntuTime(published_);
    for (const std::string_view url : urls_) about.references.push_back({"WEB", std::string(url)});
    return reading_.statements.Add(std::move(about), statements_);
  }

 private:
  void Field(std::string_view line) {
    key_ = TakeUntil(line, ':');
    const std::string_view value = Trim(line);
    if (key_ == "Candidate") cve_ = value;
    if (key_ == "PublicDate") published_ = value;
    if (key_ == "Priority")
      severity_ = model::ParseSeverity(value.substr(0, value.find(' '))).value_or(model::Severity::kUnknown);
    const bool described = key_.starts_with("Patches_") || key_.starts_with("Tags_") || key_.starts_with("Priority_");
    if (const std::size_t mark = key_.find('_'); mark != std::string_view::npos && !described)
      Status(key_.substr(0, mark), key_.substr(mark + 1), value);
  }

  void Continued(std::string_view line) {
    if (key_ == "References" && urls_.size() <= kUbuntuReferencesMax && line.contains("://")) urls_.push_back(line);
    if (key_ == "Description" && description_.size() + line.size() < kUbuntuTextBytesMax)
      description_.append(description_.empty() ? "" : " ").append(line);
  }

  // "jammy", "esm-infra/xenial", and "trusty/esm", which is older than its order.
  void Status(std::string_view where, std::string_view package, std::string_view value) {
    std::string_view codename = where, channel;
    if (const std::size_t slash = where.find('/'); slash != std::string_view::npos) {
      const std::string_view before = where.substr(0, slash), after = where.substr(slash + 1);
      const bool turned = after == "esm";
      codename = turned ? before : after;
      channel = turned ? after : before;
    }
    if (codename == "upstream" || codename == "devel" || codename == "product" || codename == "snap") return;
    if (UbuntuChannelOf(channel) == UbuntuChannel::kOther) return;
    const auto release = UbuntuRelease(codename);
    if (!release || !IsUbuntuPackageName(package)) return Problem(where, "no known release and package");
    const std::string_view status = value.substr(0, value.find(' '));
    std::string_view note = Trim(value.substr(status.size()));
    if (note.starts_with('(') && note.ends_with(')')) note = note.substr(1, note.size() - 2);
    const auto state = StateOfStatus(status, note.starts_with('[') ? std::string_view() : note);
    if (!state) return Problem(where, state.error().Message());
    if (*state && statements_.size() <= kUbuntuRowsMax)
      statements_.push_back(
          {*release, package, !channel.empty() && channel != "security", (*state)->state, (*state)->version});
  }

  void Problem(std::string_view where, std::string_view what) {
    if (++problems_ <= kProblemsMax)
      reading_.sink.Problem(
          Error(ErrorKind::kUnsupported, Format("{}: {}: {}", CleanText(cve_, 100), CleanText(where, 100), what)));
  }

  const UbuntuReading& reading_;
  std::string_view key_, cve_, published_;
  std::string description_;
  model::Severity severity_ = model::Severity::kUnknown;
  std::vector<std::string_view> urls_;
  std::vector<UbuntuStatement> statements_;
  std::size_t problems_ = 0;
};

}  // namespace

bool LooksLikeUbuntuTracker(std::string_view text) {
  const std::string_view head = text.substr(0, kRecognitionBytes);
  const auto has_line = [&](std::string_view start) {
    return head.starts_with(start) || head.contains(Format("\n{}", start));
  };
  return has_line("Candidate: CVE-") && has_line("PublicDate:");
}

Result<void> ReadUbuntuTracker(const Document& document, const UbuntuReading& reading) {
  return TrackerFile(reading).Read(document.text);
}

}  // namespace holdfast::advisory
