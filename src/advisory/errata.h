// Errata of RPM distributions: an erratum names builds, each of which fixes what was before it.
//
// What several documents tell of one erratum (one for each repository, architecture or page) becomes one advisory.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/provider.h"
#include "base/result.h"
#include "model/advisory.h"
#include "model/severity.h"

namespace holdfast::advisory {

inline constexpr std::size_t kErrataBuildsMax = 20'000'000;  // of all documents of a provider: some 4 GB
inline constexpr std::size_t kErratumRowsMax = 200'000;      // of one erratum
inline constexpr std::size_t kErratumCvesMax = 5'000;        // likewise: kernels name hundreds

struct ErratumBuild {
  std::string ecosystem, release;  // as model::Affected
  std::string name;                // of the package
  std::string evr;                 // "1:2.3-4.el9"
  std::string architecture;        // "x86_64", "noarch"; "src": it is a source package
  std::string module_label;        // "nodejs:18"; empty: none, or not stated
  bool published = true;           // false: built, and being tested
};

class Errata {
 public:
  // The head (all but `affected`) that was modified last is kept, with the CVEs of all. kLimit: nothing was added.
  [[nodiscard]] Result<void> Add(model::Advisory head, std::vector<ErratumBuild> builds);

  // Likewise, from that provider; what is no security erratum is left out, and told to the sink.
  [[nodiscard]] Result<void> Take(std::string_view source, model::Advisory head, std::vector<ErratumBuild> builds,
                                  bool security, AdvisorySink& sink);

  // Gives what was gathered, by id, and forgets it. An erratum without a build is left out.
  //
  // A build becomes a row "fixed in", without architecture where all have the same version. Sources are rows of
  // architecture "src", and only of releases of which the erratum names no binary package. One that is being tested is
  // a fix to come: kNotFixed, up to its version. Packages of debugging data are left out.
  void Give(AdvisorySink& sink);

 private:
  struct Key {
    std::string ecosystem, release, name, module_label;
    bool source = false;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Version {
    std::set<std::string> architectures;
    bool published = false;
  };
  struct Erratum {
    model::Advisory head;
    std::set<std::string> cves;
    std::map<Key, std::map<std::string, Version>> packages;  // by version
  };

  static void AddRows(const Key& key, const std::map<std::string, Version>& versions,
                      std::vector<model::Affected>& rows);
  static std::vector<model::Affected> RowsOf(const Erratum& erratum);

  std::map<std::string, Erratum> errata_;
  std::size_t builds_ = 0;
};

// The number behind the beginning: "almalinux-", "almalinux-9-for-x86_64-baseos-rpms" → 9. Empty in another text.
[[nodiscard]] std::string MajorAfter(std::string_view beginning, std::string_view text);

// "1:2.3-4", without an epoch of 0. kCorrupt for a part that is missing, too long, or holds other characters.
[[nodiscard]] Result<std::string> RpmVersionOf(std::string_view epoch, std::string_view version,
                                               std::string_view release);

// Whether it can be the name of a package.
[[nodiscard]] bool IsRpmName(std::string_view text);

struct RpmName {
  std::string_view name, version, release;
};
// "libcap-2.48-7.fc38": name, version and release. kCorrupt for less than these.
[[nodiscard]] Result<RpmName> SplitNvr(std::string_view nvr);

// "nodejs-1:18.18.2-1.el9.x86_64.rpm", or without epoch or ".rpm". kCorrupt as above.
struct RpmFile {
  std::string name, evr, architecture;
};
[[nodiscard]] Result<RpmFile> ParseNevra(std::string_view nevra);

// Adds each CVE that the text names and the list does not hold yet, up to kErratumCvesMax.
void AddCvesOf(std::string_view text, std::vector<std::string>& cves);

// "2023-11-24 17:15:38" (UTC) and "2023-11-24" as RFC 3339; other texts as they are.
[[nodiscard]] std::string ErratumDate(std::string_view text);

// The word of an erratum; "None" says that nobody rated it.
[[nodiscard]] model::Severity ErratumSeverity(std::string_view word);

}  // namespace holdfast::advisory
