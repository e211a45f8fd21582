#include "advisory/ubuntu/status.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace holdfast::advisory {
namespace {

using enum model::FixState;

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kVersionBytesMax = 256;
constexpr std::size_t kToldBytesMax = 100;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// "22.04", "6.06".
bool IsReleaseNumber(std::string_view text) {
  const std::size_t dot = text.find('.');
  return (dot == 1 || dot == 2) && text.size() == dot + 3 &&
         std::ranges::all_of(text, [](char c) { return IsDigit(c) || c == '.'; }) &&
         text.find('.', dot + 1) == text.npos;
}

// "(note: '1.2-3').": what stands between the marks.
std::string_view NoteOf(std::string_view comment) {
  constexpr std::string_view kBefore = "(note: '", kAfter = "')";
  const std::size_t begin = comment.find(kBefore);
  if (begin == std::string_view::npos) return {};
  comment.remove_prefix(begin + kBefore.size());
  const std::size_t end = comment.rfind(kAfter);
  return end == std::string_view::npos ? std::string_view() : comment.substr(0, end);
}

}  // namespace

std::optional<std::string_view> UbuntuRelease(std::string_view codename) {
  // wiki.ubuntu.com/Releases.
  static constexpr auto kReleases = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"warty", "4.10"},     {"hoary", "5.04"},    {"breezy", "5.10"},    {"dapper", "6.06"},    {"edgy", "6.10"},
      {"feisty", "7.04"},    {"gutsy", "7.10"},    {"hardy", "8.04"},     {"intrepid", "8.10"},  {"jaunty", "9.04"},
      {"karmic", "9.10"},    {"lucid", "10.04"},   {"maverick", "10.10"}, {"natty", "11.04"},    {"oneiric", "11.10"},
      {"precise", "12.04"},  {"quantal", "12.10"}, {"raring", "13.04"},   {"saucy", "13.10"},    {"trusty", "14.04"},
      {"utopic", "14.10"},   {"vivid", "15.04"},   {"wily", "15.10"},     {"xenial", "16.04"},   {"yakkety", "16.10"},
      {"zesty", "17.04"},    {"artful", "17.10"},  {"bionic", "18.04"},   {"cosmic", "18.10"},   {"disco", "19.04"},
      {"eoan", "19.10"},     {"focal", "20.04"},   {"groovy", "20.10"},   {"hirsute", "21.04"},  {"impish", "21.10"},
      {"jammy", "22.04"},    {"kinetic", "22.10"}, {"lunar", "23.04"},    {"mantic", "23.10"},   {"noble", "24.04"},
      {"oracular", "24.10"}, {"plucky", "25.04"},  {"questing", "25.10"}, {"resolute", "26.04"},
  });
  const auto* found = std::ranges::find(kReleases, codename, &std::pair<std::string_view, std::string_view>::first);
  if (found == kReleases.end()) return std::nullopt;
  return found->second;
}

UbuntuChannel UbuntuChannelOf(std::string_view pocket) {
  if (pocket.empty() || pocket == "security" || pocket == "updates" || pocket == "release") return UbuntuChannel::kBase;
  if (pocket.starts_with("esm") && !pocket.contains('/')) return UbuntuChannel::kPro;
  return UbuntuChannel::kOther;
}

std::optional<UbuntuPlace> PlaceOfEcosystem(std::string_view ecosystem) {
  UbuntuPlace place;
  if (TakeUntil(ecosystem, ':') != "Ubuntu") return std::nullopt;
  place.pro = ecosystem.starts_with("Pro:");
  if (place.pro) ecosystem.remove_prefix(4);
  place.release = TakeUntil(ecosystem, ':');
  if (!IsReleaseNumber(place.release) || (!ecosystem.empty() && ecosystem != "LTS")) return std::nullopt;
  return place;
}

std::optional<UbuntuPlace> PlaceOfPlatform(std::string_view platform) {
  UbuntuPlace place;
  if (TakeUntil(platform, ' ') != "Ubuntu") return std::nullopt;
  place.pro = platform.starts_with("Pro ");
  if (place.pro) platform.remove_prefix(4);
  place.release = TakeUntil(platform, ' ');
  if (!IsReleaseNumber(place.release)) return std::nullopt;
  if (platform.contains("ESM")) place.pro = true;
  return place;
}

