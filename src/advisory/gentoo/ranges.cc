// "1.2_p" is above all revisions of 1.2, and nothing else is between (Gentoo Package Manager Specification,
// section 3.3): suffixes are compared before revisions, and after numbers and letters.

#include <algorithm>

#include "advisory/gentoo/gentoo.h"
#include "base/format.h"
#include "base/text.h"
#include "version/scheme.h"

namespace holdfast::advisory {
namespace {

constexpr std::size_t kDigitsMax = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

const version::Scheme& PortageScheme() {
  static constexpr std::string_view kScheme = "portage";
  return *version::FindScheme(kScheme);
}

std::string_view WithoutRevision(std::string_view version) { return version.substr(0, version.rfind("-r")); }

// "3.9" → "3.10": the number after a version's numbers.
std::string NextNumbers(std::string_view numbers) {
  const std::size_t start = numbers.rfind('.') == std::string_view::npos ? 0 : numbers.rfind('.') + 1;
  std::string next(numbers);
  for (std::size_t i = next.size(); i-- > start;) {
    if (next[i] != '9') {
      ++next[i];
      return next;
    }
    next[i] = '0';
  }
  return Format("{}1{}", next.substr(0, start), next.substr(start));
}

// Numbers between dots.
bool AreNumbers(std::string_view text) {
  if (text.empty() || text.size() > kVersionBytesMax) return false;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (part.empty() || part.size() > kDigitsMax || !std::ranges::all_of(part, IsDigit)) return false;
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
  return false;
}

// All versions that begin with these numbers. Pre-releases count to what is before them, so that both ends are versions
// that may exist, and can be told to people.
Interval Beginning(std::string_view numbers) {
  return {.from = Bound{std::string(numbers), true}, .to = Bound{NextNumbers(numbers), false}};
}

// Slot 0 is that of all packages that have one only.
bool NamesItsVersions(std::string_view slot, std::string_view version) {
  return AreNumbers(slot) && slot != "0" && version.starts_with(slot) &&
         (version.size() == slot.size() || !IsDigit(version[slot.size()]));
}

Result<Interval> OfWord(std::string_view word, std::string_view version) {
  const std::string base(WithoutRevision(version));
  const Bound inclusive{std::string(version), true}, exclusive{std::string(version), false};
  const Bound first{base, true}, beyond{Format("{}_p", base), false};
  if (word == "lt") return Interval{.from = {}, .to = exclusive};
  if (word == "le") return Interval{.from = {}, .to = inclusive};
  if (word == "eq") return Interval{.from = inclusive, .to = inclusive};
  // "0" is no version, but where versions begin.
  if (word == "ge") return version == "0" ? Interval{} : Interval{.from = inclusive, .to = {}};
  if (word == "gt") return Interval{.from = exclusive, .to = {}};
  if (word == "rlt") return Interval{.from = first, .to = exclusive};
  if (word == "rle") return Interval{.from = first, .to = inclusive};
  if (word == "rge") return Interval{.from = inclusive, .to = beyond};
  if (word == "rgt") return Interval{.from = exclusive, .to = beyond};
  return Fail(ErrorKind::kUnsupported, Format("a range \"{}\"", CleanText(word, 50)));
}

}  // namespace

Result<Interval> GentooInterval(std::string_view word, std::string_view version, std::string_view slot) {
  if (version == "*" && word == "eq") return Interval{};
  if (version.ends_with('*')) {
    std::string_view numbers = version.substr(0, version.size() - 1);
    if (numbers.ends_with('.')) numbers.remove_suffix(1);
    if (word != "eq" || !AreNumbers(numbers))
      return Fail(ErrorKind::kUnsupported, Format("{} {}", CleanText(word, 50), CleanText(version, 100)));
    return Beginning(numbers);
  }
  const bool readable = version.size() <= kVersionBytesMax && version::Compare(PortageScheme(), version, version);
  if (!readable) return Fail(ErrorKind::kCorrupt, Format("\"{}\" is no version", CleanText(version, 100)));
  HF_TRY(Interval interval, OfWord(word, version));
  slot = slot.substr(0, slot.find('/'));
  if (NamesItsVersions(slot, version)) HF_CHECK_OK(Narrow(interval, Beginning(slot), PortageScheme()));
  return interval;
}

std::string GentooSuccessor(std::string_view version) {
  const std::string_view base = WithoutRevision(version);
  if (base.size() == version.size()) return Format("{}-r1", version);
  const std::string_view revision = version.substr(base.size() + 2);
  return Format("{}-r{}", base, NextNumbers(revision));
}

}  // namespace holdfast::advisory
