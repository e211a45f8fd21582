// The values that a snapshot stores, in wire form (base/wire.h), and their readers, which trust nothing:
// a snapshot may be damaged, or made by somebody else.
//
// Two kinds. The hot record of a package is the list of what advisories say about it, all that deciding
// needs. The cold record of an advisory is what a report tells about it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/advisory.h"
#include "model/affected_view.h"
#include "model/vulnerability_facts.h"

namespace holdfast::advisory {

// One row of a hot record.
[[nodiscard]] std::string EncodeAffectedRow(const model::Advisory& advisory, const model::Affected& affected);
// The hot record made of these rows.
[[nodiscard]] std::string EncodeAffectedRecord(const std::vector<std::string_view>& rows);

using AffectedVisitor = std::function<void(const model::AffectedView&)>;

// Calls `visit` for each row, in stored order; the views live until the visitor returns. kCorrupt when
// the record is damaged, after the rows in front of the damage were visited.
[[nodiscard]] Result<void> VisitAffectedRecord(std::string_view record, const AffectedVisitor& visit);

// The same, with each row as it was before EncodeAffectedRecord.
using AffectedRowVisitor = std::function<void(const model::AffectedView&, std::string_view row)>;
[[nodiscard]] Result<void> VisitAffectedRows(std::string_view record, const AffectedRowVisitor& visit);

// The cold record: everything but `details`, and of the affected packages only ecosystem, release, name and
// symbols.
[[nodiscard]] std::string EncodeAdvisory(const model::Advisory& advisory);
[[nodiscard]] Result<model::Advisory> DecodeAdvisory(std::string_view record);

// Facts by CVE, without the EPSS score, which changes daily and is kept apart, and without the description.
[[nodiscard]] std::string EncodeFacts(const model::VulnerabilityFacts& facts);
// `id` is the key's; the description is left empty.
[[nodiscard]] Result<model::VulnerabilityFacts> DecodeFacts(std::string_view id, std::string_view record);

[[nodiscard]] std::string EncodeEpss(const model::Epss& epss);
[[nodiscard]] Result<model::Epss> DecodeEpss(std::string_view record);

// Without what the key holds: the distribution and the release.
[[nodiscard]] std::string EncodeReleaseLife(const model::ReleaseLife& life);
[[nodiscard]] Result<model::ReleaseLife> DecodeReleaseLife(std::string_view record);

// Short lists of texts, such as the advisories that an alias leads to.
[[nodiscard]] std::string EncodeTexts(const std::vector<std::string>& texts);
[[nodiscard]] Result<std::vector<std::string>> DecodeTexts(std::string_view record);

}  // namespace holdfast::advisory