// Debian policy 5.6.1, a little more generously.
bool IsUbuntuPackageName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && (IsLower(name[0]) || IsDigit(name[0])) &&
         std::ranges::all_of(name,
                             [](char c) { return IsLower(c) || IsDigit(c) || std::string_view("+-._").contains(c); });
}

// Debian policy 5.6.12: what a tracker's notes are beside versions begins with no digit, or has blanks.
bool IsUbuntuVersion(std::string_view version) {
  return !version.empty() && version.size() <= kVersionBytesMax && IsDigit(version[0]) &&
         std::ranges::all_of(version, [](char c) {
           return IsLower(c) || IsDigit(c) || (c >= 'A' && c <= 'Z') || std::string_view("+-._~:").contains(c);
         });
}

bool IsProVersion(std::string_view version) { return version.contains("esm"); }

Result<std::optional<UbuntuState>> StateOfStatus(std::string_view status, std::string_view note) {
  const bool versioned = IsUbuntuVersion(note);
  if (status == "DNE" || (status == "released" && !versioned)) return std::nullopt;
  if (status == "released") return UbuntuState{kFixed, note};
  if (status == "not-affected") return UbuntuState{kNotAffected, {}};
  if (status == "ignored") return UbuntuState{kWontFix, {}};
  if (status == "needed" || status == "deferred" || status == "active" || status == "in-progress")
    return UbuntuState{kNotFixed, {}};
  if (status == "pending") return UbuntuState{kNotFixed, versioned ? note : std::string_view()};
  if (status == "needs-triage") return UbuntuState{kUnderInvestigation, {}};
  return Fail(ErrorKind::kUnsupported, Format("unknown status \"{}\"", CleanText(status, kToldBytesMax)));
}

Result<UbuntuSentence> ParseSentence(std::string_view comment) {
  // The longer phrase before one that it contains.
  static constexpr auto kPhrases = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"but has been fixed", "released"},
      {"is related to the CVE in some way and has been fixed", "released"},
      {"and has been fixed, but no release version", "DNE"},
      {"pending publication", "pending"},
      {"decision has been made to defer", "deferred"},
      {"decision has been made to ignore", "ignored"},
      {"needs fixing", "needed"},
      {"may need fixing", "needs-triage"},
      {"is not affected", "not-affected"},
      {"package does not exist", "DNE"},
  });
  const std::string_view whole = comment;
  const auto unknown = [&] {
    return Fail(ErrorKind::kUnsupported, Format("criterion \"{}\"", CleanText(whole, 2 * kToldBytesMax)));
  };
  UbuntuSentence sentence;
  if (comment.starts_with('(')) {
    comment.remove_prefix(1);
    sentence.cve = TakeUntil(comment, ')');
    comment = Trim(comment);
  }
  sentence.package = comment.substr(0, comment.find_first_of(" :"));
  const std::string_view note = NoteOf(comment);
  comment = comment.substr(0, comment.find("(note: "));
  const auto* phrase = std::ranges::find_if(kPhrases, [&](const auto& row) { return comment.contains(row.first); });
  if (phrase == kPhrases.end() || !IsUbuntuPackageName(sentence.package)) return unknown();
  HF_TRY(sentence.state, StateOfStatus(phrase->second, note));
  return sentence;
}

std::string UbuntuTime(std::string_view text) {
  const auto shaped = [](std::string_view part, std::string_view shape) {
    return part.size() == shape.size() && std::equal(part.begin(), part.end(), shape.begin(),
                                                     [](char c, char s) { return s == '0' ? IsDigit(c) : c == s; });
  };
  if (!shaped(text.substr(0, 10), "0000-00-00")) return {};
  const std::string_view time = text.size() > 11 ? text.substr(11, 8) : std::string_view();
  return Format("{}T{}Z", text.substr(0, 10), shaped(time, "00:00:00") ? time : "00:00:00");
}

}  // namespace holdfast::advisory
