// The words of Ubuntu's security tracker (git.launchpad.net/ubuntu-cve-tracker, README), in which all forms of its data
// speak: releases by codename, the channels that fixes come by, the state of a package.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/advisory.h"

namespace holdfast::advisory {

// What an image asks for: a release, and whether what is said of it needs a subscription (Ubuntu Pro, once ESM).
struct UbuntuPlace {
  std::string release;  // "22.04"
  bool pro = false;

  friend bool operator==(const UbuntuPlace&, const UbuntuPlace&) = default;
};

// "jammy" → 22.04; nothing for an unknown codename.
[[nodiscard]] std::optional<std::string_view> UbuntuRelease(std::string_view codename);

enum class UbuntuChannel : std::uint8_t { kBase, kPro, kOther };
// "security", "updates", "" → kBase; "esm-infra", "esm-apps-legacy" → kPro; "fips-updates", "realtime" and so on, whose
// packages are others than the release's, → kOther.
[[nodiscard]] UbuntuChannel UbuntuChannelOf(std::string_view pocket);

// "Ubuntu:22.04:LTS", "Ubuntu:24.10", "Ubuntu:Pro:16.04:LTS"; nothing for those of kOther
// ("Ubuntu:Pro:FIPS:22.04:LTS").
[[nodiscard]] std::optional<UbuntuPlace> PlaceOfEcosystem(std::string_view ecosystem);
// OVAL's "Ubuntu 22.04 LTS", "Ubuntu 22.04 ESM", "Ubuntu Pro 16.04 LTS"; nothing for "Ubuntu Pro FIPS-updates 22.04
// LTS".
[[nodiscard]] std::optional<UbuntuPlace> PlaceOfPlatform(std::string_view platform);

[[nodiscard]] bool IsUbuntuPackageName(std::string_view name);
[[nodiscard]] bool IsUbuntuVersion(std::string_view version);
// "2.5.0-1ubuntu0.1~esm1": only a subscription has such versions.
[[nodiscard]] bool IsProVersion(std::string_view version);

struct UbuntuState {
  model::FixState state = model::FixState::kUnknown;
  std::string_view
      version;  // of kFixed; of kNotFixed, when a fix is made and not published yet; of the text it was read from
};

// A word of the tracker, as "released" or "needs-triage", and its note. Nothing where nothing can be told from it: the
// package does not exist there ("DNE"), or was fixed in no version that is named. kUnsupported for an unknown word.
//
//   released V → fixed          not-affected → not affected     ignored → will not be fixed
//   needed, deferred, active → not fixed        pending V → not fixed, but in V      needs-triage → under investigation
[[nodiscard]] Result<std::optional<UbuntuState>> StateOfStatus(std::string_view status, std::string_view note);

// The sentence that OVAL makes of them: "(CVE-2023-1) curl package in jammy was vulnerable but has been fixed (note:
// '7.81.0-1ubuntu1.10').". What never was affected from a version on is told as fixed in it.
struct UbuntuSentence {
  std::string_view cve;  // empty: not named
  std::string_view package;
  std::optional<UbuntuState> state;  // nothing as above
};
[[nodiscard]] Result<UbuntuSentence> ParseSentence(std::string_view comment);

// "2023-12-18 15:00:00 UTC", "2025-02-05", "2004-10-23T01:17:50" → RFC 3339; empty for another text.
[[nodiscard]] std::string UbuntuTime(std::string_view text);

}  // namespace holdfast::advisory
