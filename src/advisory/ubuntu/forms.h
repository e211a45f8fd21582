// Readers of the forms of Ubuntu's data (which they are: ubuntu.h). Each adds what a document says to `statements`; a
// record that cannot be read is a problem of the sink that names it, and the rest is read.
#pragma once

#include "advisory/provider.h"
#include "advisory/ubuntu/statements.h"
#include "base/result.h"
#include "io/json.h"

namespace holdfast::advisory {

// Bounds of one document; beyond them it is refused as kLimit.
inline constexpr std::size_t kUbuntuRecordsMax = 1'000'000;  // vulnerabilities or notices
inline constexpr std::size_t kUbuntuPackagesMax = 100'000;  // of one record, and statements of one package, products, …
inline constexpr std::size_t kUbuntuTextBytesMax = 64'000;  // of one description
inline constexpr std::size_t kUbuntuIdBytesMax = 64;
inline constexpr std::size_t kUbuntuCriteriaDepthMax = 16;

// One document at a time.
struct UbuntuReading {
  UbuntuStatements& statements;
  AdvisorySink& sink;
};

using UbuntuReader = Result<void> (*)(const Document& document, const UbuntuReading& reading);

[[nodiscard]] Result<void> ReadUbuntuCveOval(const Document& document, const UbuntuReading& reading);
[[nodiscard]] Result<void> ReadUbuntuPackageOval(const Document& document, const UbuntuReading& reading);
[[nodiscard]] Result<void> ReadUbuntuNoticeOval(const Document& document, const UbuntuReading& reading);

// Which of the JSON forms it is; nullptr for another document.
[[nodiscard]] UbuntuReader FindUbuntuJsonReader(io::JsonView root);

// A file of the tracker itself, active/CVE-2024-1.
[[nodiscard]] bool LooksLikeUbuntuTracker(std::string_view text);
[[nodiscard]] Result<void> ReadUbuntuTracker(const Document& document, const UbuntuReading& reading);

// "CVE-2024-1" and nothing longer than an id.
[[nodiscard]] bool IsUbuntuCve(std::string_view id);
// The head of the advisory about a vulnerability, and about a notice ("USN-1-1").
[[nodiscard]] model::Advisory AboutUbuntuCve(std::string_view cve);
[[nodiscard]] model::Advisory AboutUbuntuNotice(std::string_view id);
// "CVSS:3.1/AV:N/…"; nothing is added for another text.
void AddUbuntuCvss(std::string_view vector, std::string_view source, model::Advisory& about);

}  // namespace holdfast::advisory
